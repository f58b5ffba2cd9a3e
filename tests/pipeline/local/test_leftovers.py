"""What killed nodes left behind is cleared; what others made is not touched."""

from __future__ import annotations

from pathlib import Path

import ml_metadata
import pytest
from ml_metadata.proto import metadata_store_pb2

from pipeline.local.leftovers import (
    cancel_running,
    clear_leftovers,
    finished_nodes,
    run_executions,
)
from pipeline.metadata.store import open_store, sqlite_config

STATES = metadata_store_pb2.Execution


@pytest.fixture
def store(tmp_path: Path) -> ml_metadata.MetadataStore:
    return open_store(sqlite_config(tmp_path / "metadata.sqlite"))


def _run(store: ml_metadata.MetadataStore, name: str, *states: int) -> list[int]:
    context_type = metadata_store_pb2.ContextType(name="pipeline_run")
    [context] = store.put_contexts(
        [metadata_store_pb2.Context(type_id=store.put_context_type(context_type), name=name)]
    )
    kind = store.put_execution_type(metadata_store_pb2.ExecutionType(name="node"))
    ids = store.put_executions([STATES(type_id=kind, last_known_state=state) for state in states])
    store.put_attributions_and_associations(
        [],
        [metadata_store_pb2.Association(execution_id=i, context_id=context) for i in ids],
    )
    return list(ids)


def test_running_executions_of_the_run_are_cancelled_and_no_others(
    store: ml_metadata.MetadataStore,
) -> None:
    _run(store, "mine", STATES.COMPLETE, STATES.RUNNING)
    _run(store, "other", STATES.RUNNING)

    cancel_running(store, "mine")

    states = {execution.last_known_state for execution in run_executions(store, "mine")}
    assert states == {STATES.COMPLETE, STATES.CANCELED}
    assert run_executions(store, "other")[0].last_known_state == STATES.RUNNING


def test_half_written_outputs_go_and_checkpoints_stay(
    store: ml_metadata.MetadataStore, tmp_path: Path
) -> None:
    complete, running = _run(store, "mine", STATES.COMPLETE, STATES.RUNNING)
    artifacts = tmp_path / "artifacts"
    kept = artifacts / "Transform" / "transform_graph" / str(complete)
    half = artifacts / "Trainer" / "model" / str(running)
    checkpoints = artifacts / "Trainer" / ".system" / "stateful_working_dir" / "x"
    for folder in (kept, half, checkpoints):
        folder.mkdir(parents=True)

    clear_leftovers(store, "mine", artifacts)

    assert kept.is_dir()
    assert not half.exists()
    assert checkpoints.is_dir()


def test_a_run_that_never_reached_the_store_has_no_executions(
    store: ml_metadata.MetadataStore,
) -> None:
    assert run_executions(store, "nobody") == []


def test_a_node_is_finished_when_the_store_says_so(store: ml_metadata.MetadataStore) -> None:
    complete, running = _run(store, "mine", STATES.COMPLETE, STATES.RUNNING)
    node_type = store.put_context_type(metadata_store_pb2.ContextType(name="node"))
    names = {complete: "taxi.Transform", running: "taxi.Trainer"}
    for execution_id, name in names.items():
        [context] = store.put_contexts([metadata_store_pb2.Context(type_id=node_type, name=name)])
        store.put_attributions_and_associations(
            [],
            [metadata_store_pb2.Association(execution_id=execution_id, context_id=context)],
        )

    found = finished_nodes(store, "mine")

    assert {node: execution.id for node, execution in found.items()} == {"Transform": complete}
