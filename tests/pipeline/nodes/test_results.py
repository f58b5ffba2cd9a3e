"""What a node produced is said in a few words; of files in a bucket nothing is made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.nodes.results import Description, describe_outputs
from tests.made_run import Recorder, write_evaluation, write_gates


@pytest.mark.parametrize(
    "kind",
    [
        "Examples",
        "ExampleStatistics",
        "ExampleAnomalies",
        "Schema",
        "TransformGraph",
        "ModelRun",
        "ModelEvaluation",
    ],
)
def test_files_in_a_bucket_are_not_described(tmp_path: Path, kind: str) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    made = recorder.artifact(kind, "gs://bucket/artifacts/Node/key/1")
    recorder.execute("Node", outputs={"key": made})

    [execution] = recorder.store.get_executions()
    assert describe_outputs(recorder.store, "Node", execution.id) == Description()


def test_what_the_metadata_itself_says_is_told_of_a_bucket_as_well(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    made = recorder.artifact("ModelBlessing", "gs://bucket/Evaluator/blessing/1", blessed=1)
    recorder.execute("Evaluator", outputs={"blessing": made})

    [execution] = recorder.store.get_executions()
    found = describe_outputs(recorder.store, "Evaluator", execution.id)
    assert found == Description("blessed", blessed=True)


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"warnings": 0, "allowed": 0}, "data accepted"),
        ({"warnings": 2, "allowed": 0}, "data accepted, 2 warnings"),
        ({"warnings": 1, "allowed": 3}, "data accepted, 1 warning, 3 allowed findings"),
        ({}, "data accepted"),
    ],
)
def test_what_a_gate_noted_is_counted(
    tmp_path: Path, properties: dict[str, int], words: str
) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    made = recorder.artifact("DataBlessing", tmp_path / "blessing", blessed=1, **properties)
    recorder.execute("DataGate", outputs={"blessing": made})

    [execution] = recorder.store.get_executions()
    assert describe_outputs(recorder.store, "DataGate", execution.id).words == words


def test_the_data_to_compare_with_are_named_and_this_runs_examples_are_not(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    examples = recorder.artifact("Examples", tmp_path / "examples")
    before = recorder.artifact("ExampleStatistics", tmp_path / "statistics")
    recorder.execute("LatestAcceptedData", outputs={"examples": examples, "statistics": before})
    recorder.execute("LatestAcceptedData", outputs={"examples": examples})

    said = [
        describe_outputs(recorder.store, "LatestAcceptedData", execution.id).words
        for execution in sorted(recorder.store.get_executions(), key=lambda item: item.id)
    ]

    assert said == [f"ExampleStatistics {before.id}", "none yet"]


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"span": 0}, "rows: 20 train, 10 eval"),
        ({"span": 7}, "span 7, rows: 20 train, 10 eval"),
        ({"span": 7, "version": 2}, "span 7, version 2, rows: 20 train, 10 eval"),
    ],
)
def test_examples_are_named_by_their_span(
    tmp_path: Path, properties: dict[str, int], words: str
) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    rows = {"rows_train": 20, "rows_eval": 10}
    made = recorder.artifact("Examples", tmp_path / "examples", **rows, **properties)
    recorder.execute("ExampleGen", outputs={"examples": made})
    [execution] = recorder.store.get_executions()
    assert describe_outputs(recorder.store, "ExampleGen", execution.id).words == words


def test_a_training_window_names_its_spans(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    made = recorder.artifact("Examples", tmp_path / "examples", span=4)
    recorder.execute("TrainingWindow", outputs={"examples": made})
    [execution] = recorder.store.get_executions()
    assert describe_outputs(recorder.store, "TrainingWindow", execution.id).words == "span 4"


@pytest.mark.parametrize("allowed", [False, True])
def test_a_comparison_that_was_not_made_is_said_beside_the_metrics(
    tmp_path: Path, allowed: bool
) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    evaluation = tmp_path / "evaluation"
    evaluation.mkdir()
    write_evaluation(evaluation, bound=0.95)
    write_gates(evaluation, allow_no_comparison=allowed)
    made = recorder.artifact("ModelEvaluation", evaluation)
    blessing = recorder.artifact("ModelBlessing", tmp_path / "blessing", blessed=0)
    recorder.execute("Evaluator", outputs={"evaluation": made, "blessing": blessing})

    [execution] = recorder.store.get_executions()
    words = describe_outputs(recorder.store, "Evaluator", execution.id).words
    assert words.endswith(
        ", not compared with the model that serves: its label differs, 1 threshold missed,"
        " not blessed"
    )
