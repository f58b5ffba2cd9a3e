"""What each node leaves for the Kubeflow interface to draw."""

from __future__ import annotations

from kubeflow.graph.task_graph import TaskOutput

REPORT = TaskOutput("report", "system.HTML")
METRICS = TaskOutput("metrics", "system.Metrics")
CLASSIFICATION = TaskOutput("classification", "system.ClassificationMetrics")

_WITH_REPORT = (
    "StatisticsGen",
    "ExampleValidator",
    "DataGate",
    "Tuner",
    "Trainer",
    "Evaluator",
    "ServingValidator",
)


def node_outputs(node_id: str, task: str) -> tuple[TaskOutput, ...]:
    """The outputs of one node's task.

    Args:
      node_id: The TFX node, such as ``Evaluator``.
      task: What is predicted: ``binary``, ``multiclass`` or ``regression``.

    Returns:
      A page for nodes that have something to show; of the Evaluator its metrics as
      well, and for classification what its confusion matrix and curves are drawn from.
    """
    if node_id not in _WITH_REPORT:
        return ()
    if node_id != "Evaluator":
        return (REPORT,)
    if task == "regression":
        return (REPORT, METRICS)
    return (REPORT, METRICS, CLASSIFICATION)
