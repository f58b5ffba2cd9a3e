"""Whether a model is clearly better than guessing on its main metric.

Guessing gives every row the same answer: the one that is best for the metric on these very
rows (the commonest class, the classes' shares, the mean, the median), which makes it a little
harder to beat than any guess that could have been made beforehand. The difference is measured
row by row, so that what both have in common does not count; see `influence`.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from components.evaluator.gates import Gates
from components.evaluator.intervals.confidence import Kept, joined, keep
from components.evaluator.intervals.influence import (
    Auc,
    Estimate,
    Examples,
    estimate,
    weighted_mean,
)
from components.evaluator.intervals.own_estimates import MacroAverage
from components.evaluator.metric_names import LOWER_IS_BETTER
from components.evaluator.metrics.scores import Array, Scores
from components.in_memory import NotInMemoryError

GUESSING_FILE = "guessing.json"
# Asking for less would take chance for skill once in so many first models.
_LEAST_CONFIDENCE = 0.95
# Above this share of one class, the share of right answers says little.
_ONE_SIDED = 0.8
_CLIP = 1e-7


class Guessing:
    """Gathers the candidate's predictions and compares them with guessing.

    Args:
      gates: The task, the metric and the level of confidence.
    """

    def __init__(self, gates: Gates) -> None:
        self._gates = gates
        self._kept: list[Kept] = []

    def add(self, scores: Scores) -> None:
        """Takes a batch.

        Raises:
          NotInMemoryError: If labels and predictions are not of the same classes.
        """
        if self._gates.task == "binary" and scores.predictions.shape[1] == 2:
            scores = dataclasses.replace(scores, predictions=scores.predictions[:, 1:])
        if not len(scores.labels):
            return
        classes = scores.predictions.shape[1]
        of_index = self._gates.task == "multiclass" and scores.labels.shape[1] == 1
        if of_index and scores.labels.max() >= classes:
            raise NotInMemoryError(f"the model predicts {classes} classes, and there are more")
        self._kept.append(keep(scores))

    def write(self, uri: str) -> None:
        """Writes what was found into an evaluation's folder."""
        if self._kept:
            write_guessing(uri, self.document())

    def document(self) -> dict[str, Any]:
        """The metric, its value, what guessing gives, the interval, and the verdict."""
        now = _examples(joined(self._kept), self._gates)
        metric = self._gates.better_than_guessing
        if metric == "accuracy" and _shares(now).max() > _ONE_SIDED:
            metric = "macro_recall"
        confidence = max(_LEAST_CONFIDENCE, self._gates.confidence or 0.0)
        with np.errstate(all="ignore"):
            value = _VALUES[metric](now)
            guess = _guess(metric, now)
            guessed = _VALUES[metric](guess)
            how = _estimate(metric, confidence)
            if isinstance(how, Auc):
                # All guesses have this area, whatever the rows: nothing about it is chance.
                low, high = how.interval(value, now)
            else:
                low, high = how.change(value - guessed, now, guess)
                low, high = guessed + low, guessed + high
        better = high < guessed if metric in LOWER_IS_BETTER else low > guessed
        return {
            "metric": metric,
            "value": value if math.isfinite(value) else None,
            "guess": guessed,
            "interval": [low, high] if math.isfinite(high - low) else None,
            "examples": len(now.labels),
            "better": bool(better and math.isfinite(value)),
        }


def write_guessing(uri: str, document: Mapping[str, Any]) -> None:
    """Writes a comparison with guessing where `read_guessing` finds it."""
    with tf.io.gfile.GFile(os.path.join(uri, GUESSING_FILE), "w") as file:
        file.write(json.dumps(document, indent=1))


