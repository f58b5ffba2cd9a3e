"""A connection says where the store is and never the password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydantic
import pytest

from core import errors
from metadata.connection import (
    connection_config,
    connection_name,
    server_address,
    server_kind,
    with_password,
)
from metadata.password import PASSWORD_VARIABLE
from metadata.settings import MetadataSettings

SENTINEL = "sentinel-4711"
MYSQL = {"kind": "mysql", "host": "db", "port": 3307, "database": "m", "user": "u"}
POSTGRESQL = {"kind": "postgresql", "host": "pg", "database": "m", "user": "u"}
GRPC = {"kind": "grpc", "host": "mlmd", "port": 8081}


def _settings(values: dict[str, Any]) -> Any:
    return pydantic.TypeAdapter(MetadataSettings).validate_python(values)


def _connection(values: dict[str, Any], root: str | Path = "/r") -> Any:
    return connection_config(_settings(values), root)


@pytest.fixture
def sentinel(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(PASSWORD_VARIABLE, SENTINEL)
    return SENTINEL


@pytest.mark.parametrize(
    ("values", "name", "address"),
    [
        ({"kind": "sqlite"}, "/r/metadata.sqlite", None),
        (MYSQL, "mysql://u@db:3307/m", ("db", 3307)),
        (POSTGRESQL, "postgresql://u@pg:5432/m", ("pg", 5432)),
        (GRPC, "grpc://mlmd:8081", ("mlmd", 8081)),
    ],
    ids=["sqlite", "mysql", "postgresql", "grpc"],
)
def test_a_store_has_a_kind_a_name_and_an_address(
    values: dict[str, Any], name: str, address: tuple[str, int] | None
) -> None:
    connection = _connection(values)
    assert server_kind(connection) == values["kind"]
    assert connection_name(connection) == name
    assert server_address(connection) == address


@pytest.mark.parametrize("values", [MYSQL, POSTGRESQL])
def test_the_password_is_added_to_a_copy_that_is_opened(
    sentinel: str, values: dict[str, Any]
) -> None:
    connection = _connection(values)
    assert sentinel in str(with_password(connection))
    assert sentinel not in str(connection)
    assert sentinel not in connection_name(with_password(connection))


@pytest.mark.parametrize("values", [{"kind": "sqlite"}, GRPC])
def test_stores_without_users_are_told_no_password(sentinel: str, values: dict[str, Any]) -> None:
    connection = _connection(values)
    assert with_password(connection) == connection


def test_without_a_password_in_the_environment_none_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert with_password(_connection(MYSQL)) == _connection(MYSQL)


def test_localhost_is_an_address_and_not_mysqls_socket_file() -> None:
    assert _connection({**MYSQL, "host": "localhost"}).mysql.host == "127.0.0.1"


def test_a_password_in_the_configuration_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError, match="password"):
        _settings({**MYSQL, "password": "x"})


def test_sqlite_in_a_bucket_is_refused_with_the_alternative() -> None:
    with pytest.raises(errors.UserError, match="gs://bucket/root") as refused:
        _connection({"kind": "sqlite"}, "gs://bucket/root")
    assert refused.value.code == "metadata-needs-server"
    assert "mysql" in refused.value.hint


def test_a_server_serves_a_root_in_a_bucket() -> None:
    assert _connection(MYSQL, "gs://bucket/root") == _connection(MYSQL)
