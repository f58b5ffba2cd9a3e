"""What each example contributes to a metric, which tells how sure the metric is.

For a metric that is a smooth function of means, the error is that of the mean of each
example's influence (the delta method); so is the error of a change, where the influences
of both models on the same example are subtracted, which takes out what both have in
common. See A. W. van der Vaart, "Asymptotic Statistics" (1998), chapters 3 and 20.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from components.evaluator.intervals import interval_methods as methods
from components.evaluator.intervals.interval_methods import Interval
from components.evaluator.metrics.scores import Array

# With fewer examples the delta method says too little to refuse a model.
_FEWEST = 40
_FEWEST_OF_A_CLASS = 10
_CLIP = 1e-7


@dataclasses.dataclass(frozen=True)
class Examples:
    """The examples of one slice and one model's predictions.

    Attributes:
      labels: Numbers or class indices, float64 of shape [examples].
      predictions: float64 of shape [examples, outputs].
      weights: float64 of shape [examples].
      threshold: Above which the positive class is predicted.
      choices: The likeliest class and the probability of the label's own class, float64 of
        shape [examples, 2]; taken from the predictions where it is left out.
    """

    labels: Array
    predictions: Array
    weights: Array
    threshold: float
    choices: Array | None = None

    @property
    def score(self) -> Array:
        """The one output, shape [examples]."""
        return np.asarray(self.predictions[:, 0])

    @property
    def positive(self) -> Array:
        """True where the label is the positive class."""
        return self.labels > 0.5

    @property
    def _choices(self) -> Array:
        return choices_of(self.labels, self.predictions) if self.choices is None else self.choices

    @property
    def chosen(self) -> Array:
        """The index of the likeliest class."""
        return np.asarray(self._choices[:, 0])

    @property
    def own_probability(self) -> Array:
        """The probability of the label's own class."""
        return np.asarray(self._choices[:, 1])

    @property
    def predicted(self) -> Array:
        """True where the positive class is predicted."""
        return self.score > self.threshold


def choices_of(labels: Array, predictions: Array) -> Array:
    """The likeliest class, and the probability of the label's own class.

    Args:
      labels: Class indices, shape [examples].
      predictions: Shape [examples, classes].

    Returns:
      float64 of shape [examples, 2].
    """
    own = predictions[np.arange(len(labels)), labels.astype(np.int64)]
    return np.stack([predictions.argmax(axis=1).astype(np.float64), own], axis=1)


def weighted_mean(values: Array, weights: Array) -> float:
    """The weighted mean; NaN without weight."""
    total = float(weights.sum())
    return float((values * weights).sum()) / total if total > 0 else float("nan")


class Estimate:
    """How sure a metric is; each kind of metric is a subclass.

    Args:
      confidence: Such as 0.95.
    """

    def __init__(self, confidence: float) -> None:
        self._confidence = confidence

    # Where values of the metric can lie at all.
    lowest, highest = methods.UNKNOWN

    def interval(self, value: float, examples: Examples) -> Interval:
        """The interval of the metric's value."""
        low, high = self._normal(value, self.influence(examples), examples.weights)
        return max(low, self.lowest), min(high, self.highest)

    def change(self, value: float, now: Examples, before: Examples) -> Interval:
        """The interval of the metric's change between two models on the same examples."""
        difference = self.influence(now) - self.influence(before)
        low, high = self._normal(value, difference, now.weights)
        most = self.highest - self.lowest
        return max(low, -most), min(high, most)

    def influence(self, examples: Examples) -> Array:
        """Each example's influence on the metric, of weighted mean zero."""
        raise NotImplementedError

    def _normal(self, value: float, influence: Array, weights: Array) -> Interval:
        count = methods.effective_count(weights)
        if count < _FEWEST:
            return methods.UNKNOWN
        return self._students(value, influence, weights)

    def _students(self, value: float, influence: Array, weights: Array) -> Interval:
        deviation = float(np.sqrt(weighted_mean(influence**2, weights)))
        return methods.mean(value, deviation, methods.effective_count(weights), self._confidence)


