"""Columns that lie in the names of folders, for every format and every way to read."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import strategies as st

from components.example_gen.batches import convert_rows, read_batches
from components.example_gen.inspection import inspect_source
from components.example_gen.settings import ColumnType, IngestionSettings
from components.example_gen.sources import base_and_pattern, find_files
from components.example_gen.writing.planning import make_plan
from core.errors import DataError, UserError
from tests.components.example_gen.same_table import FORMATS, as_csv, as_parquet

_ROWS = {"id": [1, 2, 3], "name": ["a", None, "c"]}
INTEGER, FLOAT, TEXT = ColumnType.INTEGER, ColumnType.FLOAT, ColumnType.TEXT


def _write(
    table: Path, folders: Sequence[str], suffix: str = "csv", rows: Mapping[str, Any] = _ROWS
) -> Path:
    for folder in folders:
        place = table / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / f"part-0.{suffix}").write_bytes(FORMATS[suffix](rows))
    return table


def _read(path: Path | str, **settings: Any) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The types of a table, and its values by column."""
    chosen = IngestionSettings.model_validate(settings)
    files = find_files(*base_and_pattern(path, chosen), chosen)
    plan = make_plan(files, chosen, [1], Path("unused"))
    values: dict[str, list[Any]] = {name: [] for name in plan.types}
    for source in files:
        for raw in read_batches(source, list(plan.types), chosen):
            rows = convert_rows(raw, plan.types, chosen)
            assert not rows.rejects
            for name, column in rows.columns.items():
                values[name] += [_text(value) for value in column.rows().to_pylist()]
    return plan.types, values


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("suffix", FORMATS)
def test_folders_are_columns_in_every_format(tmp_path: Path, suffix: str) -> None:
    table = _write(tmp_path / "t", ["region=north/year=2023", "region=south/year=2024"], suffix)

    for path in (table, table / "region=*/year=*/*", table / "**/*", f"{table}/*/*/*.{suffix}"):
        types, values = _read(path)
        assert types == {"id": INTEGER, "name": TEXT, "region": TEXT, "year": INTEGER}
        assert values["id"] == [1, 2, 3] * 2
        assert values["region"] == ["north"] * 3 + ["south"] * 3
        assert values["year"] == [2023] * 3 + [2024] * 3


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_quick_look_shows_the_same_columns(tmp_path: Path, suffix: str) -> None:
    table = _write(tmp_path / "t", ["share=0.5", "share=1"], suffix)

    found = inspect_source(table, columns=["share"])

    assert {c.name: c.type for c in found.columns} == {"id": INTEGER, "name": TEXT, "share": FLOAT}
    assert found.first_rows[0]["share"] == "0.5"


@pytest.mark.parametrize(
    ("folders", "kind", "values"),
    [
        (["k=1", "k=20", "k=-3"], INTEGER, [-3, 1, 20]),
        (["k=1", "k=2.5", "k=1e3"], FLOAT, [1, 1000, 2.5]),
        (["k=1", "k=two", "k=3"], TEXT, ["1", "3", "two"]),
        (["k=2024-01-01", "k=2024-01-02"], TEXT, ["2024-01-01", "2024-01-02"]),
        (["k=01970", "k=94103"], TEXT, ["01970", "94103"]),
        (["k=01", "k=02", "k=12"], TEXT, ["01", "02", "12"]),
        (["k=7", "k=__HIVE_DEFAULT_PARTITION__"], INTEGER, [7, None]),
        (["k=", "k=x"], TEXT, [None, "x"]),
        (["k=__HIVE_DEFAULT_PARTITION__"], None, [None]),
        (["k=a%2Fb %3D c", "k=é=ö"], TEXT, ["a/b = c", "é=ö"]),
    ],
)
def test_values_are_typed_over_all_folders(
    tmp_path: Path, folders: list[str], kind: Any, values: list[Any]
) -> None:
    for suffix in ("csv", "parquet", "jsonl"):
        types, found = _read(_write(tmp_path / suffix, folders, suffix))
        assert types["k"] is kind
        assert sorted(set(found["k"]), key=str) == sorted(values, key=str)


def test_names_are_decoded_as_values_are(tmp_path: Path) -> None:
    assert "sales region" in _read(_write(tmp_path / "t", ["sales%20region=x"]))[0]


