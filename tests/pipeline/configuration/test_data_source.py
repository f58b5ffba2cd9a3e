"""The configuration's data as a node, a fingerprint, a quick look: files, databases, BigQuery."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from pipeline.configuration import data_source
from pipeline.configuration.model import DataSettings

FILES = DataSettings(path="trips.csv")


@pytest.fixture
def table(tmp_path: Path) -> DataSettings:
    """The table trips of a database in the project folder."""
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE trips (id INTEGER PRIMARY KEY, fare REAL)")
        connection.execute("INSERT INTO trips VALUES (1, 2.5)")
    connection.close()
    return DataSettings(path="sqlite:///shop.db", table="trips")


def test_files_are_left_to_others(tmp_path):
    assert data_source.example_gen(FILES, FILES.ingestion, tmp_path) is None
    assert data_source.fingerprint(FILES, tmp_path) is None
    assert data_source.inspect(FILES, tmp_path) is None


def test_a_relative_file_is_one_of_the_project(table, tmp_path):
    found = data_source.inspect(table, tmp_path)
    assert found is not None
    assert [column.name for column in found.columns] == ["id", "fare"]
    before = data_source.fingerprint(table, tmp_path)
    assert data_source.fingerprint(table, tmp_path) == before
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("INSERT INTO trips VALUES (2, 2.5)")
    connection.close()
    assert data_source.fingerprint(table, tmp_path) != before


def test_a_query_is_looked_at_for_its_span(table, tmp_path):
    query = "SELECT * FROM trips WHERE id * 86400 = @span_begin_timestamp"
    values: dict[str, Any] = {"table": None, "query": query}
    first = table.model_copy(update={**values, "span": 1})
    assert str(data_source.fingerprint(first, tmp_path)).startswith("rows:1,")
    with pytest.raises(UserError, match="no span is given"):
        data_source.inspect(table.model_copy(update=values), tmp_path)


def test_bigquery_never_counts_as_unchanged(tmp_path):
    data = DataSettings(path="bigquery://my-project/a.b")
    assert data_source.fingerprint(data, tmp_path) != data_source.fingerprint(data, tmp_path)


def test_each_kind_of_data_has_its_node(table, tmp_path):
    bigquery = DataSettings(path="bigquery://my-project/a.b")
    nodes = [data_source.example_gen(data, data.ingestion, tmp_path) for data in (table, bigquery)]
    assert [type(node).__name__ for node in nodes] == ["DatabaseExampleGen", "BigQueryExampleGen"]
