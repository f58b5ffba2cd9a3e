"""Confidence intervals of a share, a mean, an AUC and their changes.

All are two-sided, take the number of examples as a float (weighted examples count as
many as their weights are worth, see `effective_count`), and are honest for few examples:
a slice with three of them gives a wide interval, not one of width zero.

Sources:
  Share: E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22 (1927).
  Mean: Student's t.
  AUC: J. A. Hanley and B. J. McNeil, Radiology 143 (1982), 29-36, for the variance, solved
    for the bounds as method 5 of R. G. Newcombe, Statistics in Medicine 25 (2006), 559-573.
  Area under the precision-recall curve: the logit interval of K. Boyd, K. H. Eng and
    C. D. Page, ECML PKDD 2013.
  Change of a share on the same examples: A. Agresti and Y. Min, Statistics in Medicine 24
    (2005), 729-740.
  Gap between two groups: R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890.
  Effective count: L. Kish, "Survey Sampling" (1965).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import TypeAlias

import numpy as np

from components.evaluator.metrics.scores import Array

Interval: TypeAlias = tuple[float, float]
UNKNOWN: Interval = (-math.inf, math.inf)
_BISECTIONS = 60


def normal_quantile(confidence: float) -> float:
    """The number of standard errors on either side, such as 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def t_quantile(confidence: float, degrees: float) -> float:
    """The same by Student's t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2))


def effective_count(weights: Array) -> float:
    """How many examples of equal weight would say as much (Kish)."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def share(value: float, count: float, confidence: float) -> Interval:
    """Wilson's interval of a share of `count` examples."""
    if count <= 0 or math.isnan(value):
        return 0.0, 1.0
    z = normal_quantile(confidence)
    middle = value + z * z / (2 * count)
    spread = z * math.sqrt(max(value * (1 - value), 0) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def mean(value: float, deviation: float, count: float, confidence: float) -> Interval:
    """Student's interval of a mean.

    Args:
      value: The mean.
      deviation: Standard deviation of one example, with n in the denominator.
      count: The number of examples.
      confidence: Such as 0.95.
    """
    if count < 2 or math.isnan(value) or math.isnan(deviation):
        return UNKNOWN
    spread = t_quantile(confidence, count - 1) * deviation / math.sqrt(count - 1)
    return value - spread, value + spread


def auc(value: float, positives: float, negatives: float, confidence: float) -> Interval:
    """Newcombe's interval of an area under the ROC curve."""
    if positives <= 0 or negatives <= 0 or math.isnan(value):
        return 0.0, 1.0
    z = normal_quantile(confidence)
    beside = (positives + negatives) / 2 - 1

    def beyond(area: float) -> bool:
        inner = 1 + beside * (1 - area) / (2 - area) + beside * area / (1 + area)
        variance = area * (1 - area) * inner / (positives * negatives)
        return abs(area - value) > z * math.sqrt(max(variance, 0.0))

    return _edge(value, 0.0, beyond), _edge(value, 1.0, beyond)


def _edge(inside: float, outside: float, beyond: Callable[[float], bool]) -> float:
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2
        if beyond(middle):
            outside = middle
        else:
            inside = middle
    return outside


def precision_recall_area(value: float, positives: float, confidence: float) -> Interval:
    """The logit interval of an area under the precision-recall curve."""
    if positives <= 0 or math.isnan(value):
        return 0.0, 1.0
    # Half an example keeps the ends of the scale finite.
    value = min(max(value, 0.5 / (positives + 1)), 1 - 0.5 / (positives + 1))
    centre = math.log(value / (1 - value))
    spread = normal_quantile(confidence) / math.sqrt(positives * value * (1 - value))
    low, high = (1 / (1 + math.exp(-(centre + side * spread))) for side in (-1, 1))
    return low, high


def paired_share_change(
    gained: float, lost: float, count: float, value: float, confidence: float
) -> Interval:
    """The interval of a share's change where both shares are of the same examples.

    Args:
      gained: The share of examples that count now and did not before.
      lost: The share of those that did and do not.
      count: The number of examples.
      value: The change, which the interval includes.
      confidence: Such as 0.95.
    """
    if count <= 0:
        return -1.0, 1.0
    total = count + 2
    more, fewer = (gained * count + 0.5) / total, (lost * count + 0.5) / total
    spread = normal_quantile(confidence) * math.sqrt(
        max(more + fewer - (more - fewer) ** 2, 0.0) / total
    )
    low, high = more - fewer - spread, more - fewer + spread
    return max(-1.0, min(low, value)), min(1.0, max(high, value))


def gap(
    first: float, first_interval: Interval, second: float, second_interval: Interval
) -> Interval:
    """The interval of ``second - first`` of two groups without examples in common."""
    low = second - first - math.hypot(second - second_interval[0], first_interval[1] - first)
    high = second - first + math.hypot(second_interval[1] - second, first - first_interval[0])
    return low, high


def placements(labels: Array, predictions: Array) -> tuple[Array, Array]:
    """DeLong's placement values, whose means are the AUC.

    Source: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, Biometrics 44 (1988).

    Args:
      labels: True where positive, shape [examples].
      predictions: Shape [examples].

    Returns:
      For each positive the share of negatives below it, for each negative the share of
      positives above it (a tie counts half).
    """
    positive, negative = predictions[labels], predictions[~labels]
    return _share_below(positive, negative), 1 - _share_below(negative, positive)


def _share_below(values: Array, others: Array) -> Array:
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + up_to) / (2 * max(len(ordered), 1)))