@pytest.mark.parametrize(
    ("kind", "value"), [("text", "2024"), ("float", 2024.0), ("integer", 2024)]
)
@pytest.mark.parametrize("suffix", ["csv", "parquet", "tfrecord"])
def test_the_configuration_fixes_the_type_of_a_folders_column(
    tmp_path: Path, suffix: str, kind: str, value: Any
) -> None:
    table = _write(tmp_path / "t", ["year=2024"], suffix)

    types, values = _read(table, columns={"year": kind})

    assert types["year"].value == kind
    assert values["year"] == [value] * 3


def test_a_folder_that_is_not_of_the_fixed_type_is_refused(tmp_path: Path) -> None:
    table = _write(tmp_path / "t", ["year=soon"])
    with pytest.raises(DataError, match="soon"):
        _read(table, columns={"year": "integer"})


@pytest.mark.parametrize("off", [False, "off"])
@pytest.mark.parametrize("suffix", ["csv", "avro", "jsonl"])
def test_partitions_can_be_switched_off(tmp_path: Path, suffix: str, off: Any) -> None:
    table = _write(tmp_path / "t", ["region=north", "region=south"], suffix)
    assert list(_read(table / "*/*", partitions=off)[0]) == ["id", "name"]
    with pytest.raises(DataError, match="no data files"):
        _read(table, partitions=off)


def test_only_folders_that_the_path_leaves_open_are_columns(tmp_path: Path) -> None:
    table = _write(tmp_path / "run=5", ["region=north/day=1", "region=south/day=1"])

    for path, keys in {
        table: ["region", "day"],
        table / "region=*/day=1/*.csv": ["region"],
        table / "region=north": ["day"],
        table / "region=north/day=*/*.csv": ["day"],
        table / "*/day=*/*.csv": ["region", "day"],
        table / "region=north/day=1/part-0.csv": [],
    }.items():
        assert list(_read(path)[0])[2:] == keys


@pytest.mark.parametrize(
    ("pattern", "folders", "keys"),
    [
        ("span-{SPAN}/region=*/*.csv", ["span-1/region=a", "span-2/region=b"], ["region"]),
        ("dt={YYYY}-{MM}-{DD}/*.csv", ["dt=2024-03-01", "dt=2024-03-02"], []),
        ("year={YYYY}/m={MM}/d={DD}/k=*/*.csv", ["year=2024/m=03/d=01/k=v"], ["k"]),
    ],
)
def test_the_folder_of_a_span_is_no_column(
    tmp_path: Path, pattern: str, folders: list[str], keys: list[str]
) -> None:
    table = _write(tmp_path / "t", folders)
    assert list(_read(table / pattern)[0])[2:] == keys


_DAY = pa.array([19723], pa.date32())  # 2024-01-01


@pytest.mark.parametrize(
    ("folder", "values"),
    [
        ("k=north", pa.array(["north"])),
        ("k=north", pa.array([None], pa.string())),
        ("k=2024", pa.array([2024])),
        ("k=01970", pa.array([1970])),
        ("k=2.50", pa.array([2.5])),
        ("k=2024-01-01", _DAY),
    ],
)
def test_a_key_may_stand_in_the_file_with_the_same_value(
    tmp_path: Path, folder: str, values: pa.Array
) -> None:
    place = tmp_path / folder
    place.mkdir()
    pyarrow.parquet.write_table(pa.table({"id": [1], "k": values}), place / "a.parquet")

    types, found = _read(tmp_path)

    assert list(types) == ["id", "k"]
    assert str(found["k"][0]) in folder


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(("folder", "value"), [("k=a", "b"), ("k=1", 2), ("k=", "x")])
def test_a_key_that_has_other_values_in_the_file_is_refused(
    tmp_path: Path, suffix: str, folder: str, value: Any
) -> None:
    same = folder.partition("=")[2] or None
    first = same if isinstance(value, str) or same is None else int(same)
    rows = {"id": [1, 2, 3], "k": [first, first, value]}
    table = _write(tmp_path / "t", [folder], suffix, rows)

    with pytest.raises(DataError, match="column 'k' of part-0") as caught:
        _read(table)

    assert caught.value.code == "partition-conflict"
    row = 4 if suffix == "csv" else 3
    assert f"row {row}: {str(value)!r}" in caught.value.evidence[0].replace(" 2", " '2'")
    assert _read(table / "*/*", partitions="off")[1]["k"][2] == value


