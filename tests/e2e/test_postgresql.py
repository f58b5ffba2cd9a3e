"""ML Metadata on a real PostgreSQL: logins, texts with backslashes, tables made at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ml_metadata.proto import metadata_store_pb2

from core import errors
from metadata.connection import Connection, connection_config
from metadata.password import PASSWORD_VARIABLE
from metadata.settings import PostgresqlStore
from metadata.store import open_store
from tests.e2e.postgresql import MISSING, REASON, running
from tests.e2e.servers import open_at_once

pytestmark = pytest.mark.skipif(MISSING, reason=REASON)

SENTINEL = "sentinel-5c0de1"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a running server, whose administrator is `millrace`."""
    with running("millrace", SENTINEL) as port:
        yield port


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, SENTINEL)


def _settings(port: int, database: str) -> PostgresqlStore:
    return PostgresqlStore(
        kind="postgresql", host="127.0.0.1", port=port, database=database, user="millrace"
    )


def _connection(port: int, database: str = "postgres") -> Connection:
    return connection_config(_settings(port, database), "/unused")


def test_several_processes_make_the_tables_of_an_empty_database_at_once(port: int) -> None:
    settings = _settings(port, "template1").model_dump()
    assert open_at_once(settings, clients=3) == [0, 0, 0]


def test_texts_with_backslashes_and_quotes_come_back_as_they_were(port: int) -> None:
    text = '{"a": "\\"b\\" \'c\'", "d": "\\\\n"}'
    store = open_store(_connection(port))
    kind = store.put_execution_type(metadata_store_pb2.ExecutionType(name="Trainer"))
    execution = metadata_store_pb2.Execution(type_id=kind)
    execution.custom_properties["custom_config"].string_value = text
    [number] = store.put_executions([execution])

    [found] = store.get_executions_by_id([number])

    assert found.custom_properties["custom_config"].string_value == text


@pytest.mark.parametrize(
    ("password", "hint"), [(f"{SENTINEL}-wrong", "check metadata.user"), ("", "is not set here")]
)
def test_a_wrong_or_missing_password_is_refused_at_once(
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    password: str,
    hint: str,
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, password)
    with pytest.raises(errors.InfrastructureError) as refused:
        open_store(_connection(port))
    assert refused.value.code == "metadata-refused"
    assert hint in refused.value.hint
    assert SENTINEL not in str(refused.value)
    assert capfd.readouterr().err == ""


def test_a_missing_database_comes_with_the_statement_that_makes_it(port: int) -> None:
    with pytest.raises(errors.InfrastructureError) as refused:
        open_store(_connection(port, "nothere"))
    assert refused.value.code == "metadata-database"
    assert "CREATE DATABASE nothere" in refused.value.hint
