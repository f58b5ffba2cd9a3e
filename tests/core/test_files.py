"""A file is whole or absent."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core import files


def test_the_old_content_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail_half_way() -> None:
        with files.replaced_when_whole(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail_half_way()

    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_folders_are_made_and_the_umask_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    before = os.umask(0o027)
    try:
        files.write_text(path, "ü")
    finally:
        os.umask(before)

    assert path.read_text(encoding="utf-8") == "ü"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
