"""What is found in a database, and when it counts as changed."""

from __future__ import annotations

import os

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from components.example_gen.database.connection import connected
from components.example_gen.database.fingerprints import database_fingerprint
from components.example_gen.database.relation import find_relation
from core.errors import DataError, MillraceError, UserError


def find(source, **changes):
    source = source.model_copy(update=changes)
    with connected(source.address) as engine, engine.connect() as connection:
        return find_relation(connection, source)


def test_the_primary_key_is_read_by_unless_another_is_named(trips):
    assert find(trips).keys == ("id",)
    assert find(trips, key_columns=("price",)).keys == ("price",)


@pytest.mark.parametrize(
    ("changes", "headline", "hint"),
    [
        ({"table": "trip"}, "the database has no table 'trip'", "did you mean 'trips'?"),
        ({"table": "public.trips"}, "the database has no table 'public.trips'", "did you mean"),
        ({"table": "trips; DROP TABLE trips"}, "the database has no table", ""),
        ({"key_columns": ("idd",)}, "`data.key_column` names the column 'idd'", "'id'?"),
        ({"updated_column": "prize"}, "`data.updated_column` names", "did you mean 'price'?"),
    ],
)
def test_what_is_not_there_is_named_with_the_nearest(trips, changes, headline, hint):
    with pytest.raises(UserError) as caught:
        find(trips, **changes)
    assert caught.value.headline.startswith(headline)
    assert hint in caught.value.hint


def test_views_and_schemas_are_found(shop, trips):
    shop("CREATE VIEW cheap AS SELECT * FROM trips WHERE price < 3")
    assert find(trips, table="cheap").columns == ("id", "price", "name")
    assert find(trips, table="main.trips").keys == ("id",)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM trips",
        "SELECT 1 AS id) AS data; DROP TABLE trips; --",
        "WITH gone AS (SELECT 1) DELETE FROM trips",
        "SELECT nothing FROM trips",
    ],
)
def test_a_query_that_is_none_or_writes_is_refused(trips, query):
    before = database_fingerprint(trips)
    with pytest.raises(MillraceError) as caught:
        find(trips, table=None, query=query)
    assert caught.value.code == "database-query"
    assert database_fingerprint(trips) == before


def test_no_statement_can_write(trips):
    with (
        connected(trips.address) as engine,
        engine.connect() as connection,
        pytest.raises(OperationalError, match="readonly"),
    ):
        connection.execute(sqlalchemy.text("DELETE FROM trips"))


def test_an_empty_table_is_refused(shop):
    with pytest.raises(DataError, match="trips has no rows"):
        database_fingerprint(shop("CREATE TABLE trips (id INTEGER)"))


def test_an_unchanged_table_has_the_same_fingerprint(trips):
    assert database_fingerprint(trips) == database_fingerprint(trips)
    assert database_fingerprint(trips).startswith("rows:100,")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO trips VALUES (1000, 1.0, 'x')",
        "DELETE FROM trips WHERE id = 5",
        "UPDATE trips SET id = 777 WHERE id = 99",
        "UPDATE trips SET price = 9.5 WHERE id = 5",
        "ALTER TABLE trips RENAME COLUMN price TO cost",
    ],
)
def test_a_changed_table_has_another(shop, trips, statement):
    before = database_fingerprint(trips)
    shop(statement)
    assert database_fingerprint(trips) != before


def test_changes_in_place_show_where_a_column_tells_them(shop, trips):
    """Without a file's time, as on a server."""
    source = trips.model_copy(update={"updated_column": "price"})
    path = trips.address.removeprefix("sqlite:///")
    status = os.stat(path)

    def fingerprint(statement: str) -> str:
        shop(statement)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return database_fingerprint(source)

    same = fingerprint("UPDATE trips SET name = 'y' WHERE id = 5")
    assert fingerprint("UPDATE trips SET price = 1000 WHERE id = 5") != same


def test_a_query_of_other_text_is_other_data(trips):
    queries = ["SELECT * FROM trips", "SELECT id FROM trips"]
    found = {
        database_fingerprint(trips.model_copy(update={"table": None, "query": query}))
        for query in queries
    }
    assert len(found) == 2
