"""Tables of too many columns are refused, most of them before anything is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pydantic
import pytest

from components.example_gen.inspection import inspect_source
from components.example_gen.settings import IngestionSettings
from components.example_gen.sources import base_and_pattern, find_files
from components.example_gen.writing.planning import make_plan
from core.errors import DataError
from tests.components.example_gen.same_table import (
    FORMATS,
    as_csv,
    as_json_lines,
    as_parquet,
    as_tfrecord,
)


def _file(folder: Path, suffix: str, columns: int) -> Path:
    path = folder / f"wide.{suffix}"
    path.write_bytes(FORMATS[suffix]({f"column {i}": [i, 2] for i in range(columns)}))
    return path


def _plan(path: Path, **chosen: Any) -> int:
    settings = IngestionSettings(**chosen)
    files = find_files(*base_and_pattern(path, settings), settings)
    return len(make_plan(files, settings, [1], Path("unused")).types)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("most", [1, 20, 300])
def test_one_column_more_than_allowed_is_refused(tmp_path: Path, suffix: str, most: int) -> None:
    assert _plan(_file(tmp_path, suffix, most), max_columns=most) == most
    path = _file(tmp_path, suffix, most + 1)
    for look in (
        lambda: _plan(path, max_columns=most),
        lambda: inspect_source(path, IngestionSettings(max_columns=most)),
    ):
        with pytest.raises(DataError, match=f"more than {most} columns") as caught:
            look()
        assert caught.value.code == "too-many-columns"


@pytest.mark.parametrize(
    "content",
    [
        as_csv({f"column {i}": [1] for i in range(60_000)}),
        as_csv({f"column {i}": [1] for i in range(60_000)}).replace(b",", b";"),
        as_json_lines({f"column {i}": [1] for i in range(60_000)}),
        as_parquet({f"c{i}": [1] for i in range(10_001)}),
        as_tfrecord({f"c{i}": [1] for i in range(10_001)}),
    ],
    ids=["csv", "semicolons", "json", "parquet", "tfrecord"],
)
def test_many_columns_are_seen_before_a_reader_is_asked(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "wide").write_bytes(content)
    settings = IngestionSettings()
    with pytest.raises(DataError, match="more than 10,000 columns"):
        find_files(*base_and_pattern(tmp_path, settings), settings)


@pytest.mark.parametrize(
    "content",
    [
        b'id,text\n1,"' + b"a,b;c|d\t" * 20_000 + b'"\n',
        b'id,"' + b"a,b;c|d\t" * 20_000 + b'"\n1,2\n',
        json.dumps({"id": 1, "text": json.dumps({str(i): i for i in range(20_000)})}).encode(),
    ],
)
def test_delimiters_within_a_text_are_no_columns(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "long").write_bytes(content)
    assert _plan(tmp_path / "long") == 2


def test_the_folders_columns_count(tmp_path: Path) -> None:
    (tmp_path / "k=1").mkdir()
    _file(tmp_path / "k=1", "csv", 5)
    assert _plan(tmp_path, max_columns=6) == 6
    with pytest.raises(DataError, match="more than 5 columns"):
        _plan(tmp_path, max_columns=5)


@pytest.mark.parametrize("most", [0, 20_001, 50_000])
def test_the_bound_itself_is_bounded(most: int) -> None:
    with pytest.raises(pydantic.ValidationError):
        IngestionSettings(max_columns=most)