class Mean(Estimate):
    """A mean of a value of each example; its root where `root`."""

    def __init__(
        self, confidence: float, values: Callable[[Examples], Array], *, root: bool = False
    ) -> None:
        super().__init__(confidence)
        self._values = values
        self._root = root

    def interval(self, value: float, examples: Examples) -> Interval:
        influence = self._centred(examples)[0]
        if not self._root:
            return self._students(value, influence, examples.weights)
        low, high = self._students(value**2, influence, examples.weights)
        return float(np.sqrt(max(low, 0.0))), float(np.sqrt(max(high, 0.0)))

    def change(self, value: float, now: Examples, before: Examples) -> Interval:
        difference = self.influence(now) - self.influence(before)
        return self._students(value, difference, now.weights)

    def influence(self, examples: Examples) -> Array:
        centred, mean = self._centred(examples)
        return centred / (2 * np.sqrt(mean)) if self._root and mean > 0 else centred

    def _centred(self, examples: Examples) -> tuple[Array, float]:
        values = self._values(examples)
        known = np.isfinite(values)
        values = np.where(known, values, 0.0)
        mean = weighted_mean(values, examples.weights * known)
        return np.where(known, values - mean, 0.0), mean


class Share(Estimate):
    """The share of examples that count, among those of a group."""

    def __init__(
        self, confidence: float, group: Callable[[Examples], Array], counts: Callable[..., Array]
    ) -> None:
        super().__init__(confidence)
        self._group = group
        self._counts = counts

    def interval(self, value: float, examples: Examples) -> Interval:
        group = self._group(examples)
        count = methods.effective_count(examples.weights[group])
        return methods.share(value, count, self._confidence)

    def change(self, value: float, now: Examples, before: Examples) -> Interval:
        group = self._group(now)
        if not np.array_equal(group, self._group(before)):
            return super().change(value, now, before)
        counts, counted = self._counts(now)[group], self._counts(before)[group]
        weights = now.weights[group]
        return methods.paired_share_change(
            weighted_mean(counts & ~counted, weights) if len(weights) else 0.0,
            weighted_mean(counted & ~counts, weights) if len(weights) else 0.0,
            methods.effective_count(weights),
            value,
            self._confidence,
        )

    def influence(self, examples: Examples) -> Array:
        group, counts = self._group(examples), self._counts(examples)
        size = weighted_mean(group, examples.weights)
        value = weighted_mean(counts[group], examples.weights[group])
        return np.where(group, counts - value, 0.0) / size


class Auc(Estimate):
    """The area under the ROC curve."""

    def interval(self, value: float, examples: Examples) -> Interval:
        positive = examples.positive
        return methods.auc(
            value,
            methods.effective_count(examples.weights[positive]),
            methods.effective_count(examples.weights[~positive]),
            self._confidence,
        )

    def change(self, value: float, now: Examples, before: Examples) -> Interval:
        if min(now.positive.sum(), (~now.positive).sum()) < _FEWEST_OF_A_CLASS:
            return -1.0, 1.0
        return super().change(value, now, before)

    def influence(self, examples: Examples) -> Array:
        positive = examples.positive
        above, below = methods.placements(positive, examples.score)
        influence = np.empty(len(positive))
        influence[positive] = (above - above.mean()) * len(positive) / max(len(above), 1)
        influence[~positive] = (below - below.mean()) * len(positive) / max(len(below), 1)
        return influence


class PrecisionRecallArea(Estimate):
    """The area under the precision-recall curve; nothing is known of its changes."""

    def interval(self, value: float, examples: Examples) -> Interval:
        count = methods.effective_count(examples.weights[examples.positive])
        return methods.precision_recall_area(value, count, self._confidence)

    def change(self, value: float, now: Examples, before: Examples) -> Interval:
        # The worst case of two independent areas.
        one = self.interval(0.5 + value / 2, now)
        other = self.interval(0.5 - value / 2, before)
        low, high = methods.gap(0.5 - value / 2, other, 0.5 + value / 2, one)
        return max(-1.0, low), min(1.0, high)


class OfMeans(Estimate):
    """A smooth function of several means, by its numerical gradient."""

    def __init__(
        self,
        confidence: float,
        columns: Callable[[Examples], Array],
        function: Callable[[Array], float],
    ) -> None:
        super().__init__(confidence)
        self._columns = columns
        self._function = function

    def influence(self, examples: Examples) -> Array:
        columns = self._columns(examples).astype(np.float64)
        means = np.array([weighted_mean(column, examples.weights) for column in columns.T])
        gradient = np.empty(len(means))
        for place in range(len(means)):
            step = np.zeros(len(means))
            step[place] = 1e-6 * max(1.0, abs(means[place]))
            rise = self._function(means + step) - self._function(means - step)
            gradient[place] = rise / (2 * step[place])
        return np.asarray((columns - means) @ gradient)


