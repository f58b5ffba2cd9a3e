"""What the curves of a binary model are drawn from.

TFMA's plots have thresholds of equal distance; where positives are rare all predictions lie
between two of them. These curves take their points where the predictions are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from components.evaluator.metrics.scores import Array

_MOST_POINTS = 160
_CALIBRATION_GROUPS = 12


def binary_plots(positive: Array, scores: Array, weights: Array) -> dict[str, Any]:
    """Curves and calibration of one model.

    Args:
      positive: The share of the label that is positive (0 or 1 as a rule), float64 of shape
        [examples].
      scores: The probability of the positive class, float64 of shape [examples].
      weights: float64 of shape [examples].

    Returns:
      ``curve``: threshold, false positive rate, recall and precision, from the highest
      threshold down; empty where one of the classes is missing. ``auc`` and
      ``average_precision``, and ``calibration``: mean prediction, share of positives and
      share of the examples of groups of equally many.
    """
    order = np.argsort(-scores, kind="stable")
    scores, weights, positive = scores[order], weights[order], positive[order]
    true = np.cumsum(weights * positive)
    false = np.cumsum(weights * (1 - positive))
    document: dict[str, Any] = {
        "positives": float(true[-1]),
        "negatives": float(false[-1]),
        "curve": [],
        "auc": None,
        "average_precision": None,
        "calibration": _calibration(positive, scores, weights),
    }
    if true[-1] <= 0 or false[-1] <= 0:
        return document
    # Examples of the same score are on the same side of any threshold.
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    thresholds, true, false = scores[last], true[last], false[last]
    recall, false_rate = true / true[-1], false / false[-1]
    with np.errstate(invalid="ignore"):
        precision = np.where(true + false > 0, true / (true + false), 1.0)
    middle = recall - np.diff(recall, prepend=0.0) / 2
    document["auc"] = float((np.diff(false_rate, prepend=0.0) * middle).sum())
    document["average_precision"] = float((np.diff(recall, prepend=0.0) * precision).sum())
    chosen = _chosen(recall, false_rate)
    columns = (thresholds, false_rate, recall, precision)
    document["curve"] = np.stack([column[chosen] for column in columns], axis=1).tolist()
    return document


def _chosen(recall: Array, false_rate: Array) -> Array:
    """Points at equal distances along the curve, the first and the last among them."""
    if len(recall) <= _MOST_POINTS:
        return np.arange(len(recall))
    length = recall + false_rate
    wanted = np.linspace(length[0], length[-1], _MOST_POINTS)
    return np.unique(np.append(np.searchsorted(length, wanted), len(recall) - 1))


def _calibration(positive: Array, scores: Array, weights: Array) -> list[list[float]]:
    groups = []
    total = weights.sum()
    for part in np.array_split(np.arange(len(scores)), min(_CALIBRATION_GROUPS, len(scores)))[::-1]:
        weight = weights[part].sum()
        if weight > 0:
            means = ((column[part] * weights[part]).sum() / weight for column in (scores, positive))
            groups.append([*map(float, means), float(weight / total)])
    return _joined(groups)


def _joined(groups: list[list[float]]) -> list[list[float]]:
    """Puts neighbours of the same prediction together: they are one point."""
    found: list[list[float]] = []
    for prediction, share, weight in groups:
        if found and abs(found[-1][0] - prediction) <= 1e-12:
            before = found[-1]
            both = before[2] + weight
            found[-1] = [prediction, (before[1] * before[2] + share * weight) / both, both]
        else:
            found.append([prediction, share, weight])
    return found
