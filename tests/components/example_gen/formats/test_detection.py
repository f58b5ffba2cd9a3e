"""What a file is, by its first bytes, its name and the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from components.example_gen.formats.detection import identify
from components.example_gen.settings import SourceFormat
from components.example_gen.sources import base_and_pattern
from core.errors import DataError, UserError
from tests.components.example_gen.same_table import FORMATS, as_avro, zipped

Write = Callable[..., Path]
_TABLE = {"id": [1, 2, 3], "name": ["a", None, "c"]}


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_tells_its_format_whatever_its_name(write: Write, suffix: str) -> None:
    folder = write(FORMATS[suffix](_TABLE), "data")
    found = identify(str(folder / "data"), SourceFormat.AUTO)
    kind, _, gzipped = suffix.partition(".")
    assert (found.format.value, found.gzipped) == (kind, gzipped == "gz")


@pytest.mark.parametrize("kind", ["parquet", "avro", "tfrecord", "jsonl"])
def test_a_file_that_lost_its_first_bytes_is_what_its_name_says(write: Write, kind: str) -> None:
    path = write(b"x" + FORMATS[kind](_TABLE), f"data.{kind}") / f"data.{kind}"
    assert identify(str(path), SourceFormat.AUTO).format is SourceFormat(kind)


def test_a_wish_that_the_bytes_contradict(write: Write) -> None:
    path = write(as_avro(_TABLE), "data.csv") / "data.csv"
    with pytest.raises(DataError, match=r"data\.csv is an Avro file, not JSON lines") as caught:
        identify(str(path), SourceFormat.JSONL)
    assert caught.value.hint == "set `format: avro`, or auto"


def test_gzip_around_a_format_that_compresses_itself(write: Write) -> None:
    path = write(zipped(as_avro(_TABLE)), "data.avro.gz") / "data.avro.gz"
    with pytest.raises(DataError, match="is an Avro file inside gzip"):
        identify(str(path), SourceFormat.AUTO)


def test_a_description_beside_the_data_is_no_other_format(write: Write) -> None:
    write(b'{"title": "trips"}', "about.json")
    folder = write(FORMATS["csv"](_TABLE))
    assert base_and_pattern(folder) == (str(folder), "*.csv")


def test_a_folder_of_three_formats_asks_for_a_choice(write: Write) -> None:
    for suffix in ("csv", "avro", "jsonl"):
        folder = write(FORMATS[suffix](_TABLE), f"data.{suffix}")
    with pytest.raises(UserError, match="holds CSV and Avro and JSON lines files"):
        base_and_pattern(folder)
