"""What metrics of our own that add examples up have in common, as TFMA and Beam want it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types, metric_util


class Accumulator(Protocol):
    """Examples added up."""

    def merge(self, other: Any) -> None:
        """Adds other examples."""


Added = TypeVar("Added", bound=Accumulator)


class ExampleCombiner(beam.CombineFn, Generic[Added]):
    """Adds examples one by one, as Beam has them.

    Args:
      key: The metric's key.
      eval_config: TFMA's configuration.
      weighted: Whether examples have weights.
    """

    # Whether a prediction of several numbers is one of several examples.
    flatten: ClassVar[bool] = True

    def __init__(self, key: metric_types.MetricKey, eval_config: Any, weighted: bool) -> None:
        self._key = key
        self._eval_config = eval_config
        self.weighted = weighted

    def create_accumulator(self) -> Added:
        """No examples."""
        raise NotImplementedError

    def of_example(self, label: Any, prediction: Any, weight: Any) -> Added:
        """One example.

        Args:
          label: A number, or numbers of each class.
          prediction: A number, or the probability of each class.
          weight: A number.
        """
        raise NotImplementedError

    def value(self, accumulator: Added) -> float:
        """The metric."""
        raise NotImplementedError

    def add_input(self, accumulator: Added, element: Any) -> Added:
        """Adds an example."""
        for label, prediction, weight in metric_util.to_label_prediction_example_weight(
            element,
            eval_config=self._eval_config,
            model_name=self._key.model_name,
            output_name=self._key.output_name,
            example_weighted=self.weighted,
            flatten=self.flatten,
            require_single_example_weight=not self.flatten,
        ):
            accumulator.merge(self.of_example(label, prediction, weight))
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[Added]) -> Added:
        """Adds all examples of several accumulators."""
        merged = self.create_accumulator()
        for accumulator in accumulators:
            merged.merge(accumulator)
        return merged

    def extract_output(self, accumulator: Added) -> dict[metric_types.MetricKey, float]:
        """The metric by its key."""
        return {self._key: self.value(accumulator)}


class ExampleMetric(metric_types.Metric):
    """A number read off added examples.

    Args:
      name: The metric's name.
    """

    combiner: ClassVar[type[ExampleCombiner[Any]]]

    def __init__(self, name: str) -> None:
        super().__init__(metric_util.merge_per_key_computations(self._computations), name=name)

    def _computations(
        self,
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
        combiner = self.combiner(key, eval_config, example_weighted)
        return [metric_types.MetricComputation(keys=[key], preprocessors=None, combiner=combiner)]
