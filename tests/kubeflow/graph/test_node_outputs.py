"""What a node leaves to be drawn follows from the node and the task."""

from __future__ import annotations

import pytest

from kubeflow.graph.node_outputs import node_outputs


@pytest.mark.parametrize(
    ("node", "task", "names"),
    [
        ("StatisticsGen", "binary", ["report"]),
        ("Transform", "binary", []),
        ("Evaluator", "binary", ["report", "metrics", "classification"]),
        ("Evaluator", "multiclass", ["report", "metrics", "classification"]),
        ("Evaluator", "regression", ["report", "metrics"]),
        ("ServingValidator", "binary", ["report"]),
    ],
)
def test_outputs_by_node_and_task(node: str, task: str, names: list[str]) -> None:
    assert [output.name for output in node_outputs(node, task)] == names
