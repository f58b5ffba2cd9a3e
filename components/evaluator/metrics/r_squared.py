"""The coefficient of determination of a regression, as a metric of TFMA.

R² is one minus the squared errors divided by the squared distances of the labels from their
mean: 1 for a perfect model, 0 for one that always gives the mean label, negative for a worse
one (`sklearn.metrics.r2_score`). TFMA has the squared correlation only, which is blind to a
model that is wrong by a factor or an offset.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from components.evaluator.metrics.example_metric import ExampleCombiner, ExampleMetric


@dataclasses.dataclass
class Spread:
    """Squared errors, and the spread of the labels around their mean.

    Kept as mean and squared distances, not as sums of squares, which would cancel for labels
    that are large and close to one another (T. F. Chan, G. H. Golub and R. J. LeVeque, The
    American Statistician 37, 1983).

    Attributes:
      weight: Of all examples.
      mean: The mean label.
      distances: The sum of the squared distances from it.
      errors: The sum of the squared errors.
    """

    weight: float = 0.0
    mean: float = 0.0
    distances: float = 0.0
    errors: float = 0.0

    def merge(self, other: Spread) -> None:
        """Adds other examples."""
        if other.weight <= 0:
            return
        weight = self.weight + other.weight
        gap = other.mean - self.mean
        self.mean += gap * other.weight / weight
        self.distances += other.distances + gap**2 * self.weight * other.weight / weight
        self.errors += other.errors
        self.weight = weight

    @property
    def r_squared(self) -> float:
        """R²; NaN where all labels are alike."""
        return 1 - self.errors / self.distances if self.distances > 0 else float("nan")


def spread_of(labels: Any, predictions: Any, weights: Any) -> Spread:
    """The spread of a batch.

    Args:
      labels: float64 of shape [examples].
      predictions: float64 of shape [examples].
      weights: float64 of shape [examples].
    """
    weight = float(weights.sum())
    if weight <= 0:
        return Spread()
    mean = float((labels * weights).sum()) / weight
    return Spread(
        weight,
        mean,
        float((weights * (labels - mean) ** 2).sum()),
        float((weights * (labels - predictions) ** 2).sum()),
    )


class RSquaredCombiner(ExampleCombiner[Spread]):
    """The spread of examples, one by one."""

    def create_accumulator(self) -> Spread:
        """No examples."""
        return Spread()

    def of_example(self, label: Any, prediction: Any, weight: Any) -> Spread:
        """One example."""
        columns = (np.asarray(c, np.float64).reshape(-1) for c in (label, prediction, weight))
        return spread_of(*columns)

    def value(self, accumulator: Spread) -> float:
        """R²."""
        return accumulator.r_squared


class RSquared(ExampleMetric):
    """R², the coefficient of determination.

    Args:
      name: The metric's name.
    """

    combiner = RSquaredCombiner

    def __init__(self, name: str = "r_squared") -> None:
        super().__init__(name)