def _matrix(examples: Examples) -> Array:
    """True and false positives, false and true negatives, shape [examples, 4]."""
    actual, predicted = examples.positive, examples.predicted
    parts = [actual & predicted, ~actual & predicted, actual & ~predicted, ~actual & ~predicted]
    return np.stack(parts, axis=1)


def _f1(matrix: Array) -> float:
    tp, fp, fn, _ = matrix
    return float(2 * tp / (2 * tp + fp + fn))


def _balanced(matrix: Array) -> float:
    tp, fp, fn, tn = matrix
    return float((tp / (tp + fn) + tn / (tn + fp)) / 2)


def _matthews(matrix: Array) -> float:
    tp, fp, fn, tn = matrix
    return float((tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def _moments(examples: Examples) -> Array:
    x, y = examples.labels, examples.score
    return np.stack([x, y, x * x, y * y, x * y], axis=1)


def _squared_correlation(moments: Array) -> float:
    x, y, xx, yy, xy = moments
    return float((xy - x * y) ** 2 / ((xx - x * x) * (yy - y * y)))


def _log_loss(examples: Examples) -> Array:
    chosen = np.clip(examples.score, _CLIP, 1 - _CLIP)
    labels = examples.labels
    return np.asarray(-labels * np.log(chosen) - (1 - labels) * np.log(1 - chosen))


def _error(examples: Examples) -> Array:
    return np.asarray(examples.score - examples.labels)


def _everyone(examples: Examples) -> Array:
    return np.ones(len(examples.labels), dtype=bool)


_MEANS: Mapping[str, Callable[[Examples], Array]] = {
    "BinaryCrossentropy": _log_loss,
    "SparseCategoricalCrossentropy": lambda e: -np.log(np.clip(e.own_probability, _CLIP, 1)),
    "MeanSquaredError": lambda e: _error(e) ** 2,
    "MeanAbsoluteError": lambda e: np.abs(_error(e)),
    "MeanAbsolutePercentageError": lambda e: np.where(
        e.labels == 0, np.nan, 100 * np.abs(_error(e) / e.labels)
    ),
    "MeanSquaredLogarithmicError": lambda e: (np.log1p(e.labels) - np.log1p(e.score)) ** 2,
    "MeanLabel": lambda e: e.labels,
    "MeanPrediction": lambda e: e.score,
}
_SHARES: Mapping[str, tuple[Callable[[Examples], Array], Callable[[Examples], Array]]] = {
    "BinaryAccuracy": (_everyone, lambda e: e.positive == e.predicted),
    "SparseCategoricalAccuracy": (_everyone, lambda e: e.chosen == e.labels),
    "Precision": (lambda e: e.predicted, lambda e: e.positive),
    "Recall": (lambda e: e.positive, lambda e: e.predicted),
    "Specificity": (lambda e: ~e.positive, lambda e: ~e.predicted),
    "FallOut": (lambda e: ~e.positive, lambda e: e.predicted),
    "MissRate": (lambda e: e.positive, lambda e: ~e.predicted),
    "PredictedPositiveRate": (_everyone, lambda e: e.predicted),
}
_OF_MEANS: Mapping[str, tuple[Callable[[Examples], Array], Callable[[Array], float]]] = {
    "F1Score": (_matrix, _f1),
    "BalancedAccuracy": (_matrix, _balanced),
    "MatthewsCorrelationCoefficient": (_matrix, _matthews),
    "SquaredPearsonCorrelation": (_moments, _squared_correlation),
    "Calibration": (
        lambda e: np.stack([e.score, e.labels], axis=1),
        lambda means: float(means[0] / means[1]),
    ),
}


def estimate(class_name: str, confidence: float) -> Estimate | None:
    """How sure a metric of a class of TFMA or Keras is; None for counts and unknown ones."""
    found: Any = None
    if class_name in _MEANS:
        found = Mean(confidence, _MEANS[class_name])
    elif class_name == "RootMeanSquaredError":
        found = Mean(confidence, _MEANS["MeanSquaredError"], root=True)
    elif class_name in _SHARES:
        found = Share(confidence, *_SHARES[class_name])
    elif class_name in _OF_MEANS:
        found = OfMeans(confidence, *_OF_MEANS[class_name])
    elif class_name == "AUC":
        found = Auc(confidence)
    elif class_name == "AUCPrecisionRecall":
        found = PrecisionRecallArea(confidence)
    return found
