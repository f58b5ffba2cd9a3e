"""From what a person types to a folder and a pattern, and from these to files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from components.example_gen.settings import IngestionSettings, SourceFormat
from components.example_gen.sources import base_and_pattern, find_files, input_for_path
from core.errors import DataError, UserError


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("id\n1\n")


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["a.csv", "notes.md"], "*.csv"),
        (["a.csv", "b.csv.gz"], "*.csv*"),
        (["a.parquet", "_SUCCESS"], "*.parquet"),
        (["part-0", "part-1"], "*"),
        (["a.tsv"], "*.tsv"),
    ],
)
def test_a_folder_is_read_by_what_lies_in_it(tmp_path: Path, names: list, pattern: str) -> None:
    _touch(tmp_path, *names)
    assert base_and_pattern(tmp_path) == (str(tmp_path), pattern)


def test_the_format_chooses_among_mixed_files(tmp_path: Path) -> None:
    _touch(tmp_path, "a.csv", "a.parquet")
    settings = IngestionSettings(format=SourceFormat.PARQUET)
    assert base_and_pattern(tmp_path, settings)[1] == "*.parquet"
    with pytest.raises(UserError, match="both CSV and Parquet"):
        base_and_pattern(tmp_path)


def test_one_file_is_taken_even_where_its_name_looks_like_a_pattern(tmp_path: Path) -> None:
    _touch(tmp_path, "a[1].csv", "a1.csv")
    base, pattern = base_and_pattern(tmp_path / "a[1].csv")
    [found] = find_files(base, pattern, IngestionSettings())
    assert found.path == str(tmp_path / "a[1].csv")


def test_a_pattern_begins_at_its_first_special_part(tmp_path: Path) -> None:
    _touch(tmp_path, "x/2024/a.csv")
    assert base_and_pattern(tmp_path / "x" / "20*" / "*.csv") == (str(tmp_path / "x"), "20*/*.csv")
    spans = base_and_pattern(tmp_path / "x" / "{SPAN}" / "a.csv")
    assert spans == (str(tmp_path / "x"), "{SPAN}/a.csv")
    assert base_and_pattern(tmp_path, pattern="span-{SPAN}/*")[1] == "span-{SPAN}/*"


def test_a_remote_path_is_split_without_being_looked_at() -> None:
    assert base_and_pattern("gs://bucket/trips/*.csv") == ("gs://bucket/trips", "*.csv")
    assert base_and_pattern("gs://bucket/trips/") == ("gs://bucket/trips", "*")
    assert base_and_pattern("gs://bucket/a.csv") == ("gs://bucket", "a.csv")


def test_tfx_gets_one_input_split(tmp_path: Path) -> None:
    _touch(tmp_path, "a.csv")
    base, config = input_for_path(tmp_path)
    assert base == str(tmp_path)
    assert [(split.name, split.pattern) for split in config.splits] == [("single_split", "*.csv")]


def test_files_come_in_the_order_of_their_names_without_other_programs_marks(
    tmp_path: Path,
) -> None:
    _touch(tmp_path, "b.csv", "a.csv", "_SUCCESS", ".hidden.csv", "deep/c.csv")
    found = find_files(str(tmp_path), "*", IngestionSettings())
    assert [Path(source.path).name for source in found] == ["a.csv", "b.csv"]


def test_gzip_is_seen_by_the_bytes_not_by_the_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(gzip.compress(b"id\n1\n"))
    [source] = find_files(str(tmp_path), "*", IngestionSettings())
    assert source.gzipped
    assert source.open().read() == b"id\n1\n"


def test_a_parquet_file_where_csv_is_configured(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"PAR1....")
    with pytest.raises(DataError, match=r"a\.csv is a Parquet file, not CSV"):
        find_files(str(tmp_path), "*", IngestionSettings(format=SourceFormat.CSV))


@pytest.mark.parametrize(
    ("names", "pattern", "latest"),
    [
        (["s-2/a.csv", "s-10/a.csv", "s-10/b.csv"], "s-{SPAN}/*", ["s-10/a.csv", "s-10/b.csv"]),
        (["03/v1/a", "03/v2/a", "02/v9/a"], "{SPAN:2}/v{VERSION}/*", ["03/v2/a"]),
        (["31-12-2023.csv", "01-02-2024.csv"], "{DD}-{MM}-{YYYY}.csv", ["01-02-2024.csv"]),
    ],
)
def test_the_latest_span_is_looked_at(
    tmp_path: Path, names: list[str], pattern: str, latest: list[str]
) -> None:
    _touch(tmp_path, *names)
    found = find_files(str(tmp_path), pattern, IngestionSettings())
    assert [source.path for source in found] == [str(tmp_path / name) for name in latest]


def test_a_span_that_no_file_has(tmp_path: Path) -> None:
    _touch(tmp_path, "span-x/a.csv")
    with pytest.raises(DataError, match="finds no span"):
        find_files(str(tmp_path), "span-{SPAN}/*", IngestionSettings())


@pytest.mark.parametrize(
    "path", ["sqlite:///trips.db", "mysql://u:hunter2@h/d", "bigquery://my-project/a.b"]
)
def test_a_database_is_no_folder_of_files(path: str) -> None:
    with pytest.raises(UserError) as caught:
        find_files(*base_and_pattern(path), IngestionSettings())
    assert caught.value.code == "database-not-files"
    assert "hunter2" not in str(caught.value)
