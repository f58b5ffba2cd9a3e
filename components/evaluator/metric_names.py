"""The metric names of our configuration and the TFMA metrics they stand for.

Light on purpose: configurations are checked with it, long before TensorFlow Model
Analysis is imported.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Literal

Task = Literal["binary", "multiclass", "regression"]
TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


@dataclasses.dataclass(frozen=True)
class MetricName:
    """One metric as a configuration names it.

    Attributes:
      class_name: The metric's class in TFMA or, failing that, in Keras.
      higher_is_better: The direction of an improvement; None where there is none
        (a count, a mean).
      tasks: The tasks it makes sense for.
      decision_option: The argument of the class that takes the probability above
        which the positive class is predicted; empty where it decides nothing.
      options: Further arguments of the class.
      module: The module of the class, where it is neither TFMA's nor Keras's.
      of_class: Whether it is the metric of one class, and needs to be told of which.
    """

    class_name: str
    higher_is_better: bool | None
    tasks: tuple[Task, ...]
    decision_option: str = ""
    options: Mapping[str, float | int | str] = dataclasses.field(default_factory=dict)
    module: str = ""
    of_class: bool = False


def _decided(class_name: str, *, higher_is_better: bool | None) -> MetricName:
    option = "threshold" if class_name == "BinaryAccuracy" else "thresholds"
    return MetricName(class_name, higher_is_better, ("binary",), decision_option=option)


_OWN = "components.evaluator.metrics"


def _of_classes(class_name: str, rate: str, *, of_class: bool = False) -> MetricName:
    return MetricName(
        class_name,
        True,
        ("multiclass",),
        options={"rate": rate},
        module=f"{_OWN}.class_metrics",
        of_class=of_class,
    )


_BINARY_METRICS = {
    "auc": MetricName("AUC", True, ("binary",)),
    "auc_precision_recall": MetricName("AUCPrecisionRecall", True, ("binary",)),
    "average_precision": MetricName(
        "AveragePrecision", True, ("binary",), module=f"{_OWN}.average_precision"
    ),
    "accuracy": _decided("BinaryAccuracy", higher_is_better=True),
    "balanced_accuracy": _decided("BalancedAccuracy", higher_is_better=True),
    "precision": _decided("Precision", higher_is_better=True),
    "recall": _decided("Recall", higher_is_better=True),
    "f1_score": _decided("F1Score", higher_is_better=True),
    "specificity": _decided("Specificity", higher_is_better=True),
    "false_positive_rate": _decided("FallOut", higher_is_better=False),
    "false_negative_rate": _decided("MissRate", higher_is_better=False),
    "matthews_correlation": _decided("MatthewsCorrelationCoefficient", higher_is_better=True),
    "predicted_positive_rate": _decided("PredictedPositiveRate", higher_is_better=None),
    # Keras's class, not TFMA's BinaryCrossEntropy: that one gives NaN as soon as
    # one probability is exactly 0 or 1, Keras clips.
    "log_loss": MetricName("BinaryCrossentropy", False, ("binary",)),
    "brier_score": MetricName("MeanSquaredError", False, ("binary",)),
}
_CLASS_RATES = ("precision", "recall", "f1_score")
_MULTICLASS_METRICS = {
    "accuracy": MetricName("SparseCategoricalAccuracy", True, ("multiclass",)),
    "macro_auc": MetricName("MacroAuc", True, ("multiclass",), module=f"{_OWN}.macro_auc"),
    **{f"macro_{rate}": _of_classes("MacroAverage", rate) for rate in _CLASS_RATES},
    **{f"worst_class_{rate}": _of_classes("WorstClass", rate) for rate in _CLASS_RATES},
    **{rate: _of_classes("OfClass", rate, of_class=True) for rate in _CLASS_RATES},
    "log_loss": MetricName("SparseCategoricalCrossentropy", False, ("multiclass",)),
}
_REGRESSION_METRICS = {
    "root_mean_squared_error": MetricName("RootMeanSquaredError", False, ("regression",)),
    "mean_squared_error": MetricName("MeanSquaredError", False, ("regression",)),
    "mean_absolute_error": MetricName("MeanAbsoluteError", False, ("regression",)),
    "mean_absolute_percentage_error": MetricName(
        "MeanAbsolutePercentageError", False, ("regression",)
    ),
    "mean_squared_logarithmic_error": MetricName(
        "MeanSquaredLogarithmicError", False, ("regression",)
    ),
    "squared_correlation": MetricName("SquaredPearsonCorrelation", True, ("regression",)),
    # The coefficient of determination, which TFMA lacks.
    "r_squared": MetricName("RSquared", True, ("regression",), module=f"{_OWN}.r_squared"),
}
_MEANS = {
    "calibration": MetricName("Calibration", None, ("binary", "regression")),
    "mean_label": MetricName("MeanLabel", None, ("binary", "regression")),
    "mean_prediction": MetricName("MeanPrediction", None, ("binary", "regression")),
}
_COUNTS = {
    "example_count": MetricName("ExampleCount", None, TASKS),
    "weighted_example_count": MetricName("WeightedExampleCount", None, TASKS),
}

_METRICS_BY_TASK: dict[Task, dict[str, MetricName]] = {
    "binary": {**_BINARY_METRICS, **_MEANS, **_COUNTS},
    "multiclass": {**_MULTICLASS_METRICS, **_COUNTS},
    "regression": {**_REGRESSION_METRICS, **_MEANS, **_COUNTS},
}

DEFAULT_METRICS: dict[Task, tuple[str, ...]] = {
    "binary": ("auc", "average_precision", "accuracy", "log_loss", "example_count"),
    "multiclass": ("accuracy", "macro_recall", "macro_f1_score", "log_loss", "example_count"),
    "regression": (
        "root_mean_squared_error",
        "mean_absolute_error",
        "r_squared",
        "example_count",
    ),
}


# The metrics worth a word beside the verdict, those that come first before the others.
HEADLINE_METRICS = (
    "auc",
    "accuracy",
    "root_mean_squared_error",
    "mean_absolute_error",
    "log_loss",
)
LOWER_IS_BETTER = frozenset(
    name
    for names in _METRICS_BY_TASK.values()
    for name, metric in names.items()
    if metric.higher_is_better is False
)


def main_metric(task: Task, names: Collection[str]) -> str:
    """The metric that says most of a model: the first headline metric of those evaluated.

    Args:
      task: The task of the model.
      names: The metrics that are evaluated.

    Returns:
      The task's own first metric where none of them is a headline metric.
    """
    found = [name for name in HEADLINE_METRICS if name in names]
    return found[0] if found else DEFAULT_METRICS[task][0]


def metrics_of_task(task: Task) -> dict[str, MetricName]:
    """The metrics that make sense for a task, by their names in a configuration."""
    return dict(_METRICS_BY_TASK[task])


def all_metric_names() -> tuple[str, ...]:
    """Every name that some task knows, in alphabetical order."""
    return tuple(sorted({name for names in _METRICS_BY_TASK.values() for name in names}))
