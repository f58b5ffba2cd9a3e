"""How sure our own metrics are: R², and what is read off the classes, see `influence`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from components.evaluator.intervals import interval_methods as methods
from components.evaluator.intervals.influence import (
    Estimate,
    Examples,
    PrecisionRecallArea,
    Share,
    weighted_mean,
)
from components.evaluator.intervals.interval_methods import Interval
from components.evaluator.metrics.scores import Array


class RSquared(Estimate):
    """One minus the mean squared error divided by the labels' variance."""

    highest = 1.0

    def influence(self, examples: Examples) -> Array:
        distances = examples.labels - weighted_mean(examples.labels, examples.weights)
        # In units of the labels' own spread nothing overflows or cancels.
        unit = np.sqrt(weighted_mean(distances**2, examples.weights)) or 1.0
        errors = ((examples.score - examples.labels) / unit) ** 2
        mean = weighted_mean(errors, examples.weights)
        return np.asarray(mean * ((distances / unit) ** 2 - 1) - (errors - mean))


class _ByClass:
    """The counts of each class, as arrays by class."""

    def __init__(self, examples: Examples) -> None:
        self.actual = examples.labels.astype(np.int64)
        self.chosen = examples.chosen.astype(np.int64)
        self.hit = self.actual == self.chosen
        self.classes = int(max(self.actual.max(), self.chosen.max())) + 1
        self._weights = examples.weights / examples.weights.sum()
        self.shares = self._sum(self.actual)
        self.chosen_shares = self._sum(self.chosen)
        self.both = self._sum(self.actual, self.hit)
        self.occur = self.shares > 0

    def _sum(self, places: Array, counted: Array | float = 1.0) -> Array:
        weights = self._weights * counted
        return np.asarray(np.bincount(places, weights=weights, minlength=self.classes))

    def weight_of(self, rate: str) -> tuple[Array, Array]:
        """What true and predicted examples add to a rate's denominator, by class."""
        of_true, of_chosen = {
            "precision": (0.0, 1.0),
            "recall": (1.0, 0.0),
            "f1_score": (0.5, 0.5),
        }[rate]
        return np.full(self.classes, of_true), np.full(self.classes, of_chosen)


class MacroAverage(Estimate):
    """The mean of a rate over the classes that occur."""

    lowest, highest = 0.0, 1.0

    def __init__(self, confidence: float, rate: str) -> None:
        super().__init__(confidence)
        self._rate = rate

    def influence(self, examples: Examples) -> Array:
        counts = _ByClass(examples)
        of_true, of_chosen = counts.weight_of(self._rate)
        size = of_true * counts.shares + of_chosen * counts.chosen_shares
        with np.errstate(divide="ignore", invalid="ignore"):
            # Each class's rate is a ratio of two means, whose influence is the difference
            # of the numerator's and the rate times the denominator's, over the latter.
            rates = np.where(size > 0, counts.both / size, 0.0)
            scale = np.where(counts.occur & (size > 0), 1 / size, 0.0) / counts.occur.sum()
        actual, chosen = counts.actual, counts.chosen
        found = scale[actual] * (counts.hit - of_true[actual] * rates[actual])
        return np.asarray(found - scale[chosen] * of_chosen[chosen] * rates[chosen])


class WorstClass(Estimate):
    """The lowest rate of a class, whichever it is.

    The interval is that of the minimum: each class has its own, wide enough for all of them
    together (Bonferroni), and the ends are the lowest lower and the lowest upper one. So a
    class with three examples cannot refuse a model, and a large one that is surely bad can.
    """

    def __init__(self, confidence: float, rate: str) -> None:
        super().__init__(confidence)
        self._rate = rate

    def interval(self, value: float, examples: Examples) -> Interval:
        classes = np.unique(examples.labels.astype(np.int64))
        confidence = 1 - (1 - self._confidence) / max(len(classes), 1)
        counts = _ByClass(examples)
        ends = []
        for number in classes.tolist():
            own, chosen = counts.actual == number, counts.chosen == number
            group = {"precision": chosen, "recall": own, "f1_score": own | chosen}[self._rate]
            weights = examples.weights[group]
            hits = weighted_mean(counts.hit[group], weights) if group.any() else 0.0
            low, high = methods.share(hits, methods.effective_count(weights), confidence)
            if self._rate == "f1_score":
                # Of the examples of either kind a share s is of both; F1 is 2 s / (1 + s).
                low, high = 2 * low / (1 + low), 2 * high / (1 + high)
            ends.append((low, high))
        return min(low for low, _ in ends), min(high for _, high in ends)

    def change(self, value: float, now: Examples, before: Examples) -> Interval:
        # The worst case of two independent values.
        one = self.interval(0.5 + value / 2, now)
        other = self.interval(0.5 - value / 2, before)
        return max(-1.0, one[0] - other[1]), min(1.0, one[1] - other[0])


class MacroAuc(Estimate):
    """The mean area of the classes that occur against the rest."""

    lowest, highest = 0.0, 1.0

    def influence(self, examples: Examples) -> Array:
        parts = []
        for number in range(examples.predictions.shape[1]):
            own = examples.labels == number
            if not own.any() or own.all():
                continue
            above, below = methods.placements(own, examples.predictions[:, number])
            part = np.empty(len(own))
            part[own] = (above - above.mean()) * len(own) / len(above)
            part[~own] = (below - below.mean()) * len(own) / len(below)
            parts.append(part)
        return np.mean(parts, axis=0) if parts else np.full(len(examples.labels), np.nan)


def _of_class(confidence: float, options: Mapping[str, Any]) -> Estimate | None:
    ids = options.get("class_ids") or {}
    number = next((ids[name] for name in ("", "candidate") if name in ids), None)
    if number is None:
        return None
    actual: Callable[[Examples], Array] = lambda e: e.labels == number  # noqa: E731
    chosen: Callable[[Examples], Array] = lambda e: e.chosen == number  # noqa: E731
    if options["rate"] == "recall":
        return Share(confidence, actual, chosen)
    if options["rate"] == "precision":
        return Share(confidence, chosen, actual)
    return None


def own_estimate(class_name: str, confidence: float, options: Mapping[str, Any]) -> Estimate | None:
    """How sure one of our own metrics is; None for any other.

    Args:
      class_name: The metric's class.
      confidence: Such as 0.95.
      options: The arguments of the class.
    """
    if class_name == "RSquared":
        return RSquared(confidence)
    if class_name == "AveragePrecision":
        return PrecisionRecallArea(confidence)
    if class_name == "MacroAuc":
        return MacroAuc(confidence)
    if class_name == "MacroAverage":
        return MacroAverage(confidence, options["rate"])
    if class_name == "WorstClass":
        return WorstClass(confidence, options["rate"])
    return _of_class(confidence, options) if class_name == "OfClass" else None
