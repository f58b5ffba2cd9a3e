"""An evaluation as the Kubeflow interface draws it: numbers, a matrix and a curve.

The structures are those of `kfp.dsl.ClassificationMetrics` and of the interface's
`MetricsVisualizations`, which checks them.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.evaluator.outcome import protos
from components.evaluator.outcome.gates_file import read_gates
from components.evaluator.outcome.reading import BASELINE, Evaluation
from core.artifact_files import records

# The curve is sent with the artifact's metadata, so it must not grow without bounds.
_MOST_POINTS = 128
_UNUSUAL = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclasses.dataclass(frozen=True)
class ThresholdCounts:
    """The four counts of a binary model at one threshold."""

    threshold: float
    true_positives: float
    false_positives: float
    true_negatives: float
    false_negatives: float

    @property
    def recall(self) -> float:
        """The share of positives that are found; 0 where there are none."""
        return _share(self.true_positives, self.false_negatives)

    @property
    def false_positive_rate(self) -> float:
        """The share of negatives that are taken for positives; 0 where there are none."""
        return _share(self.false_positives, self.true_negatives)


def scalar_metrics(found: Evaluation, blessed: bool | None) -> dict[str, float]:
    """The metadata of a ``system.Metrics`` artifact.

    Args:
      found: The evaluation.
      blessed: The verdict, None where nothing was validated.

    Returns:
      Finite numbers by name: all metrics over all examples, how many thresholds were
      missed, and 1 or 0 for a model that was blessed or not.
    """
    overall = found.overall.metrics.values() if found.overall else ()
    numbers: dict[str, float] = {}
    for metric in overall:
        if math.isfinite(metric.value):
            name = _UNUSUAL.sub("_", metric.name)
            # Classes with names in other letters than these would all be called the same.
            while name in numbers:
                name += "_"
            numbers[name] = metric.value
    if blessed is not None:
        numbers["thresholds_missed"] = float(sum(not check.passed for check in found.checks))
        numbers["blessed"] = float(blessed)
    return numbers


def classification_metrics(
    folder: Path, *, threshold: float, classes: Sequence[str] | None
) -> dict[str, Any]:
    """The metadata of a ``system.ClassificationMetrics`` artifact.

    Args:
      folder: Where the Evaluator wrote.
      threshold: The probability above which the positive class counts as predicted.
      classes: The names of the classes, in order.

    Returns:
      ``confusionMatrix`` and, for a binary model, ``confidenceMetrics``; empty where
      the Evaluator drew no plots. Many classes are folded as in the report.

    Raises:
      OSError: If a file cannot be read.
    """
    drawn = read_gates(folder).plots
    if drawn is not None and drawn["task"] != "regression":
        return _as_in_report(drawn["candidate"])
    plot = _overall_plot(folder)
    if plot is None:
        return {}
    counts = _counts(plot)
    if counts:
        nearest = min(counts, key=lambda entry: abs(entry.threshold - threshold))
        names = tuple(classes) if classes and len(classes) == 2 else ("negative", "positive")
        return {
            "confusionMatrix": _matrix(
                names,
                [
                    [nearest.true_negatives, nearest.false_positives],
                    [nearest.false_negatives, nearest.true_positives],
                ],
            ),
            "confidenceMetrics": _curve(counts),
        }
    entries = _multiclass_entries(plot)
    return {"confusionMatrix": _multiclass_matrix(entries, classes)} if entries else {}


def _as_in_report(model: Mapping[str, Any]) -> dict[str, Any]:
    """From what the report's pictures are drawn from."""
    if "matrix" in model:
        return {"confusionMatrix": _matrix(model["matrix"]["names"], model["matrix"]["rows"])}
    counts = model["at_threshold"]
    rows = [[counts["tn"], counts["fp"]], [counts["fn"], counts["tp"]]]
    found: dict[str, Any] = {"confusionMatrix": _matrix(model["names"], rows)}
    if model["curve"]:
        step = math.ceil(len(model["curve"]) / (_MOST_POINTS - 2))
        points = [[1.0, 0.0, 0.0], *model["curve"][:-1:step], model["curve"][-1]]
        found["confidenceMetrics"] = [
            {
                "confidenceThreshold": min(1.0, max(0.0, point[0])),
                "recall": point[2],
                "falsePositiveRate": point[1],
            }
            for point in points
        ]
    return found


def _overall_plot(folder: Path) -> Any | None:
    _, metrics_pb2, _ = protos.load()
    for path in sorted(folder.glob("plots-*")):
        for record in records(path):
            row = metrics_pb2.PlotsForSlice.FromString(record)
            if row.slice_key.single_slice_keys:
                continue
            for pair in row.plot_keys_and_values:
                if pair.key.model_name != BASELINE:
                    return pair.value
    return None


def _counts(plot: Any) -> list[ThresholdCounts]:
    return [
        ThresholdCounts(
            matrix.threshold,
            matrix.true_positives,
            matrix.false_positives,
            matrix.true_negatives,
            matrix.false_negatives,
        )
        for matrix in plot.confusion_matrix_at_thresholds.matrices
        if math.isfinite(matrix.threshold)
    ]


def _curve(counts: Sequence[ThresholdCounts]) -> list[dict[str, float]]:
    """From the highest threshold to the lowest, so that both rates grow."""
    # TFMA puts thresholds a hair outside of 0 and 1 to get the curve's ends.
    inside = [entry for entry in counts if -0.01 <= entry.threshold <= 1.01]
    ordered = sorted(inside, key=lambda entry: -entry.threshold)
    step = max(1, math.ceil(len(ordered) / _MOST_POINTS))
    chosen = [*ordered[::step], *([ordered[-1]] if (len(ordered) - 1) % step else [])]
    return [
        {
            "confidenceThreshold": round(min(1.0, max(0.0, entry.threshold)), 6),
            "recall": entry.recall,
            "falsePositiveRate": entry.false_positive_rate,
        }
        for entry in chosen
    ]


def _multiclass_entries(plot: Any) -> list[Any]:
    matrices = plot.multi_class_confusion_matrix_at_thresholds.matrices
    return list(min(matrices, key=lambda matrix: matrix.threshold).entries) if matrices else []


def _multiclass_matrix(entries: Sequence[Any], classes: Sequence[str] | None) -> dict[str, Any]:
    # A class id of -1 stands for an example that no class was predicted for.
    ids = [i for e in entries for i in (e.actual_class_id, e.predicted_class_id) if i >= 0]
    size = max([*ids, len(classes or ()) - 1]) + 1
    names = [
        classes[index] if classes and index < len(classes) else str(index) for index in range(size)
    ]
    rows = [[0.0] * size for _ in range(size)]
    for entry in entries:
        if entry.actual_class_id >= 0 and entry.predicted_class_id >= 0:
            rows[entry.actual_class_id][entry.predicted_class_id] += entry.num_weighted_examples
    return _matrix(names, rows)


def _matrix(names: Sequence[str], rows: Sequence[Sequence[float]]) -> dict[str, Any]:
    return {
        "annotationSpecs": [{"displayName": name} for name in names],
        "rows": [{"row": [round(value, 6) for value in row]} for row in rows],
    }


def _share(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest > 0 else 0.0