def read_guessing(uri: str, gates: Gates, *, compared: bool) -> dict[str, Any] | None:
    """What an evaluation found, where it counts.

    Args:
      uri: The ModelEvaluation artifact's uri.
      gates: What is judged beyond TFMA's thresholds.
      compared: Whether the model was compared with the blessed one, which has to be
        better than guessing itself.

    Returns:
      As `Guessing.document`, with ``better`` false and a ``problem`` where it could not be
      measured; None where it does not count.
    """
    if compared or not gates.better_than_guessing:
        return None
    path = os.path.join(uri, GUESSING_FILE)
    found: dict[str, Any] = {"problem": "nothing was measured"}
    if tf.io.gfile.exists(path):
        with tf.io.gfile.GFile(path) as file:
            found = json.loads(file.read())
    return {"metric": gates.better_than_guessing, "better": False, **found}


def _examples(kept: Kept, gates: Gates) -> Examples:
    labels, predictions, weights, choices = kept
    if gates.task == "binary":
        score = predictions[:, 0].astype(np.float64)
        own = np.where(labels > 0.5, score, 1 - score)
        choices = np.stack([score > gates.decision_threshold, own], axis=1)
    return Examples(
        labels,
        predictions.astype(np.float64),
        weights,
        gates.decision_threshold,
        choices if choices.shape[1] else None,
    )


def _shares(examples: Examples) -> Array:
    """The share of each class, float64 [classes]."""
    counts = np.bincount(examples.labels.astype(np.int64), weights=examples.weights)
    return np.asarray(counts / counts.sum())


def _guess(metric: str, now: Examples) -> Examples:
    """The same rows with the one answer that is best on them."""
    rows = len(now.labels)
    if metric in _OF_NUMBERS:
        answer = (
            _median(now.labels, now.weights)
            if metric == "mean_absolute_error"
            else weighted_mean(now.labels, now.weights)
        )
        return dataclasses.replace(now, predictions=np.full((rows, 1), answer))
    shares = _shares(now)
    own = shares[now.labels.astype(np.int64)]
    choices = np.stack([np.full(rows, float(shares.argmax())), own], axis=1)
    return dataclasses.replace(now, predictions=np.zeros((rows, 1)), choices=choices)


def _median(values: Array, weights: Array) -> float:
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(passed, passed[-1] / 2)]])


def _area(examples: Examples) -> float:
    """The weighted area under the ROC curve, ties counting half."""
    _, places = np.unique(examples.score, return_inverse=True)
    positive = examples.positive
    above = np.bincount(places, weights=examples.weights * positive)
    below = np.bincount(places, weights=examples.weights * ~positive)
    under = np.cumsum(below) - below / 2
    return float((above * under).sum() / (above.sum() * below.sum()))


def _recall(examples: Examples) -> float:
    classes = examples.labels.astype(np.int64)
    hits = np.bincount(classes, weights=examples.weights * (examples.chosen == examples.labels))
    sizes = np.bincount(classes, weights=examples.weights)
    return float((hits[sizes > 0] / sizes[sizes > 0]).mean())


def _mean_of(values: Callable[[Examples], Array]) -> Callable[[Examples], float]:
    return lambda examples: weighted_mean(values(examples), examples.weights)


def _error(examples: Examples) -> Array:
    return np.asarray(examples.score - examples.labels)


_OF_NUMBERS: Collection[str] = ("root_mean_squared_error", "mean_absolute_error")
_VALUES: Mapping[str, Callable[[Examples], float]] = {
    "auc": _area,
    "accuracy": _mean_of(lambda e: e.chosen == e.labels),
    "macro_recall": _recall,
    "log_loss": _mean_of(lambda e: -np.log(np.clip(e.own_probability, _CLIP, 1))),
    "root_mean_squared_error": lambda e: math.sqrt(weighted_mean(_error(e) ** 2, e.weights)),
    "mean_absolute_error": _mean_of(lambda e: np.abs(_error(e))),
}
_CLASS_NAMES = {
    "auc": "AUC",
    "accuracy": "SparseCategoricalAccuracy",
    "log_loss": "SparseCategoricalCrossentropy",
    "root_mean_squared_error": "RootMeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
}


def _estimate(metric: str, confidence: float) -> Estimate:
    if metric == "macro_recall":
        return MacroAverage(confidence, "recall")
    found = estimate(_CLASS_NAMES[metric], confidence)
    assert found is not None
    return found