@pytest.mark.parametrize(
    ("folders", "pattern"),
    [
        (["region=north", "area=south"], "*/*.csv"),
        (["region=north/day=1", "region=south"], "**/*.csv"),
        (["region=north", "plain"], "*/*.csv"),
        (["region=north", ""], "**/*.csv"),
    ],
)
def test_files_of_different_keys_are_refused_naming_two_files(
    tmp_path: Path, folders: list[str], pattern: str
) -> None:
    table = _write(tmp_path / "t", folders)
    for path in (table, table / pattern):
        with pytest.raises(DataError, match="different partition keys") as caught:
            _read(path)
        assert all("part-0.csv" in line for line in caught.value.evidence[:2])


def test_a_key_twice_in_a_path_is_refused_unless_it_says_the_same(tmp_path: Path) -> None:
    assert _read(_write(tmp_path / "same", ["k=1/k=1"]))[1]["k"] == [1, 1, 1]
    with pytest.raises(DataError, match="'k' stands twice"):
        _read(_write(tmp_path / "other", ["k=1/k=2"]))


@pytest.mark.parametrize("name", ["k=%FF", "%C3=x", "k=%ED%A0%80"])
def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="not UTF-8"):
        _read(_write(tmp_path / "t", [name]))


def test_marks_of_other_programs_are_no_data(tmp_path: Path) -> None:
    table = _write(tmp_path / "t", ["k=1", "k=2", "_delta_log", ".tmp/k=3"], "parquet")
    (table / "_SUCCESS").touch()
    (table / "README.md").write_text("about")
    assert sorted(set(_read(table)[1]["k"])) == [1, 2]


def test_a_folders_column_can_decide_the_split(tmp_path: Path) -> None:
    table = _write(tmp_path / "t", [f"day=2024-01-{day:02}" for day in range(1, 10)])
    by_time = {"method": "time", "time_column": "day"}
    assert _read(table, split=by_time)[0]["day"] is TEXT
    assert _read(table, split={"key": "day"})[0]["day"] is TEXT
    with pytest.raises(UserError, match="dya"):
        _read(table, split={"key": "dya"})


def test_a_link_adds_no_rows_and_the_real_folder_names_them(tmp_path: Path) -> None:
    table = _write(tmp_path / "t", ["day=1", "day=2"])
    (table / "day=latest").symlink_to(table / "day=2")
    (table / "day=1" / "loop").symlink_to(table)

    for path in (table, table / "*/*.csv", table / "**/*.csv"):
        assert _read(path)[1]["day"] == [1] * 3 + [2] * 3


def test_folders_that_are_links_to_elsewhere_are_read(tmp_path: Path) -> None:
    stored = _write(tmp_path / "stored", ["one", "two"])
    (tmp_path / "t").mkdir()
    for day, name in enumerate(("one", "two")):
        (tmp_path / "t" / f"day={day}").symlink_to(stored / name)

    assert _read(tmp_path / "t")[1]["day"] == [0] * 3 + [1] * 3


@pytest.mark.parametrize("pattern", ["*/*.csv", "**/*.csv", "day=*/part-*"])
def test_one_file_in_two_folders_of_different_values_is_refused(
    tmp_path: Path, pattern: str
) -> None:
    table = _write(tmp_path / "t", ["day=1"])
    (table / "day=2").mkdir()
    os.link(table / "day=1" / "part-0.csv", table / "day=2" / "part-0.csv")

    with pytest.raises(DataError, match="one file lies in two folders"):
        _read(table / pattern)
    assert _read(table / pattern, partitions="off")[1]["id"] == [1, 2, 3]


_NAMES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1)


@hypothesis.settings(deadline=None, max_examples=25)
@hypothesis.given(st.lists(_NAMES, min_size=1, max_size=4, unique=True))
def test_any_text_comes_back_from_a_folders_name(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    names = [urllib.parse.quote(text, safe="") for text in texts]
    hypothesis.assume(all(len(name) < 250 for name in names))
    table = tmp_path_factory.mktemp("t")
    for place, name in enumerate(names):
        (table / f"k={name}").mkdir()
        content = as_csv(_ROWS) if place % 2 else as_parquet(_ROWS)
        (table / f"k={name}" / "part").write_bytes(content)
    _, values = _read(table / "*/*", columns={"k": "text"})
    assert set(values["k"]) == set(texts)
