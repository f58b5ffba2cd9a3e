"""Pages by key: stable, unique, and tried again."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from components.example_gen.database.connection import connected
from components.example_gen.database.paging import Pager
from components.example_gen.database.relation import find_relation, measure
from components.example_gen.database.settings import DatabaseSource
from core.errors import DataError, InfrastructureError


@contextlib.contextmanager
def pager(source: DatabaseSource, page_rows: int = 10, tries: int = 0) -> Iterator[Pager]:
    with connected(source.address) as engine:
        with engine.connect() as connection:
            relation = find_relation(connection, source)
            extent = measure(connection, relation)
        yield Pager(engine, relation, extent, page_rows, [0.0] * tries)


def write(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_rows_appended_meanwhile_wait_for_the_next_span(trips, tmp_path):
    seen: list[Any] = []
    with pager(trips) as found:
        for page in found.pages():
            write(tmp_path / "shop.db", f"INSERT INTO trips VALUES ({1000 + len(seen)}, 1.0, 'x')")
            seen += page
    assert [row[0] for row in seen] == list(range(100))


@pytest.mark.parametrize(
    "statement", ["DELETE FROM trips WHERE id = 55", "INSERT INTO trips VALUES (-5, 1.0, 'x')"]
)
def test_rows_that_come_or_go_within_the_range_are_noticed(trips, tmp_path, statement):
    with pager(trips) as found:
        write(tmp_path / "shop.db", statement)
        with pytest.raises(DataError) as caught:
            list(found.pages())
    assert caught.value.code == "data-changed"


def test_several_columns_may_be_the_key(shop):
    source = shop(
        "CREATE TABLE trips (day TEXT, number INTEGER, PRIMARY KEY (day, number))",
        "INSERT INTO trips VALUES (?, ?)",
        rows=[(f"day {i // 7}", i % 7) for i in range(60)],
    )
    for page_rows in (1, 3, 7, 60):
        with pager(source, page_rows) as found:
            assert len({row for page in found.pages() for row in page}) == 60


@pytest.mark.parametrize("page_rows", [1, 2, 3, 100])
def test_a_key_that_is_not_unique_is_refused_wherever_it_repeats(shop, page_rows):
    source = shop(
        "CREATE TABLE trips (id INTEGER)",
        "INSERT INTO trips VALUES (?)",
        rows=[(1,), (2,), (3,), (3,), (4,)],
    ).model_copy(update={"key_columns": ("id",)})
    with pager(source, page_rows) as found, pytest.raises(DataError) as caught:
        list(found.pages())
    assert caught.value.code == "repeated-key"
    assert "twice: 3" in caught.value.evidence


def test_a_key_with_nulls_is_refused(shop):
    source = shop(
        "CREATE TABLE trips (id INTEGER)", "INSERT INTO trips VALUES (?)", rows=[(1,), (None,)]
    ).model_copy(update={"key_columns": ("id",)})
    with pytest.raises(DataError, match="null in 1 of 2 rows"), pager(source):
        pass


class Outage:
    """Makes a database fail for some statements."""

    def __init__(self, engine: Any, failures: int) -> None:
        self.left = failures
        sqlalchemy.event.listen(engine, "before_cursor_execute", self)

    def __call__(self, *_: object) -> None:
        if self.left:
            self.left -= 1
            raise sqlite3.OperationalError("database is locked")


def test_a_broken_connection_costs_a_page_not_the_run(trips):
    with pager(trips, tries=2) as found:
        pages = found.pages()
        rows = list(next(pages))
        Outage(found._engine, failures=2)
        rows += [row for page in pages for row in page]
    assert [row[0] for row in rows] == list(range(100))


def test_a_database_that_stays_away_ends_the_run(trips):
    with pager(trips, tries=2) as found:
        pages = found.pages()
        next(pages)
        Outage(found._engine, failures=99)
        with pytest.raises(InfrastructureError) as caught:
            list(pages)
    assert caught.value.headline == "the database went away after 10 of 100 rows"
    assert "tried 2 times more" in caught.value.evidence


def test_without_a_key_one_statement_gives_all_rows(shop):
    source = shop(
        "CREATE TABLE trips (x INTEGER)",
        "INSERT INTO trips VALUES (?)",
        rows=[(i,) for i in range(30)],
    )
    with pager(source) as found:
        assert sum(len(page) for page in found.pages()) == 30
