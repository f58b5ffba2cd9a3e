"""The quick look at the data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from components.example_gen.inspection import inspect_source
from components.example_gen.settings import ColumnType, IngestionSettings


def test_it_tells_files_columns_and_first_rows(write, table: str) -> None:
    folder = write(table)
    found = inspect_source(folder)
    assert [source.path for source in found.files] == [str(folder / "data.csv")]
    assert found.size == len(table)
    assert [(column.name, column.type) for column in found.columns] == [
        ("id", ColumnType.INTEGER),
        ("price", ColumnType.FLOAT),
        ("name", ColumnType.TEXT),
    ]
    assert found.first_rows[:2] == (
        {"id": "0", "price": "0.0", "name": None},
        {"id": "1", "price": "0.5", "name": "name 1"},
    )


def test_a_fixed_type_is_shown_as_such(write, table: str) -> None:
    settings = IngestionSettings(columns={"id": ColumnType.TEXT})
    first = inspect_source(write(table), settings).columns[0]
    assert (first.type, first.fixed) == (ColumnType.TEXT, True)


def test_parquet_tells_its_own_types(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1.5], "b": ["x"]}), tmp_path / "data.parquet")
    found = inspect_source(tmp_path)
    assert [column.type for column in found.columns] == [ColumnType.FLOAT, ColumnType.TEXT]
    assert found.first_rows == ({"a": "1.5", "b": "x"},)


def test_the_real_taxi_trips_are_known_from_their_head(shared_data: Path) -> None:
    found = {c.name: c.type for c in inspect_source(shared_data / "chicago_taxi").columns}
    assert found["tips"] is ColumnType.FLOAT
    assert found["company"] is ColumnType.TEXT
    assert found["trip_start_timestamp"] is ColumnType.INTEGER


def test_it_imports_nothing_heavy(write, table: str, repository: Path) -> None:
    program = (
        "import sys; from components.example_gen.inspection import inspect_source;"
        f"inspect_source({str(write(table))!r});"
        "print([m for m in ('tensorflow', 'tfx', 'apache_beam', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
