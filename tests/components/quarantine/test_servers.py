"""The quarantine on databases that several machines share, with processes racing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components.quarantine import records
from pipeline.configuration.metadata import MysqlStore, PostgresqlStore
from pipeline.metadata.connection import connection_config
from pipeline.metadata.password import PASSWORD_VARIABLE
from pipeline.metadata.store import open_store
from tests.e2e import mariadb, postgresql

_SECRET = "sentinel-4e1d"


@pytest.fixture(scope="module", params=["mariadb", "postgresql"])
def opened(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Any]]:
    """Opens the store of a real server as often as asked."""
    patch = pytest.MonkeyPatch()
    patch.setenv(PASSWORD_VARIABLE, _SECRET)
    where = {"host": "127.0.0.1", "user": "millrace"}
    try:
        if request.param == "mariadb":
            if mariadb.MISSING:
                pytest.skip(mariadb.REASON)
            with mariadb.running(tmp_path_factory.mktemp("mariadb")) as server:
                server.execute(
                    "CREATE DATABASE own",
                    f"CREATE USER millrace@localhost IDENTIFIED BY '{_SECRET}'",
                    "GRANT ALL ON own.* TO millrace@localhost",
                )
                my = MysqlStore(kind="mysql", port=server.port, database="own", **where)
                yield lambda: open_store(connection_config(my, Path()))
        else:
            if postgresql.MISSING:
                pytest.skip(postgresql.REASON)
            with postgresql.running("millrace", _SECRET) as port:
                own = PostgresqlStore(kind="postgresql", port=port, database="postgres", **where)
                yield lambda: open_store(connection_config(own, Path()))
    finally:
        patch.undo()


def test_refusals_and_decisions_at_once_leave_one_entry_with_all_of_them(
    opened: Callable[[], Any], make_entry: Any
) -> None:
    stores = [opened() for _ in range(3)]
    entry = make_entry(reason="C:\\trips\\a.csv: 'no' number")

    def refuse(i: int) -> Any:
        return records.quarantine(stores[i], make_entry(f"run-{i}", reason=entry.reason))

    def release(i: int) -> str:
        try:
            return records.change(stores[i], entry.id, "released", f"person-{i}", "").status
        except ValueError:
            return "too late"

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(refuse, range(3)))
        decided = list(pool.map(release, range(3)))

    [kept] = records.entries(stores[0])
    assert sorted(decided) == ["released", "too late", "too late"]
    assert kept.reason == entry.reason
    assert sorted(change.action for change in kept.history) == [*["refused"] * 3, "released"]
    assert records.blocking(stores[1], entry.data) is None
