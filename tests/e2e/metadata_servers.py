"""Metadata stores on real servers, for tests with several writers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from metadata.connection import connection_config
from metadata.password import PASSWORD_VARIABLE
from metadata.settings import GrpcStore, MysqlStore, PostgresqlStore
from metadata.store import open_store
from tests.e2e import mariadb, postgresql
from tests.e2e.servers import free_port
from tests.metadata.store_server import StoreServer

KINDS = ("mariadb", "postgresql", "grpc")
_SECRET = "sentinel-4e1d"


@contextlib.contextmanager
def running_store(kind: str, folder: Path) -> Iterator[Callable[[], Any]]:
    """Runs a server, or skips the test where it is not installed.

    Args:
      kind: One of `KINDS`.
      folder: An empty folder for its files.

    Yields:
      A function that opens the store, as often as asked.
    """
    patch = pytest.MonkeyPatch()
    patch.setenv(PASSWORD_VARIABLE, _SECRET)
    where = {"host": "127.0.0.1", "user": "millrace"}
    try:
        if kind == "mariadb":
            if mariadb.MISSING:
                pytest.skip(mariadb.REASON)
            with mariadb.running(folder) as server:
                server.execute(
                    "CREATE DATABASE own",
                    f"CREATE USER millrace@localhost IDENTIFIED BY '{_SECRET}'",
                    "GRANT ALL ON own.* TO millrace@localhost",
                )
                my = MysqlStore(kind="mysql", port=server.port, database="own", **where)
                yield lambda: open_store(connection_config(my, Path()))
        elif kind == "grpc":
            service = StoreServer(folder / "behind.sqlite", free_port())
            service.start()
            try:
                own_service = GrpcStore(kind="grpc", host="127.0.0.1", port=service.port)
                yield lambda: open_store(connection_config(own_service, Path()))
            finally:
                service.stop()
        else:
            if postgresql.MISSING:
                pytest.skip(postgresql.REASON)
            with postgresql.running("millrace", _SECRET) as port:
                own = PostgresqlStore(kind="postgresql", port=port, database="postgres", **where)
                yield lambda: open_store(connection_config(own, Path()))
    finally:
        patch.undo()
