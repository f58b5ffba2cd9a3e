"""Whole runs against a real MariaDB: two at once, read back, unchanged; no password left."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ml_metadata import MetadataStore
from ml_metadata.proto.metadata_store_pb2 import Execution

from core import errors
from metadata.connection import Connection, connection_config
from metadata.leftovers import node_executions
from metadata.password import PASSWORD_VARIABLE
from metadata.run_folder import RunFolder
from metadata.settings import MysqlStore
from metadata.store import open_for_reading, open_store
from tests.e2e.command import Finished, millrace, started
from tests.e2e.mariadb import MISSING, REASON, MariaDb, running
from tests.e2e.servers import open_at_once

pytestmark = pytest.mark.skipif(MISSING, reason=REASON)

SENTINEL = "sentinel-b7f2a90c"
CONFIGURATION = """
name: trips
data: {{sample: taxi, sample_rows: 2000}}
label: tips > 0.2 * fare
features:
  fare: {{role: numeric, log1p: true}}
  trip_miles: {{role: numeric, log1p: true}}
  payment_type: categorical
trainer: {{train_steps: 40, batch_size: 256, hidden_units: [16]}}
evaluation: {{metrics: {{auc: {{at_least: 0.5}}}}}}
metadata: {{kind: mysql, host: localhost, port: {port}, database: {database}, user: millrace}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    with running(tmp_path_factory.mktemp("mariadb")) as server:
        server.execute(
            f"CREATE USER millrace@'%' IDENTIFIED BY '{SENTINEL}'",
            "CREATE USER millrace@localhost IDENTIFIED BY '" + SENTINEL + "'",
            "GRANT ALL ON `own\\_%`.* TO millrace@'%'",
            "GRANT ALL ON `own\\_%`.* TO millrace@localhost",
        )
        yield server


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, SENTINEL)


def _settings(server: MariaDb, database: str) -> MysqlStore:
    return MysqlStore(kind="mysql", host="localhost", port=server.port, database=database)


def _connection(server: MariaDb, database: str) -> Connection:
    return connection_config(_settings(server, database), "/unused")


def test_a_wrong_password_is_refused_at_once_and_not_repeated(
    server: MariaDb, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, f"{SENTINEL}-wrong")
    with pytest.raises(errors.InfrastructureError, match="refuses the password") as refused:
        open_store(_connection(server, "own_a"))
    assert refused.value.code == "metadata-refused"
    assert "Access denied" in refused.value.evidence[0]
    assert SENTINEL not in str(refused.value)
    assert capfd.readouterr().err == ""


def test_a_missing_password_is_named_by_its_variable(
    server: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE)
    with pytest.raises(errors.InfrastructureError) as refused:
        open_store(_connection(server, "own_a"))
    assert f"{PASSWORD_VARIABLE} is not set" in refused.value.hint


def test_the_password_is_in_no_debug_message(
    server: MariaDb, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        open_store(_connection(server, "own_made"))
        logging.debug("debug messages are on")
    assert "debug messages are on" in caplog.text
    assert SENTINEL not in caplog.text


def test_a_database_that_the_user_may_make_is_made(server: MariaDb) -> None:
    assert open_store(_connection(server, "own_made")).get_context_types() == []


def test_a_database_that_the_user_may_not_use_comes_with_the_statement_that_makes_it(
    server: MariaDb,
) -> None:
    with pytest.raises(errors.InfrastructureError) as refused:
        open_store(_connection(server, "foreign"))
    assert refused.value.code == "metadata-database"
    assert "CREATE DATABASE foreign" in refused.value.hint


def test_several_processes_make_the_tables_of_an_empty_database_at_once(server: MariaDb) -> None:
    settings = _settings(server, "own_empty").model_dump()
    assert open_at_once(settings, clients=4) == [0, 0, 0, 0]
    assert server.execute("SELECT COUNT(*) FROM own_empty.MLMDEnv").split() == ["1"]


@pytest.fixture(scope="module")
def two_runs(
    server: MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, list[Finished]]]:
    """Two runs that begin together, on an empty database, each with a folder of its own."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "trips.yaml").write_text(CONFIGURATION.format(port=server.port, database="own_runs"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(PASSWORD_VARIABLE, SENTINEL)
        pending = [
            started(folder, "run", "trips.yaml", f"--root={name}", "--json")
            for name in ("first", "second")
        ]
        yield folder, [process.finish() for process in pending]


def _run_ids(run: Finished) -> list[str]:
    """The run, and those in which it was evaluated again because the other pushed first."""
    return list(dict.fromkeys(event["run_id"] for event in run.events if "run_id" in event))


def _badly_ended(store: MetadataStore, run_id: str) -> list[str]:
    good = (Execution.COMPLETE, Execution.CACHED)
    executions = node_executions(store, run_id)
    assert executions
    return [node for node, one in executions if one.last_known_state not in good]


def test_two_runs_at_once_end_well_and_share_one_store(
    server: MariaDb, two_runs: tuple[Path, list[Finished]]
) -> None:
    _, runs = two_runs
    for run in runs:
        assert run.code == 0, run.output + run.errors
    assert not set(_run_ids(runs[0])) & set(_run_ids(runs[1]))
    store = open_for_reading(_connection(server, "own_runs"))
    assert {context.name for context in store.get_contexts_by_type("pipeline_run")} == {
        run_id for run in runs for run_id in _run_ids(run)
    }
    for run in runs:
        *overtaken, last = _run_ids(run)
        assert _badly_ended(store, last) == []
        for run_id in overtaken:
            assert _badly_ended(store, run_id) == ["Pusher"]


def test_show_reads_a_run_back_from_the_server(
    server: MariaDb, two_runs: tuple[Path, list[Finished]]
) -> None:
    folder, runs = two_runs
    shown = millrace(folder, "show", runs[1].run_id, "--root=second", "--json")

    assert shown.code == 0, shown.errors
    document: dict[str, Any] = json.loads(shown.output)
    assert document["paths"]["store"] == f"mysql://millrace@127.0.0.1:{server.port}/own_runs"
    assert "Trainer" in [step["node"] for step in document["lineage"]["steps"]]
    assert document["rows"]["train"] > 0


def test_a_third_unchanged_run_answers_without_running_anything(
    two_runs: tuple[Path, list[Finished]],
) -> None:
    folder, runs = two_runs
    again = millrace(folder, "run", "trips.yaml", "--root=first", "--json")

    assert again.code == 0, again.errors
    [event] = again.events
    assert event["unchanged"]
    assert event["run_id"] == _run_ids(runs[0])[-1]


def test_the_password_is_nowhere_in_what_the_runs_left(
    two_runs: tuple[Path, list[Finished]],
) -> None:
    folder, runs = two_runs
    # What is searched does name the store: nothing of the connection is missing by accident.
    compiled = RunFolder(folder / "first").run(runs[0].run_id).pipeline.read_bytes()
    assert b"own_runs" in compiled
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if SENTINEL.encode() in path.read_bytes()]
    assert not [path for path in files if path.name == "metadata.sqlite"]
    assert all(SENTINEL not in run.output + run.errors for run in runs)
