"""What a node produced is said in a few words; of files in a bucket nothing is made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.node_results import Description, describe_outputs
from tests.pipeline.made_run import Recorder


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
