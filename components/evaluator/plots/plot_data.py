"""The data of the report's pictures of a model: ``plot_data.json`` in the evaluation.

Counts are those of all examples; curves and densities come from a sample of batches that is
spread evenly over the data, up to a million examples, which are all of them as a rule.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from components.evaluator.metric_names import Task
from components.evaluator.metrics.scores import Array, Scores
from components.evaluator.plots.binary_plots import binary_plots
from components.evaluator.plots.class_plots import MOST_CURVES, class_plots, name_of
from components.evaluator.plots.even_sample import EvenSample
from components.evaluator.plots.regression_plots import regression_plots

PLOT_DATA_FILE = "plot_data.json"
# Batches of ten thousand examples.
MOST_BATCHES = 100
_Columns = tuple[Array, Array, Array]


@dataclasses.dataclass
class _Model:
    """What is gathered of one model."""

    kept: EvenSample[_Columns]
    classes: int
    counts: dict[tuple[int, int], float] = dataclasses.field(default_factory=dict)


class PlotData:
    """Gathers what is drawn of a model and of the one that it is compared with.

    Args:
      task: The task of the models.
      threshold: The probability above which the positive class counts as predicted.
    """

    def __init__(self, task: Task, threshold: float) -> None:
        self._task = task
        self._threshold = threshold
        self._models: dict[str, _Model] = {}
        self._examples = 0

    def add(self, scores: Mapping[str, Scores]) -> None:
        """Takes a batch.

        Args:
          scores: By ``candidate`` and ``baseline``.
        """
        counted = len(next(iter(scores.values())).labels)
        self._examples += counted
        if not counted:
            return
        for name, found in scores.items():
            labels, predictions = _labels(found, self._task), found.predictions
            model = self._models.setdefault(
                name, _Model(EvenSample(MOST_BATCHES), predictions.shape[1])
            )
            weights = found.weights_or_ones(weighted=True)
            if self._task != "regression":
                predicted = (
                    predictions.argmax(axis=1)
                    if self._task == "multiclass"
                    else predictions[:, -1].astype(np.float64) > self._threshold
                )
                actual = labels if self._task == "multiclass" else labels > 0.5
                for pair, weight in _counts(actual, predicted, weights).items():
                    model.counts[pair] = model.counts.get(pair, 0.0) + weight
            if model.kept.wants_next():
                # The curves of many classes are not drawn.
                few = predictions if predictions.shape[1] <= MOST_CURVES else predictions[:, :0]
                model.kept.add((labels.astype(np.float64), few.astype(np.float32), weights))

    def document(self, classes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """All that is drawn, as plain values.

        Args:
          classes: The names of the classes by the name of the model, where they are known.
        """
        if not self._models:
            return {}
        sampled = sum(len(part[0]) for part in self._models["candidate"].kept.kept)
        return {
            "task": self._task,
            "threshold": self._threshold,
            "examples": self._examples,
            "sampled": sampled,
            **{
                name: self._drawn(model, list(classes.get(name) or ()))
                for name, model in self._models.items()
            },
        }

    def _drawn(self, model: _Model, names: list[str]) -> dict[str, Any]:
        labels, predictions, weights = (
            np.concatenate(column).astype(np.float64)
            for column in zip(*model.kept.kept, strict=True)
        )
        if self._task == "regression":
            return regression_plots(labels, predictions[:, 0], weights)
        if self._task == "binary":
            pairs = {"tn": (0, 0), "fp": (0, 1), "fn": (1, 0), "tp": (1, 1)}
            return {
                **binary_plots(labels, predictions[:, -1], weights),
                "at_threshold": {name: model.counts.get(pair, 0.0) for name, pair in pairs.items()},
                "names": names if len(names) == 2 else ["negative", "positive"],
            }
        curves = [
            {
                "class": name_of(number, names),
                **binary_plots((labels == number).astype(np.float64), scores, weights),
            }
            for number, scores in enumerate(predictions.T)
        ]
        return {**class_plots(model.counts, names, model.classes), "curves": curves}

    def write(self, uri: str, classes: Mapping[str, Sequence[str]]) -> None:
        """Writes the document into an evaluation's folder, if there is anything in it."""
        document = self.document(classes)
        if document:
            with tf.io.gfile.GFile(os.path.join(uri, PLOT_DATA_FILE), "w") as file:
                file.write(json.dumps(_finite(document), allow_nan=False))


def _labels(scores: Scores, task: Task) -> Array:
    if task == "multiclass" and scores.labels.shape[1] > 1:
        return np.asarray(scores.labels.argmax(axis=1))
    return np.asarray(scores.labels[:, 0])


def _counts(actual: Array, predicted: Array, weights: Array) -> dict[tuple[int, int], float]:
    """The weight of each pair of actual and predicted class."""
    pairs = np.stack([actual.astype(np.int64), predicted.astype(np.int64)])
    found, places = np.unique(pairs, axis=1, return_inverse=True)
    sums = np.bincount(places.ravel(), weights=weights)
    return {(int(a), int(p)): float(s) for (a, p), s in zip(found.T, sums, strict=True)}


def _finite(value: Any) -> Any:
    """The same with null for numbers that JSON does not know, and with short numbers."""
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
