"""A run is read from a real metadata store."""

from __future__ import annotations

from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd

from core.errors import InfrastructureError
from metadata import records, store
from tests.made_run import Recorder, make_run


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    """A store with one empty run."""
    return Recorder(tmp_path / "metadata.sqlite", "run-1")


def test_a_run_has_its_nodes_states_and_artifacts(tmp_path: Path) -> None:
    made = make_run(tmp_path)
    opened = store.open_for_reading(made.root / "metadata.sqlite")

    run = records.read_run(opened, made.run_id)

    trainer = run.execution("Trainer")
    assert trainer is not None
    assert (trainer.state, trainer.run_id) == ("COMPLETE", "run-1")
    assert [a.type for a in trainer.inputs["transform_graph"]] == ["TransformGraph"]
    assert trainer.properties["train_args"] == '{"num_steps": 100}'
    examples = run.output("examples")
    assert examples is not None
    assert (examples.value("span"), examples.value("nothing")) == (3, None)


def test_an_unknown_run_is_empty(recorder: Recorder) -> None:
    assert records.read_run(recorder.store, "another").executions == ()


def test_values_of_all_kinds_are_read(recorder: Recorder) -> None:
    values = {
        "whole": 3,
        "real": 0.5,
        "text": "a",
        "wrapped": {"__value__": [1, 2]},
        "map": {"a": 1},
    }
    artifact = recorder.artifact("Examples", "/x", **values)
    recorder.execute("ExampleGen", outputs={"examples": artifact})

    found = records.read_run(recorder.store, "run-1").output("examples")

    assert found is not None
    assert dict(found.custom_properties) == {**values, "wrapped": [1, 2]}


def test_artifacts_of_one_key_keep_their_order(recorder: Recorder) -> None:
    made = [recorder.artifact("Model", f"/{i}") for i in range(2)]
    for artifact in made:
        recorder.execute("Trainer", outputs={"model": artifact})
    type_id = recorder.store.put_execution_type(mlmd.ExecutionType(name="Reader"))
    step = mlmd.Event.Path.Step
    pairs = [
        (a, mlmd.Event(type=mlmd.Event.INPUT, path={"steps": [step(key="models"), step(index=i)]}))
        for a, i in ((made[0], 1), (made[1], 0))
    ]
    context = recorder.store.get_context_by_type_and_name("pipeline_run", "run-1")
    recorder.store.put_execution(mlmd.Execution(type_id=type_id), pairs, [context])

    reader = records.read_run(recorder.store, "run-1").executions[-1]

    assert [a.uri for a in reader.inputs["models"]] == ["/1", "/0"]


def test_the_last_good_execution_of_a_node_counts(recorder: Recorder) -> None:
    good, bad = mlmd.Execution.COMPLETE, mlmd.Execution.FAILED
    for state in (good, bad):
        recorder.execute("Trainer", state=state)

    found = records.read_run(recorder.store, "run-1").execution("Trainer")

    assert found is not None
    assert found.state == "COMPLETE"


def test_a_live_output_comes_before_an_abandoned_one(recorder: Recorder) -> None:
    live, gone = recorder.artifact("Model", "/live"), recorder.artifact("Model", "/gone")
    gone.state = mlmd.Artifact.ABANDONED
    recorder.execute("Trainer", outputs={"model": live})
    recorder.execute("Trainer", outputs={"model": gone}, state=mlmd.Execution.FAILED)

    found = records.read_run(recorder.store, "run-1").output("model")

    assert found is not None
    assert found.uri == "/live"


def test_what_a_resolver_found_is_not_the_run_s_output(recorder: Recorder) -> None:
    old = recorder.artifact("Model", "/old")
    recorder.execute("latest_blessed", outputs={"model": old}, event=mlmd.Event.INTERNAL_OUTPUT)

    run = records.read_run(recorder.store, "run-1")

    assert run.output("model") is None
    resolver = run.execution("latest_blessed")
    assert resolver is not None
    assert [a.uri for a in resolver.outputs["model"]] == ["/old"]


def test_blessings_of_two_kinds_are_told_apart(recorder: Recorder) -> None:
    recorder.execute("Evaluator", outputs={"blessing": recorder.artifact("ModelBlessing", "/m")})
    recorder.execute("DataGate", outputs={"blessing": recorder.artifact("DataBlessing", "/d")})

    run = records.read_run(recorder.store, "run-1")

    blessing = run.output("blessing", "ModelBlessing")
    assert blessing is not None
    assert blessing.uri == "/m"


@pytest.mark.parametrize("content", [None, b"not a database" * 100])
def test_a_store_that_cannot_be_opened_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "metadata.sqlite"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InfrastructureError, match=r"metadata\.sqlite"):
        store.open_for_reading(path)


def test_reading_leaves_no_file_behind(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError):
        store.open_for_reading(tmp_path / "metadata.sqlite")

    assert list(tmp_path.iterdir()) == []
