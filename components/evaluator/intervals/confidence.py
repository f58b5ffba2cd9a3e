"""Confidence intervals of every metric in every slice, computed on arrays.

TFMA's own intervals (jackknife, Poisson bootstrap) evaluate everything twenty times over
and are of width zero in tiny slices where all examples are alike, which is where they are
needed most. Those here have closed forms, see `interval_methods` and `influence`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.utils import model_util

from components.evaluator.intervals.influence import Estimate, Examples, choices_of, estimate
from components.evaluator.intervals.interval_methods import Interval
from components.evaluator.intervals.own_estimates import own_estimate
from components.evaluator.metrics.macro_auc import MOST_CLASSES
from components.evaluator.metrics.scores import Array, Scores
from components.evaluator.metrics.sliced_metrics import Metrics
from components.evaluator.slicing import Rows, SliceKey

# Metric name, and whether it is of the change against the baseline.
Intervals: TypeAlias = dict[SliceKey, dict[tuple[str, bool], Interval]]

# Labels, predictions, weights, and choices as `influence.choices_of` has them.
Kept: TypeAlias = tuple[Array, Array, Array, Array]


class KeptScores:
    """Keeps the scores of all batches, since an interval of an AUC needs them together."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Kept]] = defaultdict(list)
        self._rows: dict[SliceKey, list[Rows]] = defaultdict(list)
        self._count = 0

    def add(self, scores: Mapping[str, Scores], slices: Mapping[SliceKey, Rows]) -> None:
        """Adds a batch; see `SlicedMetrics.add`."""
        for name, part in scores.items():
            self._kept[name].append(keep(part))
        for key, rows in slices.items():
            self._rows[key].append(rows + self._count)
        self._count += len(next(iter(scores.values())).labels)

    def intervals(
        self,
        results: Sequence[tuple[SliceKey, Metrics]],
        eval_config: tfma.EvalConfig,
        confidence: float,
    ) -> Intervals:
        """The intervals of the metrics that have one.

        Args:
          results: The public metrics by slice.
          eval_config: The configuration, with TFMA's defaults filled in.
          confidence: Such as 0.95.
        """
        baseline = model_util.get_baseline_model_spec(eval_config)
        models = {name: joined(parts) for name, parts in self._kept.items()}
        before = models.pop(baseline.name) if baseline else None
        [(candidate, now)] = models.items()
        found: Intervals = {}
        estimates = _estimates(eval_config, confidence)
        for key, metrics in results:
            rows = np.concatenate(self._rows[key])
            found[key] = {}
            for name, (how, threshold) in estimates.items():
                here = _at(now, rows, threshold)
                there = None if before is None else _at(before, rows, threshold)
                values = _values(metrics, name, candidate)
                with np.errstate(all="ignore"):
                    if False in values:
                        found[key][name, False] = how.interval(values[False], here)
                    if True in values and there is not None:
                        found[key][name, True] = how.change(values[True], here, there)
        return found


def _values(metrics: Metrics, name: str, candidate: str) -> dict[bool, float]:
    """The metric's value and, as True, its change."""
    return {
        key.is_diff: float(np.asarray(value).reshape(-1)[0])
        for key, value in metrics.items()
        if isinstance(key, metric_types.MetricKey)
        and key.name == name
        and key.sub_key is None
        and key.model_name in ("", candidate)
        and isinstance(value, float | int | np.number | np.ndarray)
        and np.size(value) == 1
    }


def keep(scores: Scores) -> Kept:
    """What intervals need of a batch."""
    labels = scores.labels.astype(np.float64)
    if labels.shape[1] > 1:
        labels = labels.argmax(axis=1)[:, np.newaxis].astype(np.float64)
    labels, predictions = labels[:, 0], scores.predictions
    classes = predictions.shape[1]
    choices = choices_of(labels, predictions) if classes > 1 else np.empty((len(labels), 0))
    # Of thousands of classes each example would take as many numbers.
    few = predictions if classes <= MOST_CLASSES else predictions[:, :0]
    return labels, few, scores.weights_or_ones(weighted=True), choices


def joined(parts: Sequence[Kept]) -> Kept:
    """Several batches as one."""
    labels, predictions, weights, choices = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return labels, predictions, weights, choices


def _at(model: Kept, rows: Rows, threshold: float) -> Examples:
    labels, predictions, weights, choices = (column[rows] for column in model)
    return Examples(
        labels,
        predictions.astype(np.float64),
        weights,
        threshold,
        choices if choices.shape[1] else None,
    )


def _estimates(
    eval_config: tfma.EvalConfig, confidence: float
) -> dict[str, tuple[Estimate, float]]:
    found: dict[str, tuple[Estimate, float]] = {}
    for spec in eval_config.metrics_specs:
        for metric in spec.metrics:
            options: dict[str, Any] = json.loads(metric.config) if metric.config else {}
            how = own_estimate(metric.class_name, confidence, options) or estimate(
                metric.class_name, confidence
            )
            if how is not None and "name" in options:
                decided = options.get("thresholds") or [options.get("threshold", 0.5)]
                found[options["name"]] = how, float(decided[0])
    return found
