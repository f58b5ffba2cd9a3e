"""The same table in MariaDB and in PostgreSQL: same examples, safe names, no password told."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from components.example_gen.database.connection import connected
from components.example_gen.database.fingerprints import database_fingerprint
from components.example_gen.database.paging import Pager
from components.example_gen.database.relation import find_relation, measure
from components.example_gen.database.settings import DatabaseSource
from components.example_gen.settings import ColumnType
from core.errors import InfrastructureError, MillraceError, UserError
from tests.e2e import mariadb, postgresql

SECRET = "sentinel-3f/7@c:%1"
COLUMNS = "id, price, cost, flag, day, at, name"
TABLE = """CREATE TABLE trips (id BIGINT PRIMARY KEY, price DOUBLE PRECISION,
  cost DECIMAL(10, 2), flag BOOLEAN, day DATE, at TIMESTAMP NULL, name VARCHAR(40))"""


def _rows() -> list[dict[str, object]]:
    return [
        {
            "id": i,
            "price": i * 0.5,
            "cost": f"{i}.25" if i % 5 else None,
            "flag": i % 2 == 0,
            "day": f"2026-01-{1 + i % 28:02}",
            "at": f"2026-01-02 03:04:{i % 60:02}",
            "name": f"näme {i}" if i % 7 else None,
        }
        for i in range(200)
    ]


@pytest.fixture(scope="module", params=["mysql", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseSource]:
    """A running server with the table trips; the secret is only in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_PASSWORD", SECRET)
        if request.param == "mysql":
            if mariadb.MISSING:
                pytest.skip(mariadb.REASON)
            with mariadb.running(tmp_path_factory.mktemp("mariadb")) as running:
                running.execute(
                    "CREATE DATABASE shop CHARACTER SET utf8mb4",
                    f"CREATE USER reader@'%' IDENTIFIED BY '{SECRET}'",
                    f"CREATE USER reader@localhost IDENTIFIED BY '{SECRET}'",
                    "GRANT ALL ON shop.* TO reader@'%'",
                    "GRANT ALL ON shop.* TO reader@localhost",
                )
                yield _filled("mysql", "reader", running.port, "shop")
        else:
            if postgresql.MISSING:
                pytest.skip(postgresql.REASON)
            with postgresql.running("reader", SECRET) as port:
                yield _filled("postgresql", "reader", port, "postgres")


def _filled(kind: str, user: str, port: int, database: str) -> DatabaseSource:
    drivers = {"mysql": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
    url = sqlalchemy.URL.create(drivers[kind], user, SECRET, "127.0.0.1", port, database)
    engine = sqlalchemy.create_engine(url)
    names = COLUMNS.split(", ")
    insert = f"INSERT INTO trips VALUES ({', '.join(f':{name}' for name in names)})"
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(TABLE))
        connection.execute(sqlalchemy.text(insert), _rows())
    engine.dispose()
    address = f"{kind}://{user}:${{SHOP_PASSWORD}}@127.0.0.1:{port}/{database}"
    return DatabaseSource(address=address, table="trips")


def _seconds(text: object) -> int:
    moment = datetime.datetime.fromisoformat(str(text)).replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp())


def test_the_examples_are_those_of_a_file(server, ingest_table, ingest, write):
    lines = [
        f"{r['id']},{r['price']},{r['cost'] or ''},{int(bool(r['flag']))},{_seconds(r['day'])},"
        f"{_seconds(r['at'])},{r['name'] or ''}"
        for r in _rows()
    ]
    file = write("\n".join([COLUMNS.replace(" ", ""), *lines]) + "\n")
    found, expected = ingest_table(server, batch_rows=64), ingest(file)
    assert found.plan == expected.plan
    assert found.plan.types["cost"] is ColumnType.FLOAT
    for split in ("train", "eval"):
        assert found.records(split) == expected.records(split)


def test_a_connection_that_is_killed_while_rows_are_read_is_made_anew(server):
    identity = "pg_backend_pid()" if server.address.startswith("postgresql") else "connection_id()"
    kill = "SELECT pg_terminate_backend({})" if "pg_" in identity else "KILL {}"
    with connected(server.address) as engine, connected(server.address) as other:
        with engine.connect() as connection:
            relation = find_relation(connection, server)
            extent = measure(connection, relation)
        pager = Pager(engine, relation, extent, 50, [0.0])
        killed: list[int] = []

        def end_second_page(connection: Any, *_: object) -> None:
            if pager.rows == 50 and not killed:
                cursor = connection.connection.cursor()
                cursor.execute(f"SELECT {identity}")
                killed.append(cursor.fetchone()[0])
                with other.connect() as killing:
                    killing.execute(sqlalchemy.text(kill.format(killed[0])))

        sqlalchemy.event.listen(engine, "before_cursor_execute", end_second_page)
        rows = [row for page in pager.pages() for row in page]
    assert killed
    assert [row[0] for row in rows] == list(range(200))


def test_a_query_streams_in_one_pass(server, ingest_table):
    query = "SELECT name, ':x 5%' AS note, price FROM trips WHERE name LIKE 'n%'"
    source = server.model_copy(update={"table": None, "query": query})
    assert ingest_table(source, batch_rows=50).plan.rows == sum(1 for r in _rows() if r["name"])


def test_fingerprints_follow_the_rows(server):
    source = server.model_copy(update={"updated_column": "at"})
    before = database_fingerprint(source)
    assert database_fingerprint(source) == before
    longer = server.model_copy(update={"query": "SELECT * FROM trips WHERE id < 100"})
    assert database_fingerprint(longer) != before


def test_nothing_can_be_written(server):
    with pytest.raises(MillraceError) as caught, connected(server.address) as engine:
        _delete(engine)
    assert "read" in caught.value.evidence[1].lower()


def _delete(engine: sqlalchemy.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM trips"))


def test_a_wrong_password_is_not_told(server, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "wrong-92b1")
    with pytest.raises(UserError) as caught:
        database_fingerprint(server)
    assert caught.value.code == "database-access"
    assert "wrong-92b1" not in caught.value.to_json()


def test_a_server_that_is_not_there_is_an_outage(server):
    _, _, port = server.address.partition("127.0.0.1:")
    address = server.address.replace(port.partition("/")[0], "1")
    with pytest.raises(InfrastructureError) as caught:
        database_fingerprint(server.model_copy(update={"address": address}))
    assert caught.value.code == "database-unreachable"
    assert SECRET not in caught.value.to_json()


def test_a_table_that_is_not_there_is_named(server, tmp_path: Path):
    with pytest.raises(UserError, match="no table 'trip'") as caught:
        database_fingerprint(server.model_copy(update={"table": "trip"}))
    assert caught.value.hint == "did you mean 'trips'?"
