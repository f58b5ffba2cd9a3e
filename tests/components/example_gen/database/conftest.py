"""SQLite databases, and the two passes over them without TFX."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.example_gen.database.settings import DatabaseSource
from components.example_gen.database.snapshot import take_snapshot
from components.example_gen.settings import IngestionSettings
from components.example_gen.writing.examples import write_examples
from components.example_gen.writing.planning import make_plan
from tests.components.example_gen.conftest import Ingested

IngestTable = Callable[..., Ingested]
Execute = Callable[..., DatabaseSource]


@pytest.fixture
def shop(tmp_path: Path) -> Execute:
    """Runs statements on the database shop.db; gives its table trips as a source."""

    def run(*statements: str, rows: list[tuple[Any, ...]] | None = None) -> DatabaseSource:
        path = tmp_path / "shop.db"
        connection = sqlite3.connect(path)
        with connection:
            for statement in statements:
                if rows is not None and "?" in statement:
                    connection.executemany(statement, rows)
                else:
                    connection.execute(statement)
        connection.close()
        return DatabaseSource(address=f"sqlite:///{path}", table="trips")

    return run


@pytest.fixture
def trips(shop: Execute) -> DatabaseSource:
    """A hundred trips with a primary key: a whole number, a float, a text with gaps."""
    rows = [(i, i * 0.5, f"name {i}" if i % 7 else None) for i in range(100)]
    return shop(
        "CREATE TABLE trips (id INTEGER PRIMARY KEY, price REAL, name TEXT)",
        "INSERT INTO trips VALUES (?, ?, ?)",
        rows=rows,
    )


@pytest.fixture
def ingest_table(tmp_path: Path) -> IngestTable:
    """Ingests a source with some settings into a new folder."""
    runs = iter(range(1000))

    def run(source: DatabaseSource, **settings: Any) -> Ingested:
        chosen = IngestionSettings.model_validate(settings)
        number = next(runs)
        uri, scratch = tmp_path / f"table-examples-{number}", tmp_path / f"copy-{number}"
        scratch.mkdir()
        files = take_snapshot(source, chosen, scratch)
        plan = make_plan(files, chosen, list(chosen.split.splits.values()), scratch / "times")
        result = write_examples(plan, {"all": files}, chosen.split.splits, chosen, str(uri))
        return Ingested(str(uri), plan, result)

    return run
