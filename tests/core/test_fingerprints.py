"""Files are told apart by every byte, wherever their folder lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import fingerprints
from core.fingerprints import content_digest


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "_PART_BYTES", 1000)
    monkeypatch.setattr(fingerprints, "_BLOCK_BYTES", 300)


def _written(folder: Path, **contents: bytes) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


@pytest.mark.parametrize("place", [0, 299, 300, 999, 1000, 2499])
def test_a_byte_anywhere_counts(tmp_path: Path, place: int) -> None:
    before = content_digest(_written(tmp_path, one=bytes(2500), two=b"2"), tmp_path)
    changed = bytearray(2500)
    changed[place] = 1
    assert content_digest(_written(tmp_path, one=bytes(changed), two=b"2"), tmp_path) != before


def test_the_order_in_which_files_are_listed_and_their_folder_do_not_count(tmp_path: Path) -> None:
    one = _written(tmp_path / "here", a=b"1", b=b"2" * 1500, c=b"")
    other = _written(tmp_path / "elsewhere" / "deeper", a=b"1", b=b"2" * 1500, c=b"")
    digest = content_digest(one, tmp_path / "here")
    assert content_digest(one[::-1], tmp_path / "here") == digest
    assert content_digest(other, tmp_path / "elsewhere" / "deeper") == digest


@pytest.mark.parametrize(
    "contents",
    [
        {"a": b"12", "b": b""},
        {"a": b"", "b": b"12"},
        {"a": b"2", "b": b"1"},
        {"a": b"1", "c": b"2"},
        {"a": b"1"},
    ],
)
def test_names_and_the_ends_of_files_count(tmp_path: Path, contents: dict[str, bytes]) -> None:
    before = content_digest(_written(tmp_path / "1", a=b"1", b=b"2"), tmp_path / "1")
    assert content_digest(_written(tmp_path / "2", **contents), tmp_path / "2") != before


def test_no_files_and_names_that_are_no_text_have_a_digest(tmp_path: Path) -> None:
    odd = Path(tmp_path, b"caf\xe9.csv".decode("utf-8", "surrogateescape"))
    odd.write_bytes(b"1")
    assert content_digest([], tmp_path) != content_digest([odd], tmp_path)
