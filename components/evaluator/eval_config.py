"""Our evaluation settings as the tfma.EvalConfig that TFX's Evaluator takes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable

import tensorflow_model_analysis as tfma

from components.evaluator import metric_names
from components.evaluator.fairness_settings import RATES
from components.evaluator.metric_names import MetricName, Task
from components.evaluator.settings import (
    EvaluationSettings,
    MetricSettings,
    ThresholdSettings,
)
from components.evaluator.slice_settings import SliceSettings
from core.errors import UserError

_PLOTS = ("CalibrationPlot", "ConfusionMatrixPlot")
# Enough points for a smooth curve on a screen; TFMA's default of 1000 makes each
# slice's plots a hundred kilobytes.
_PLOT_POINTS = 100


def eval_config(
    settings: EvaluationSettings, *, task: Task, label_key: str, prediction_key: str = ""
) -> tfma.EvalConfig:
    """Writes the settings as TFMA's configuration.

    Args:
      settings: The evaluation section of a configuration.
      task: The task of the model.
      label_key: The label's name among the outputs of ``transform_features``, or a
        raw feature.
      prediction_key: The output of ``serving_default`` to judge: the probability of
        the positive class, the probabilities of the classes, or the value. Empty
        where the signature has one output only.

    Raises:
      UserError: If a metric does not fit the task.
    """
    known = metric_names.metrics_of_task(task)
    unfit = [name for name in settings.metrics_for(task) if name not in known]
    if unfit:
        raise UserError(
            f"the metric {unfit[0]!r} does not fit a {task} task",
            evidence=[f"metrics for {task}: {', '.join(sorted(known))}"],
            code="metric-not-for-task",
        )
    # Saying the model's type spares TFMA an attempt to load it as a Keras model.
    model = tfma.ModelSpec(
        model_type=tfma.TF_GENERIC,
        signature_name="serving_default",
        preprocessing_function_names=["transform_features"],
        label_key=label_key,
        prediction_key=prediction_key,
        example_weight_key=settings.example_weight or "",
    )
    metrics = [
        made
        for name, metric in _all_metrics(settings, task).items()
        for made in _metrics(name, known[name], metric, settings.decision_threshold)
    ]
    if settings.plots and task == "binary":
        metrics += [_plot(class_name) for class_name in _PLOTS]
    if settings.plots and task == "multiclass":
        metrics.append(tfma.MetricConfig(class_name="MultiClassConfusionMatrixPlot"))
    config = tfma.EvalConfig(
        model_specs=[model],
        metrics_specs=[tfma.MetricsSpec(metrics=metrics)],
        slicing_specs=_all_slices(settings),
    )
    config.options.include_default_metrics.value = False
    if settings.minimum_slice_examples > 1:
        config.options.min_slice_size.value = settings.minimum_slice_examples
    return config


def _all_metrics(settings: EvaluationSettings, task: Task) -> dict[str, MetricSettings]:
    """The configured metrics, the count of examples, and those that fairness gates read."""
    metrics = settings.metrics_for(task)
    metrics.setdefault("example_count", MetricSettings())
    for gate in settings.fairness:
        for name in RATES[task][gate.rate]:
            metrics.setdefault(name, MetricSettings())
    return metrics


def _metrics(
    name: str, metric_name: MetricName, metric: MetricSettings, decision_threshold: float
) -> list[tfma.MetricConfig]:
    """One metric, or one for each class that is named."""
    if not metric_name.of_class:
        return [_metric(name, metric_name, metric, decision_threshold)]
    found = []
    for of_class, bounds in metric.by_class.items():
        options = {**metric_name.options, "of_class": of_class}
        made = dataclasses.replace(metric_name, options=options)
        own = MetricSettings.model_validate(bounds.model_dump())
        found.append(_metric(f"{name} of {of_class}", made, own, decision_threshold))
    return found


def _metric(
    name: str, metric_name: MetricName, metric: MetricSettings, decision_threshold: float
) -> tfma.MetricConfig:
    options: dict[str, object] = {"name": name, **metric_name.options}
    if metric_name.decision_option == "thresholds":
        options["thresholds"] = [decision_threshold]
    elif metric_name.decision_option:
        options[metric_name.decision_option] = decision_threshold
    config = tfma.MetricConfig(
        class_name=metric_name.class_name,
        module=metric_name.module,
        config=json.dumps(options, sort_keys=True),
    )
    # TFMA holds every slice to MetricConfig.threshold. A bound over all examples is
    # therefore written as one for the slice without features.
    _add_threshold(config, tfma.SlicingSpec(), metric)
    for threshold in metric.by_slice:
        _add_threshold(config, slicing_spec(threshold.slice), threshold)
    return config


def _plot(class_name: str) -> tfma.MetricConfig:
    option = "num_buckets" if class_name == "CalibrationPlot" else "num_thresholds"
    return tfma.MetricConfig(class_name=class_name, config=json.dumps({option: _PLOT_POINTS}))


def _add_threshold(
    config: tfma.MetricConfig, spec: tfma.SlicingSpec, settings: ThresholdSettings
) -> None:
    if not settings.bounds():
        return
    added = config.per_slice_thresholds.add(slicing_specs=[spec])
    if settings.at_least is not None:
        added.threshold.value_threshold.lower_bound.value = settings.at_least
    if settings.at_most is not None:
        added.threshold.value_threshold.upper_bound.value = settings.at_most
    rises = settings.change_at_least, settings.relative_change_at_least
    falls = settings.change_at_most, settings.relative_change_at_most
    for (absolute, relative), direction in (
        (rises, tfma.MetricDirection.HIGHER_IS_BETTER),
        (falls, tfma.MetricDirection.LOWER_IS_BETTER),
    ):
        change = added.threshold.change_threshold
        if absolute is not None or relative is not None:
            change.direction = direction
        if absolute is not None:
            change.absolute.value = absolute
        if relative is not None:
            change.relative.value = relative


def slicing_spec(entry: SliceSettings) -> tfma.SlicingSpec:
    """Writes one slice as TFMA's SlicingSpec."""
    return tfma.SlicingSpec(
        feature_keys=[name for name, value in entry.columns.items() if value is None],
        feature_values={
            name: str(value) for name, value in entry.columns.items() if value is not None
        },
    )


def _all_slices(settings: EvaluationSettings) -> list[tfma.SlicingSpec]:
    bounded: Iterable[SliceSettings] = (
        threshold.slice for metric in settings.metrics.values() for threshold in metric.by_slice
    )
    specs = [tfma.SlicingSpec()]
    compared = (gate.slice for gate in settings.fairness)
    for entry in (*settings.slices, *bounded, *compared):
        spec = slicing_spec(entry)
        if spec not in specs:
            specs.append(spec)
    return specs
