"""What killed nodes left behind is cleared; what others made is not touched."""

from __future__ import annotations

from pathlib import Path

import ml_metadata
import pytest
from ml_metadata.proto import metadata_store_pb2

from metadata.leftovers import (
    cancel_running,
    clear_leftovers,
    clear_node_leftovers,
    finished_nodes,
    node_executions,
    run_executions,
)
from metadata.store import open_store, sqlite_config

STATES = metadata_store_pb2.Execution


@pytest.fixture
def store(tmp_path: Path) -> ml_metadata.MetadataStore:
    return open_store(sqlite_config(tmp_path / "metadata.sqlite"))


def _context(store: ml_metadata.MetadataStore, kind: str, name: str) -> int:
    found = store.get_context_by_type_and_name(kind, name)
    if found is not None:
        return int(found.id)
    type_id = store.put_context_type(metadata_store_pb2.ContextType(name=kind))
    [made] = store.put_contexts([metadata_store_pb2.Context(type_id=type_id, name=name)])
    return int(made)


def _run(store: ml_metadata.MetadataStore, run_id: str, **states: int) -> dict[str, int]:
    """Records a run, an execution in a given state per node; their ids by node."""
    run = _context(store, "pipeline_run", run_id)
    kind = store.put_execution_type(metadata_store_pb2.ExecutionType(name="component"))
    made = {}
    for node, state in states.items():
        [made[node]] = store.put_executions([STATES(type_id=kind, last_known_state=state)])
        association = metadata_store_pb2.Association
        contexts = (run, _context(store, "node", f"taxi.{node}"))
        store.put_attributions_and_associations(
            [], [association(execution_id=made[node], context_id=c) for c in contexts]
        )
    return made


def _states(store: ml_metadata.MetadataStore, run_id: str) -> dict[str, int]:
    return {node: execution.last_known_state for node, execution in node_executions(store, run_id)}


def _folder(*parts: str) -> Path:
    path = Path(*parts)
    path.mkdir(parents=True)
    (path / "file").write_text("")
    return path


def test_running_executions_of_the_run_are_cancelled_and_no_others(
    store: ml_metadata.MetadataStore,
) -> None:
    _run(store, "mine", Transform=STATES.COMPLETE, Trainer=STATES.RUNNING)
    _run(store, "other", Trainer=STATES.RUNNING)

    cancel_running(store, "mine")

    assert _states(store, "mine") == {"Transform": STATES.COMPLETE, "Trainer": STATES.CANCELED}
    assert _states(store, "other") == {"Trainer": STATES.RUNNING}


def test_half_written_outputs_go_and_checkpoints_stay(
    store: ml_metadata.MetadataStore, tmp_path: Path
) -> None:
    ids = _run(store, "mine", Transform=STATES.COMPLETE, Trainer=STATES.RUNNING)
    trainer = str(ids["Trainer"])
    root = str(tmp_path)
    kept = _folder(root, "Transform", "transform_graph", str(ids["Transform"]))
    other = _folder(root, "Transform", "transform_graph", trainer)
    half = _folder(root, "Trainer", "model", trainer)
    temporary = _folder(root, "Trainer", ".system", "executor_execution", trainer)
    checkpoints = _folder(root, "Trainer", ".system", "stateful_working_dir", trainer)

    clear_leftovers(store, "mine", tmp_path)

    assert not half.exists()
    assert not temporary.exists()
    assert all(folder.is_dir() for folder in (kept, other, checkpoints))


@pytest.mark.parametrize("state", [STATES.RUNNING, STATES.NEW, STATES.FAILED])
def test_an_earlier_attempt_at_one_node_is_cleared(
    store: ml_metadata.MetadataStore, tmp_path: Path, state: int
) -> None:
    ids = _run(store, "mine", Trainer=state)
    half = _folder(str(tmp_path), "Trainer", "model", str(ids["Trainer"]))

    assert clear_node_leftovers(store, "mine", "Trainer", str(tmp_path)) == 1

    assert not half.exists()
    assert _states(store, "mine")["Trainer"] in (STATES.CANCELED, STATES.FAILED)


def test_clearing_one_node_leaves_nodes_alone_that_run_beside_it(
    store: ml_metadata.MetadataStore, tmp_path: Path
) -> None:
    ids = _run(store, "mine", Trainer=STATES.RUNNING, Evaluator=STATES.RUNNING)
    _run(store, "other", Trainer=STATES.RUNNING)
    beside = _folder(str(tmp_path), "Evaluator", "evaluation", str(ids["Evaluator"]))

    clear_node_leftovers(store, "mine", "Trainer", tmp_path)

    assert beside.is_dir()
    assert _states(store, "mine") == {"Trainer": STATES.CANCELED, "Evaluator": STATES.RUNNING}
    assert _states(store, "other") == {"Trainer": STATES.RUNNING}


def test_a_node_that_has_finished_is_not_touched(
    store: ml_metadata.MetadataStore, tmp_path: Path
) -> None:
    ids = _run(store, "mine", Trainer=STATES.COMPLETE)
    model = _folder(str(tmp_path), "Trainer", "model", str(ids["Trainer"]))

    assert clear_node_leftovers(store, "mine", "Trainer", tmp_path) == 0

    assert model.is_dir()
    assert _states(store, "mine") == {"Trainer": STATES.COMPLETE}


def test_a_run_that_never_reached_the_store_has_no_executions(
    store: ml_metadata.MetadataStore, tmp_path: Path
) -> None:
    assert run_executions(store, "nobody") == []
    assert clear_node_leftovers(store, "nobody", "Trainer", tmp_path) == 0


def test_a_node_is_finished_when_the_store_says_so(store: ml_metadata.MetadataStore) -> None:
    ids = _run(store, "mine", Transform=STATES.COMPLETE, Trainer=STATES.RUNNING)

    found = finished_nodes(store, "mine")

    assert {node: execution.id for node, execution in found.items()} == {
        "Transform": ids["Transform"]
    }
