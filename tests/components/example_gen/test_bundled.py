"""Bundled data are known by a record and their bytes, wherever they lie."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from components.example_gen.bundled import bundled_name, has_record, write_record
from components.example_gen.settings import IngestionSettings
from components.example_gen.sources import base_and_pattern, find_files


def _name(path: Path) -> str:
    settings = IngestionSettings()
    return bundled_name(find_files(*base_and_pattern(path, settings), settings))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A file of bundled data."""
    path = tmp_path / "made" / "data.csv"
    path.parent.mkdir()
    path.write_text("a,b\n1,2\n")
    write_record(path, "trips")
    return path


def test_bundled_data_are_known_as_a_file_as_a_folder_and_as_a_copy(
    made: Path, tmp_path: Path
) -> None:
    assert has_record(made)
    shutil.copytree(made.parent, tmp_path / "copy")
    for path in (made, made.parent, made.parent / "*.csv", tmp_path / "copy"):
        assert _name(path) == "trips"


def test_what_was_changed_or_lies_beside_is_bundled_no_more(made: Path) -> None:
    own = made.with_name("own.csv")
    own.write_bytes(made.read_bytes())
    assert _name(own) == ""
    assert _name(made.parent) == ""
    own.unlink()
    made.write_text("a,b\n1,3\n")
    assert _name(made) == ""


@pytest.mark.parametrize("record", ["", "{", "[]", "{}", "null", '{"name": "trips"}'])
def test_a_broken_record_says_nothing(made: Path, record: str) -> None:
    made.with_name(".bundled.json").write_text(record)
    assert _name(made) == ""


def test_a_file_without_a_record_is_somebodys_own(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    assert not has_record(path)
    path.write_text("a\n1\n")
    assert not has_record(path)
    assert _name(path) == ""
