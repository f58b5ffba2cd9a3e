"""Files appear together or not at all, and none is replaced unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InfrastructureError, UserError
from onboarding.writing import check_free, write_together


def _everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_all_files_are_written_with_their_folders(tmp_path: Path) -> None:
    texts = {tmp_path / "a" / "b" / "one": "1", tmp_path / "two": "ü"}

    write_together(texts)

    assert {path: path.read_text(encoding="utf-8") for path in texts} == texts
    assert _everything(tmp_path) == ["a", "a/b", "a/b/one", "two"]


def test_after_a_failure_everything_is_as_before(tmp_path: Path) -> None:
    old, taken = tmp_path / "old", tmp_path / "taken"
    old.write_text("before")
    # A folder cannot be replaced by a file, which shows only when the first is written.
    (tmp_path / "further").mkdir()
    texts = {tmp_path / "new" / "one": "1", old: "after", taken: "x", tmp_path / "further": "y"}

    with pytest.raises(InfrastructureError) as error:
        write_together(texts)

    assert error.value.code == "unwritable-file"
    assert old.read_text() == "before"
    assert _everything(tmp_path) == ["further", "old"]


def test_files_that_exist_are_named_and_only_replaced_when_asked(tmp_path: Path) -> None:
    there, free = tmp_path / "there", tmp_path / "free"
    there.write_text("mine")

    with pytest.raises(UserError) as error:
        check_free([there, free], force=False)
    check_free([there, free], force=True)

    assert error.value.evidence == (str(there),)
    assert "--force" in error.value.hint


def test_a_folder_in_the_place_of_a_file_is_refused_even_with_force(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        check_free([tmp_path], force=True)
