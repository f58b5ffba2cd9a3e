"""The coefficient of determination of a regression, as a metric of TFMA.

R² is one minus the squared errors divided by the squared distances of the labels from their
mean: 1 for a perfect model, 0 for one that always gives the mean label, negative for a worse
one (`sklearn.metrics.r2_score`). TFMA has the squared correlation only, which is blind to a
model that is wrong by a factor or an offset.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.metrics import metric_types, metric_util


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


class RSquared(metric_types.Metric):
    """R², the coefficient of determination.

    Args:
      name: The metric's name.
    """

    def __init__(self, name: str = "r_squared") -> None:
        super().__init__(metric_util.merge_per_key_computations(_computations), name=name)


def _computations(
    name: str,
    eval_config: Any = None,
    model_name: str = "",
    output_name: str = "",
    example_weighted: bool = False,
) -> list[Any]:
    key = metric_types.MetricKey(
        name=name,
        model_name=model_name,
        output_name=output_name,
        example_weighted=example_weighted,
    )
    combiner = RSquaredCombiner(key, eval_config, example_weighted)
    return [metric_types.MetricComputation(keys=[key], preprocessors=None, combiner=combiner)]


class RSquaredCombiner(beam.CombineFn):
    """Adds examples one by one, as Beam has them."""

    def __init__(self, key: Any, eval_config: Any, example_weighted: bool) -> None:
        self._key = key
        self._eval_config = eval_config
        self._example_weighted = example_weighted

    def create_accumulator(self) -> Spread:
        """No examples."""
        return Spread()

    def add_input(self, accumulator: Spread, element: Any) -> Spread:
        """Adds an example."""
        for label, prediction, weight in metric_util.to_label_prediction_example_weight(
            element,
            eval_config=self._eval_config,
            model_name=self._key.model_name,
            output_name=self._key.output_name,
            example_weighted=self._example_weighted,
        ):
            columns = (np.asarray(c, np.float64).reshape(-1) for c in (label, prediction, weight))
            accumulator.merge(spread_of(*columns))
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[Spread]) -> Spread:
        """Adds all examples of several accumulators."""
        merged = Spread()
        for accumulator in accumulators:
            merged.merge(accumulator)
        return merged

    def extract_output(self, accumulator: Spread) -> dict[Any, float]:
        """The metric."""
        return {self._key: accumulator.r_squared}
