"""A store that is a server: reached, waited for, and given up with a clear word."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from ml_metadata.proto import metadata_store_pb2

from core import errors
from metadata import store
from metadata.connection import Connection, connection_config
from metadata.password import PASSWORD_VARIABLE
from metadata.settings import GrpcStore, MysqlStore, PostgresqlStore
from tests.e2e.servers import free_port
from tests.metadata.store_server import StoreServer

SENTINEL = "sentinel-4711"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StoreServer]:
    made = StoreServer(tmp_path / "behind.sqlite", free_port())
    yield made
    made.stop()


def _grpc(port: int) -> Connection:
    return connection_config(GrpcStore(kind="grpc", host="127.0.0.1", port=port), "/unused")


def test_the_grpc_service_keeps_what_is_put(server: StoreServer) -> None:
    server.start()
    opened = store.open_store(_grpc(server.port))
    kind = opened.put_context_type(metadata_store_pb2.ContextType(name="pipeline_run"))
    opened.put_contexts([metadata_store_pb2.Context(type_id=kind, name="run-1")])

    again = store.open_for_reading(_grpc(server.port))

    assert again.get_context_by_type_and_name("pipeline_run", "run-1").type_id == kind
    assert again.get_context_by_type_and_name("pipeline_run", "run-2") is None


def test_a_store_that_comes_up_late_is_waited_for(
    server: StoreServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            server.start()

    monkeypatch.setattr(store.time, "sleep", wait)

    assert store.open_store(_grpc(server.port)).get_context_types() == []

    assert waited == [1.0, 2.0]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert f"grpc://127.0.0.1:{server.port} does not answer; trying again in 1 s" in said[0]


def test_another_service_at_the_address_is_not_taken_for_a_store_that_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store.time, "sleep", lambda seconds: None)
    stranger = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=1))
    port = stranger.add_insecure_port("127.0.0.1:0")
    stranger.start()
    try:
        with pytest.raises(errors.InfrastructureError, match="cannot be opened") as refused:
            store.open_store(_grpc(port))
    finally:
        stranger.stop(None).wait()
    assert refused.value.code == "metadata-store"
    assert "gRPC service" in refused.value.hint


def _connections(port: int) -> dict[str, Connection]:
    settings = (
        MysqlStore(kind="mysql", host="127.0.0.1", port=port),
        PostgresqlStore(kind="postgresql", host="127.0.0.1", port=port),
        GrpcStore(kind="grpc", host="127.0.0.1", port=port),
    )
    return {one.kind: connection_config(one, "/unused") for one in settings}


@pytest.mark.parametrize("kind", ["mysql", "postgresql", "grpc"])
def test_a_store_that_stays_down_is_named_with_its_address(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, SENTINEL)
    waited: list[float] = []
    monkeypatch.setattr(store.time, "sleep", waited.append)
    port = free_port()

    with pytest.raises(errors.InfrastructureError, match="does not answer") as down:
        store.open_store(_connections(port)[kind])

    assert waited == list(store.WAITS)
    assert down.value.code == "metadata-down"
    assert f"127.0.0.1:{port}" in down.value.hint
    assert "Connection refused" in str(down.value)
    assert SENTINEL not in str(down.value)


def test_a_host_that_does_not_exist_is_named() -> None:
    connection = connection_config(MysqlStore(kind="mysql", host="nowhere.invalid"), "/unused")
    with pytest.raises(errors.InfrastructureError, match=r"nowhere\.invalid:3306") as down:
        store.open_store(connection, waits=())
    assert "not known" in str(down.value) or "name resolution" in str(down.value)
