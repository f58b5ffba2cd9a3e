"""The mean area under the ROC curves of each class against the rest, as a metric of TFMA.

TFMA has it for classes whose numbers the configuration lists, see `class_metrics`. This sorts
predictions into ten thousand buckets; a tie counts half. The buckets have equal width in
log-odds: those of TFMA's own AUC, of equal width in probability, hold all of a rare class's
predictions at once. Source: F. Provost and P. Domingos, "Well-trained PETs" (2000), each
class counting the same, as `sklearn.metrics.roc_auc_score(multi_class="ovr")` has it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from components.evaluator.metrics.example_metric import ExampleCombiner, ExampleMetric
from core.errors import UserError

BUCKETS = 10_000
# Beyond these log-odds, probabilities of 1e-9 and 1 - 1e-9, all are in one bucket.
_EXTREME = 20.7
# A curve for each class of each slice: beyond this it costs more than it says.
MOST_CLASSES = 200


@dataclasses.dataclass
class ClassHistograms:
    """The predictions of each class in buckets.

    Attributes:
      classes: How many classes there are; 0 before the first example.
      sums: By class and bucket, as ``class * (BUCKETS + 1) + bucket``: the weight of the
        class's own examples and that of all.
    """

    classes: int = 0
    sums: dict[int, tuple[float, float]] = dataclasses.field(default_factory=dict)

    def merge(self, other: ClassHistograms) -> None:
        """Adds other examples."""
        self.classes = max(self.classes, other.classes)
        for place, (own, every) in other.sums.items():
            mine, all_of_mine = self.sums.get(place, (0.0, 0.0))
            self.sums[place] = mine + own, all_of_mine + every

    def areas(self) -> npt.NDArray[np.float64]:
        """The area of each class, NaN where it is all examples or none; shape [classes]."""
        areas = np.full(self.classes, np.nan)
        places = np.array(sorted(self.sums), dtype=np.int64)
        sums = np.array([self.sums[place] for place in places.tolist()]).reshape(-1, 2)
        for number in range(self.classes):
            own, every = sums[places // (BUCKETS + 1) == number].T
            others = every - own
            if own.sum() > 0 and others.sum() > 0:
                below = np.cumsum(others) - others / 2
                areas[number] = (own * below).sum() / (own.sum() * others.sum())
        return areas


def histograms_of(actual: Any, predictions: Any, weights: Any) -> ClassHistograms:
    """The histograms of a batch.

    Args:
      actual: Class indices, int64 of shape [examples].
      predictions: Probabilities, float64 of shape [examples, classes].
      weights: float64 of shape [examples].
    """
    classes = predictions.shape[1]
    with np.errstate(divide="ignore"):
        inside = np.clip(predictions, 0.0, 1.0)
        odds = np.log(inside) - np.log1p(-inside)
    share = (np.clip(odds, -_EXTREME, _EXTREME) + _EXTREME) / (2 * _EXTREME)
    places = (share * BUCKETS).astype(np.int64)
    places += np.arange(classes) * (BUCKETS + 1)
    own = (actual[:, np.newaxis] == np.arange(classes)) * weights[:, np.newaxis]
    every = np.broadcast_to(weights[:, np.newaxis], own.shape)
    occupied, inverse = np.unique(places.ravel(), return_inverse=True)
    sums = [
        np.bincount(inverse, weights=part.ravel(), minlength=len(occupied)).tolist()
        for part in (own, every)
    ]
    return ClassHistograms(
        classes, dict(zip(occupied.tolist(), zip(*sums, strict=True), strict=True))
    )


def require_few(classes: int) -> None:
    """Refuses what would need too many curves.

    Raises:
      UserError: If there are more than `MOST_CLASSES`.
    """
    if classes > MOST_CLASSES:
        raise UserError(
            f"macro_auc needs a curve for each of {classes:,} classes",
            evidence=[f"at most {MOST_CLASSES} are computed"],
            hint="leave macro_auc out of evaluation.metrics; macro_recall and accuracy have no"
            " such limit",
            code="too-many-classes",
        )


class MacroAucCombiner(ExampleCombiner[ClassHistograms]):
    """The histograms of examples, one by one."""

    flatten = False

    def create_accumulator(self) -> ClassHistograms:
        """No examples."""
        return ClassHistograms()

    def of_example(self, label: Any, prediction: Any, weight: Any) -> ClassHistograms:
        """One example."""
        require_few(prediction.size)
        actual = label.argmax() if label.size > 1 else int(np.asarray(label).reshape(-1)[0])
        return histograms_of(
            np.array([actual]),
            np.asarray(prediction, np.float64).reshape(1, -1),
            np.asarray(weight, np.float64).reshape(-1)[:1],
        )

    def value(self, accumulator: ClassHistograms) -> float:
        """The mean area."""
        areas = accumulator.areas()
        known = areas[~np.isnan(areas)]
        return float(known.mean()) if len(known) else float("nan")


class MacroAuc(ExampleMetric):
    """The mean of the areas of the classes that occur.

    Args:
      name: The metric's name.
    """

    combiner = MacroAucCombiner

    def __init__(self, name: str = "macro_auc") -> None:
        super().__init__(name)
