"""An artifact is followed back to the files it began with."""

from __future__ import annotations

from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd

from core.errors import InfrastructureError
from metadata import lineage, records, store
from tests.made_run import Recorder, make_run


def pushed_lineage(root: Path, run_id: str = "run-1") -> lineage.Lineage:
    """The lineage of what a made run pushed."""
    opened = store.open_for_reading(root / "metadata.sqlite")
    pushed = records.read_run(opened, run_id).output("pushed_model")
    assert pushed is not None
    return lineage.trace(opened, pushed.id)


def test_a_pushed_model_leads_to_its_data(tmp_path: Path) -> None:
    make_run(tmp_path)

    (dataset,) = pushed_lineage(tmp_path).datasets

    assert (dataset.span, dataset.version, dataset.fingerprint) == (3, 1, "files:1")
    assert list(dataset.rows.items()) == [("train", 600), ("eval", 300)]
    assert dataset.rejected == 2
    assert dataset.input_base == "/data/taxi"


def test_the_steps_are_those_that_made_it_in_order(tmp_path: Path) -> None:
    make_run(tmp_path)

    nodes = [step.execution.node for step in pushed_lineage(tmp_path).steps]

    assert nodes == ["ExampleGen", "SchemaGen", "Transform", "Trainer", "Evaluator", "Pusher"]


def test_the_evaluation_behind_a_blessing_belongs_to_it(tmp_path: Path) -> None:
    make_run(tmp_path)

    evaluation = pushed_lineage(tmp_path).first("evaluation")

    assert evaluation is not None
    assert evaluation.type == "ModelEvaluation"


def test_hyperparameters_are_what_the_trainer_was_told(tmp_path: Path) -> None:
    make_run(tmp_path)

    assert pushed_lineage(tmp_path).hyperparameters == {"num_steps": 100, "learning_rate": 0.01}


def test_runs_do_not_mix(tmp_path: Path) -> None:
    make_run(tmp_path, "run-1")
    make_run(tmp_path, "run-2")

    found = pushed_lineage(tmp_path, "run-2")

    assert {step.execution.run_id for step in found.steps} == {"run-2"}


def test_a_cached_artifact_belongs_to_the_execution_that_made_it(tmp_path: Path) -> None:
    path = tmp_path / "metadata.sqlite"
    first = Recorder(path, "run-1")
    examples = first.artifact("Examples", "/examples")
    first.execute("ExampleGen", outputs={"examples": examples})
    second = Recorder(path, "run-2")
    second.execute("ExampleGen", outputs={"examples": examples}, state=mlmd.Execution.CACHED)
    model = second.artifact("Model", "/model")
    second.execute("Trainer", inputs={"examples": examples}, outputs={"model": model})

    found = lineage.trace(second.store, model.id)

    assert [(s.execution.node, s.execution.run_id) for s in found.steps] == [
        ("ExampleGen", "run-1"),
        ("Trainer", "run-2"),
    ]


def test_a_baseline_is_named_and_not_followed(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    old_data, old = recorder.artifact("Examples", "/old"), recorder.artifact("Model", "/baseline")
    recorder.execute("ExampleGen", outputs={"examples": old_data})
    recorder.execute("Trainer", inputs={"examples": old_data}, outputs={"model": old})
    model, blessing = recorder.artifact("Model", "/new"), recorder.artifact("ModelBlessing", "/b")
    recorder.execute("Trainer", outputs={"model": model})
    recorder.execute(
        "Evaluator", inputs={"model": model, "baseline_model": old}, outputs={"blessing": blessing}
    )

    found = lineage.trace(recorder.store, blessing.id)

    assert [artifact.uri for artifact in found.references] == ["/baseline"]
    assert found.datasets == ()


def test_an_artifact_that_is_not_there_is_said(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")

    with pytest.raises(InfrastructureError, match="no artifact 99"):
        lineage.trace(recorder.store, 99)


def test_examples_that_do_not_say_their_rows_have_none(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    examples = recorder.artifact("Examples", "/x", rows_train="many")
    recorder.execute("ExampleGen", outputs={"examples": examples})

    (dataset,) = lineage.trace(recorder.store, examples.id).datasets

    assert (dataset.rows, dataset.rejected) == ({}, 0)


@pytest.mark.parametrize(("second", "expected"), [("files:1", 1), ("files:2", 2)])
def test_data_that_a_tuner_and_a_trainer_each_read_are_told_once(
    second: str, expected: int, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    read = [
        recorder.artifact("Examples", f"/{part}", span=3, input_fingerprint=fingerprint)
        for part, fingerprint in enumerate(("files:1", second))
    ]
    for examples in read:
        recorder.execute("ExampleGen", outputs={"examples": examples})
    best, model = (recorder.artifact(kind, f"/{kind}") for kind in ("HyperParameters", "Model"))
    recorder.execute("Tuner", inputs={"examples": read[0]}, outputs={"best": best})
    recorder.execute(
        "Trainer", inputs={"examples": read[1], "hyperparameters": best}, outputs={"model": model}
    )

    found = lineage.trace(recorder.store, model.id)

    assert len(found.datasets) == expected
    assert len(found.first_examples) == 2
