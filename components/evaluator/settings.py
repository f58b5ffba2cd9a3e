"""What a configuration says about evaluation: metrics, slices and thresholds."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import pydantic

from components.evaluator import metric_names
from components.evaluator.fairness_settings import RATES, FairnessSettings
from components.evaluator.metric_names import Task
from components.evaluator.slice_settings import Slice
from core.errors import UserError, nearest
from core.settings import Settings, run_parameter


class ThresholdSettings(Settings):
    """Bounds that one metric must keep for the model to be blessed.

    A change is the candidate's metric minus the baseline's (the latest blessed
    model's); a relative change is that divided by the baseline's. Changes are not
    looked at while there is no baseline.
    """

    at_least: float | None = run_parameter(
        None, description="Lowest value of the metric at which the model is blessed."
    )
    at_most: float | None = run_parameter(
        None, description="Highest value of the metric at which the model is blessed."
    )
    change_at_least: float | None = run_parameter(
        None, description="Lowest change of the metric against the blessed baseline."
    )
    change_at_most: float | None = run_parameter(
        None, description="Highest change of the metric against the blessed baseline."
    )
    relative_change_at_least: float | None = run_parameter(
        None,
        description="Lowest change of the metric, as a share of the baseline's value.",
    )
    relative_change_at_most: float | None = run_parameter(
        None,
        description="Highest change of the metric, as a share of the baseline's value.",
    )

    @pydantic.model_validator(mode="after")
    def _can_be_met(self) -> ThresholdSettings:
        for name, value in self.bounds().items():
            if not math.isfinite(value):
                raise ValueError(f"{name} must be a finite number, not {value}")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"no value is at least {self.at_least} and at most {self.at_most}")
        upward = self.change_at_least is not None or self.relative_change_at_least is not None
        downward = self.change_at_most is not None or self.relative_change_at_most is not None
        if upward and downward:
            raise ValueError(
                "a change has a lower bound (the metric should rise) or an upper bound"
                " (it should fall), not both"
            )
        return self

    def bounds(self) -> dict[str, float]:
        """The bounds that are set, by name."""
        return {
            name: value
            for name in ThresholdSettings.model_fields
            if (value := getattr(self, name)) is not None
        }


class SliceThresholdSettings(ThresholdSettings):
    """Bounds that the metric must keep in every slice of one kind."""

    slice: Slice


class MetricSettings(ThresholdSettings):
    """A metric's bounds over all examples, and over slices."""

    by_slice: tuple[SliceThresholdSettings, ...] = pydantic.Field(
        (), description="Bounds that hold in every slice of a kind, not only overall."
    )
    by_class: dict[str, ThresholdSettings] = pydantic.Field(
        default_factory=dict,
        description="Bounds on precision, recall or f1_score of a class of a multiclass model,"
        " by the class's name.",
    )

    @pydantic.field_validator("by_class", mode="before")
    @classmethod
    def _classes_are_text(cls, by_class: Any) -> Any:
        # YAML reads the class 3 as a number, and "Gentoo:" as one without bounds.
        if isinstance(by_class, dict):
            return {str(name): {} if v is None else v for name, v in by_class.items()}
        return by_class


class EvaluationSettings(Settings):
    """Which metrics are computed on which slices, and what earns a blessing.

    A model is blessed when every bound is kept. Without any bound nothing is
    validated and no blessing is given, as TFX's Evaluator has it.
    """

    metrics: dict[str, MetricSettings] = pydantic.Field(
        default_factory=dict,
        description="Metrics by name, each with its bounds; the task's usual ones where empty.",
    )
    slices: tuple[Slice, ...] = pydantic.Field(
        (), description="How the metrics are broken down, beside all examples together."
    )
    minimum_slice_examples: int = run_parameter(
        1,
        description="Slices with fewer examples are neither reported nor judged.",
        ge=1,
    )
    confidence: float | None = run_parameter(
        None,
        description="Level of confidence intervals, such as 0.95; with it a bound is missed only"
        " if the interval excludes it, so that few examples cannot refuse a model by chance.",
        ge=0.5,
        lt=1.0,
    )
    better_than_guessing: bool = pydantic.Field(
        True,
        description="A model that is compared with no other, such as the first one, must be"
        " clearly better than guessing on its main metric, whatever the bounds say.",
    )
    fairness: tuple[FairnessSettings, ...] = pydantic.Field(
        (), description="Bounds on the gap of a rate between the values of a feature."
    )
    residuals: bool = pydantic.Field(
        True, description="Also write residuals by each feature that the model reads."
    )
    decision_threshold: float = run_parameter(
        0.5,
        description="Probability above which the positive class counts as predicted"
        " (accuracy, precision, recall and the like).",
        gt=0.0,
        lt=1.0,
    )
    allow_no_comparison: bool = run_parameter(
        False,
        description="Bless a model that could not be compared with the one that serves, such as"
        " the first one on another label; the other bounds decide.",
    )
    splits: tuple[str, ...] = pydantic.Field(
        ("eval",),
        min_length=1,
        description="The splits of the examples to evaluate on.",
    )
    example_weight: str | None = pydantic.Field(
        None,
        description="A column of example weights; every example counts the same without.",
    )
    plots: bool = pydantic.Field(
        True,
        description="Also write what the report draws: curves, confusion matrix, densities.",
    )

    @pydantic.field_validator("metrics", mode="before")
    @classmethod
    def _empty_means_no_bounds(cls, metrics: Any) -> Any:
        # "example_count:" with nothing behind it is null in YAML.
        if isinstance(metrics, dict):
            return {name: {} if value is None else value for name, value in metrics.items()}
        return metrics

    @pydantic.field_validator("metrics")
    @classmethod
    def _names_exist(cls, metrics: dict[str, MetricSettings]) -> dict[str, MetricSettings]:
        known = metric_names.all_metric_names()
        for name in metrics:
            if name not in known:
                raise ValueError(_unknown("metric", name, known))
        return metrics

    def metrics_for(self, task: Task) -> dict[str, MetricSettings]:
        """The configured metrics, or the task's usual ones where none are configured."""
        if self.metrics:
            return dict(self.metrics)
        return {name: MetricSettings() for name in metric_names.DEFAULT_METRICS[task]}


def check_evaluation(
    settings: EvaluationSettings, *, task: Task, features: Collection[str] | None = None
) -> None:
    """Checks what needs more than the section itself: the task and the columns.

    Args:
      settings: The evaluation section.
      task: The task of the model.
      features: The names of the raw features that examples carry; None while they are
        not known, which leaves slices and the weight unchecked.

    Raises:
      UserError: If a metric does not fit the task, a bound contradicts its metric's
        direction, or a slice or weight names no feature.
    """
    known = metric_names.metrics_of_task(task)
    for name, metric in settings.metrics_for(task).items():
        if name not in known:
            raise UserError(
                f"the metric {name!r} does not fit a {task} task",
                evidence=[f"metrics for {task}: {', '.join(sorted(known))}"],
                hint=_suggestion(name, known),
                code="metric-not-for-task",
            )
        _check_classes(name, metric, of_class=known[name].of_class)
        for threshold in (metric, *metric.by_slice, *metric.by_class.values()):
            _check_direction(name, known[name].higher_is_better, threshold)
    for gate in settings.fairness:
        if gate.rate not in RATES[task]:
            raise UserError(
                f"a fairness gate on {gate.rate!r} does not fit a {task} task",
                evidence=[f"rates for {task}: {', '.join(sorted(RATES[task]))}"],
                hint=_suggestion(gate.rate, RATES[task]),
                code="metric-not-for-task",
            )
    if features is None:
        return
    slices = [*settings.slices, *(gate.slice for gate in settings.fairness)]
    slices += [entry.slice for metric in settings.metrics.values() for entry in metric.by_slice]
    for entry in slices:
        for feature in entry.features:
            _check_feature("slice", feature, features)
    if settings.example_weight is not None:
        _check_feature("example weight", settings.example_weight, features)


def _check_classes(name: str, metric: MetricSettings, *, of_class: bool) -> None:
    if metric.by_class and not of_class:
        raise UserError(
            f"{name!r} is not the metric of one class",
            evidence=[f"by_class names {', '.join(map(repr, metric.by_class))}"],
            hint="by_class goes with precision, recall and f1_score of a multiclass task",
            code="metric-by-class",
        )
    if of_class and (not metric.by_class or metric.bounds() or metric.by_slice):
        raise UserError(
            f"{name!r} of a multiclass model is that of a class",
            evidence=["bounds on it stand in by_class, by the name of the class"],
            hint=f"write {name}: {{by_class: {{NAME: {{at_least: 0.5}}}}}}; macro_{name} is the"
            f" mean over the classes, worst_class_{name} that of the worst",
            code="metric-by-class",
        )


def _check_direction(
    name: str, higher_is_better: bool | None, threshold: ThresholdSettings
) -> None:
    wrong = {True: "at_most", False: "at_least"}.get(higher_is_better)  # type: ignore[arg-type]
    for bound in threshold.bounds():
        if wrong is not None and "change" in bound and bound.endswith(wrong):
            better = "higher" if higher_is_better else "lower"
            right = bound.replace(wrong, "at_least" if higher_is_better else "at_most")
            raise UserError(
                f"{bound} of {name!r} would refuse models for being better",
                evidence=[f"{better} is better for {name}"],
                hint=f"use {right}",
                code="threshold-direction",
            )


def _check_feature(what: str, name: str, features: Collection[str]) -> None:
    if name not in features:
        raise UserError(
            f"the evaluation's {what} {name!r} is not a feature of the data",
            evidence=[f"features: {', '.join(sorted(features))}"],
            hint=_suggestion(name, features),
            code="unknown-feature",
        )


def _suggestion(name: str, known: Collection[str]) -> str:
    close = nearest(name, known)
    return f"did you mean {close!r}?" if close else ""


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    suggestion = _suggestion(name, known) or f"known are {', '.join(known)}"
    return f"unknown {what} {name!r}: {suggestion}"
