"""Precision, recall and F1 of the classes of a multiclass model, as metrics of TFMA.

TFMA computes them for classes whose numbers the configuration lists, but how many classes
there are is known only once a model was trained. These read TFMA's confusion matrix of the
classes instead, so that Beam's way and the arrays' give the same numbers.

A class is counted if it occurs among the labels. One that occurs and is never predicted has
a precision and an F1 of 0, as in scikit-learn's ``zero_division=0``.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from tensorflow_model_analysis.metrics import (
    metric_types,
    metric_util,
    multi_class_confusion_matrix_metrics,
)

Rate: TypeAlias = Literal["precision", "recall", "f1_score"]
_Read: TypeAlias = Callable[[Mapping[int, "ClassCounts"]], float]


@dataclasses.dataclass
class ClassCounts:
    """How often a class was true, predicted, and both; weighted where examples are."""

    actual: float = 0.0
    predicted: float = 0.0
    both: float = 0.0

    def rate(self, name: Rate) -> float:
        """One of the class's rates; NaN for a class without examples."""
        if self.actual <= 0:
            return float("nan")
        of = {
            "precision": self.predicted,
            "recall": self.actual,
            "f1_score": (self.actual + self.predicted) / 2,
        }[name]
        return self.both / of if of > 0 else 0.0


def count_classes(entries: Mapping[Any, float]) -> dict[int, ClassCounts]:
    """Counts the classes of a confusion matrix.

    Args:
      entries: The weight of each pair of actual and predicted class.
    """
    counts: dict[int, ClassCounts] = defaultdict(ClassCounts)
    for (actual, predicted), weight in entries.items():
        counts[actual].actual += weight
        counts[predicted].predicted += weight
        if actual == predicted:
            counts[actual].both += weight
    return dict(counts)


def _rates(counts: Mapping[int, ClassCounts], rate: Rate) -> list[float]:
    return [found.rate(rate) for found in counts.values() if found.actual > 0]


class _ClassMetric(metric_types.Metric):
    """A number that is read off the confusion matrix of the classes."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(
            metric_util.merge_per_key_computations(self._computations), name=name, **options
        )

    def _computations(
        self,
        name: str,
        eval_config: Any = None,
        model_name: str = "",
        output_name: str = "",
        example_weighted: bool = False,
        **options: Any,
    ) -> list[Any]:
        matrices = multi_class_confusion_matrix_metrics.multi_class_confusion_matrices(
            eval_config=eval_config,
            model_name=model_name,
            output_name=output_name,
            example_weighted=example_weighted,
        )
        [matrix_key] = matrices[-1].keys
        key = metric_types.MetricKey(
            name=name,
            model_name=model_name,
            output_name=output_name,
            example_weighted=example_weighted,
        )
        read = self._reader(model_name, **options)

        def result(metrics: Mapping[metric_types.MetricKey, Any]) -> dict[Any, float]:
            [entries] = metrics[matrix_key].values() or [{}]
            return {key: read(count_classes(entries))}

        return [*matrices, metric_types.DerivedMetricComputation(keys=[key], result=result)]

    def _reader(self, model_name: str, **options: Any) -> _Read:
        """What makes the number of the counts of each class."""
        raise NotImplementedError


class MacroAverage(_ClassMetric):
    """The mean of a rate over the classes that occur, each counting the same.

    Args:
      rate: ``precision``, ``recall`` or ``f1_score``.
      name: The metric's name.
    """

    def __init__(self, rate: Rate, name: str) -> None:
        super().__init__(name, rate=rate)

    def _reader(self, model_name: str, **options: Any) -> _Read:
        rate = options["rate"]

        def read(counts: Mapping[int, ClassCounts]) -> float:
            rates = _rates(counts, rate)
            return sum(rates) / len(rates) if rates else float("nan")

        return read


class WorstClass(_ClassMetric):
    """The lowest rate among the classes that occur; arguments as of `MacroAverage`."""

    def __init__(self, rate: Rate, name: str) -> None:
        super().__init__(name, rate=rate)

    def _reader(self, model_name: str, **options: Any) -> _Read:
        rate = options["rate"]
        return lambda counts: min(_rates(counts, rate), default=float("nan"))


class OfClass(_ClassMetric):
    """A rate of one class.

    Args:
      rate: ``precision``, ``recall`` or ``f1_score``.
      name: The metric's name.
      of_class: The class's name.
      class_ids: The class's number by the name of the model, since each training may
        number the classes its own way; `class_names.with_class_ids` fills it in.
    """

    def __init__(
        self, rate: Rate, name: str, of_class: str, class_ids: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(name, rate=rate, of_class=of_class, class_ids=dict(class_ids or {}))

    def _reader(self, model_name: str, **options: Any) -> _Read:
        number = options["class_ids"].get(model_name)
        rate = options["rate"]
        return lambda counts: counts.get(number, ClassCounts()).rate(rate)
