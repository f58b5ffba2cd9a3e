"""A table becomes the examples that a file of the same rows becomes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from components.example_gen.database.settings import DatabaseSource
from components.example_gen.settings import ColumnType
from core.errors import DataError


def rows_of(ingested: Any) -> list[bytes]:
    return sorted(ingested.records("train") + ingested.records("eval"))


def test_same_examples_in_the_same_splits_as_from_csv(trips, ingest_table, ingest, write, table):
    from_table, from_file = ingest_table(trips), ingest(write(table))
    assert from_table.plan == from_file.plan
    for split in ("train", "eval"):
        assert from_table.records(split) == from_file.records(split)


def test_a_query_gives_what_its_table_gives(trips, ingest_table):
    query = trips.model_copy(
        update={"table": None, "query": "SELECT * FROM trips -- all;", "key_columns": ("id",)}
    )
    assert rows_of(ingest_table(query)) == rows_of(ingest_table(trips))


@pytest.mark.parametrize("batch_rows", [1, 7, 99, 100, 101])
def test_the_size_of_a_batch_changes_nothing(trips, ingest_table, batch_rows):
    assert ingest_table(trips, batch_rows=batch_rows).records("train") == ingest_table(
        trips
    ).records("train")


def test_all_types_find_their_place(shop, ingest_table):
    source = shop(
        "CREATE TABLE trips (id INTEGER PRIMARY KEY, flag BOOLEAN, cost DECIMAL(8, 2), day DATE,"
        " data BLOB, empty TEXT)",
        "INSERT INTO trips VALUES (?, ?, ?, ?, ?, NULL)",
        rows=[(i, i % 2, i, f"2026-01-{i:02}", b"\xff%d" % i) for i in range(1, 29)],
    )
    assert ingest_table(source).plan.types == {
        "id": ColumnType.INTEGER,
        "flag": ColumnType.INTEGER,
        "cost": ColumnType.FLOAT,
        "day": ColumnType.TEXT,
        "data": ColumnType.TEXT,
        "empty": None,
    }


def test_names_of_all_kinds_are_quoted(shop, ingest_table):
    names = ["select", "größe €", 'quote " here', "two  words", "a:b", "100%", "1; DROP TABLE x"]
    columns = ", ".join('"{}" INTEGER'.format(name.replace('"', '""')) for name in names)
    source = shop(
        f'CREATE TABLE "order" ({columns}, id INTEGER PRIMARY KEY)',
        f'INSERT INTO "order" VALUES ({"?, " * len(names)}?)',
        rows=[(*range(len(names)), i) for i in range(40)],
    ).model_copy(update={"table": "order"})
    assert list(ingest_table(source).plan.types) == [*names, "id"]


def test_colons_and_percent_signs_of_a_query_stay(trips, ingest_table):
    query = "SELECT *, 'at 12:30 :now ::x 5%' AS note FROM trips WHERE name LIKE 'name %'"
    source = trips.model_copy(update={"table": None, "query": query})
    assert b"at 12:30 :now ::x 5%" in ingest_table(source).records("train")[0]


@pytest.mark.parametrize("later", [None, 0.5])
def test_types_may_widen_from_page_to_page(shop, ingest_table, later):
    source = shop(
        "CREATE TABLE trips (id INTEGER PRIMARY KEY, x)",
        "INSERT INTO trips VALUES (?, ?)",
        rows=[(i, None if i < 20 else 7 if i < 40 else later) for i in range(60)],
    )
    kind = ColumnType.INTEGER if later is None else ColumnType.FLOAT
    assert ingest_table(source, batch_rows=10).plan.types["x"] is kind
    assert rows_of(ingest_table(source, batch_rows=10)) == rows_of(ingest_table(source))


def test_text_among_numbers_is_named_with_its_row(shop, ingest_table):
    source = _mixed(shop)
    with pytest.raises(DataError, match="text among numbers") as caught:
        ingest_table(source)
    assert "shop.db, table trips, row 31, column 'x'" in caught.value.evidence[0]


@pytest.mark.parametrize("batch_rows", [10, 1000])
def test_text_in_a_column_of_fixed_type_is_a_reject(shop, ingest_table, batch_rows):
    found = ingest_table(
        _mixed(shop),
        columns={"x": "integer"},
        rejects={"max_share": 0.1},
        batch_rows=batch_rows,
        split={"key": "id"},
    )
    assert found.result.rejected == 1
    [reject] = found.rejects()
    assert reject["reason"] == "'n/a' is not a whole number"
    assert reject["file"].endswith(
        "shop.db, table trips" + (" from row 31 on" if batch_rows == 10 else "")
    )
    assert "'id': 30" in reject["text"]


def _mixed(shop: Any) -> DatabaseSource:
    return shop(
        "CREATE TABLE trips (id INTEGER PRIMARY KEY, x)",
        "INSERT INTO trips VALUES (?, ?)",
        rows=[(i, "n/a" if i == 30 else i) for i in range(60)],
    )


def test_rows_of_a_time_split_come_from_the_same_copy(trips, ingest_table, tmp_path: Path):
    found = ingest_table(trips, split={"method": "time", "time_column": "id"})
    assert found.result.rows == {"train": 67, "eval": 33}
    assert sqlite3.connect(tmp_path / "shop.db").execute("PRAGMA quick_check").fetchone() == ("ok",)


def test_whole_numbers_of_a_float_column_are_what_the_schema_says(shop, ingest_table):
    source = shop(
        "CREATE TABLE trips (id INTEGER PRIMARY KEY, month DOUBLE PRECISION, share REAL)",
        "INSERT INTO trips VALUES (?, ?, ?)",
        rows=[(i, float(i % 12 + 1) if i % 7 else None, i / 4) for i in range(1, 60)],
    )
    types = ingest_table(source, schema_types={"month": "integer", "share": "integer"}).plan.types
    assert types["month"] == ColumnType.INTEGER
    assert types["share"] == ColumnType.FLOAT
