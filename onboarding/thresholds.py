"""First thresholds: what plain models reach on these data says what a model must reach.

The constant model knows the label's distribution alone; a broken model is about as good.
A linear model and gradient boosting are what an honest model is about as good as. The
bounds lie between, nearer to the honest ones.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from onboarding.labels import class_positions
from onboarding.model import Choice, Proposal
from onboarding.slices import slice_choices
from onboarding.splits import split_sample

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from pipeline.configuration.model import PipelineConfiguration

# Enough to tell models apart, few enough to take seconds.
_MOST_ROWS = 30_000
_MOST_VALUES = 3_000_000
_FEWEST_ROWS = 2_000
# Above this share of one class, the share of right answers says little.
_ONE_SIDED = 0.8
# How far a bound lies from the constant model to the weaker of the two that learned.
_PART = 0.7
# How much a model may be worse than the one in production: less where little can be
# learned, more where chance is larger.
_SMALL_GAIN = 0.1
_FEW_ROWS = 1_000
# What learned so little more than the constant model is no measure.
_LEAST_GAIN = 0.02

_METRICS_OF_TASK = {
    "binary": ("auc", "average_precision", "accuracy", "log_loss", "precision", "recall"),
    "multiclass": (
        "accuracy",
        "macro_f1_score",
        "macro_recall",
        "worst_class_recall",
        "macro_precision",
        "log_loss",
    ),
    "regression": ("root_mean_squared_error", "mean_absolute_error", "r_squared"),
}
# Metrics that say the same as another that has a bound.
_TOLD_ONLY = ("mean_absolute_error", "average_precision", "r_squared", "macro_f1_score")
_BASELINE_NAMES = {"macro_f1_score": "macro_f1"}


@dataclasses.dataclass(frozen=True)
class Measured:
    """What plain models reach.

    Attributes:
      scores: Metric values by model: `constant`, `linear`, `gradient boosting`.
      train_rows: Rows that they learned from.
      eval_rows: Rows that they were scored on.
      split_rows: Rows of each split in the whole sample.
    """

    scores: Mapping[str, Mapping[str, float]]
    train_rows: int
    eval_rows: int
    split_rows: Mapping[str, int]


def measure(proposal: Proposal, configuration: PipelineConfiguration) -> Measured:
    """Fits plain models on the train split of the sample and scores them on the eval split.

    Args:
      proposal: The proposal.
      configuration: What it becomes; it says how rows are split.
    """
    from models import baselines

    splits = split_sample(proposal.sample, configuration.ingestion)
    columns = max(1, len(proposal.columns))
    most = max(_FEWEST_ROWS, min(_MOST_ROWS, _MOST_VALUES // columns))
    total = sum(table.num_rows for table in splits.values()) or 1
    held, labels, classes = {}, {}, 2
    for name in ("train", "eval"):
        table = _drawn(splits[name], most / total)
        held[name], labels[name], classes = _labelled(table, proposal, configuration)
    scores: Mapping[str, Mapping[str, float]] = {}
    if len(labels["train"]) and len(labels["eval"]):
        with _one_thread():
            scores = baselines.measure(
                configuration.task,
                configuration.features,
                held["train"],
                labels["train"],
                held["eval"],
                labels["eval"],
                classes=classes,
            )
    rows = {name: table.num_rows for name, table in splits.items()}
    return Measured(scores, len(labels["train"]), len(labels["eval"]), rows)


def _one_thread() -> contextlib.AbstractContextManager[object]:
    """OpenMP's threads wait in loops: on a busy machine they cost ten times what they save."""
    # Only libraries that are loaded are held back.
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    return threadpool_limits(limits=1)


def _drawn(table: pa.Table, share: float) -> pa.Table:
    import numpy as np

    if share >= 1.0:
        return table
    chosen = np.random.default_rng(0).random(table.num_rows) < share
    return table.filter(chosen)


def _labelled(
    table: pa.Table, proposal: Proposal, configuration: PipelineConfiguration
) -> tuple[pd.DataFrame, np.ndarray, int]:
    """The rows that have a label, and their labels."""
    from preprocessing.features import raw_columns

    values, known, classes = class_positions(table, proposal, configuration)
    wanted = raw_columns(configuration.features)
    frame = table.select(wanted).to_pandas()
    return frame[known].reset_index(drop=True), values[known], classes


def evaluation_choices(proposal: Proposal, measured: Measured) -> dict[str, Choice]:
    """The section `evaluation`: metrics with first bounds, slices, confidence.

    Args:
      proposal: The proposal.
      measured: What plain models reach on its data.
    """
    from components.evaluator.metric_names import metrics_of_task

    task = proposal.task.value
    known = metrics_of_task(task)
    choices = {
        f"metrics.{name}": _metric(name, proposal, measured)
        for name in _METRICS_OF_TASK[task]
        if name in known
    }
    choices["metrics.example_count"] = Choice(None)
    choices.update(slice_choices(proposal, measured.split_rows.get("eval", 0)))
    choices["confidence"] = Choice(
        0.95, "a bound is missed only if chance cannot explain it with so few examples"
    )
    return choices


def remarks(proposal: Proposal, measured: Measured) -> tuple[str, ...]:
    """What a person should look at, a sentence each.

    Args:
      proposal: The proposal.
      measured: What plain models reach on its data.
    """
    gauge = _gauge(_leading_metric(proposal), measured)
    if gauge is None or gauge.clear:
        return ()
    return (
        "No plain model does clearly better than guessing on these data, so the bounds of the"
        " evaluation can tell only a broken model: look whether the columns can say anything of"
        " the label.",
    )


def _leading_metric(proposal: Proposal) -> str:
    return {
        "binary": "auc",
        "multiclass": "macro_f1_score" if is_one_sided(proposal) else "accuracy",
        "regression": "root_mean_squared_error",
    }[proposal.task.value]


def is_one_sided(proposal: Proposal) -> bool:
    """Whether nearly all rows are of one class."""
    counts = [count for _, count in proposal.label.classes]
    return bool(counts) and max(counts) / sum(counts) > _ONE_SIDED


@dataclasses.dataclass(frozen=True)
class _Gauge:
    """What a metric was for the plain models, and where a bound may lie."""

    constant: float
    linear: float
    boosting: float
    higher_is_better: bool

    @property
    def values(self) -> tuple[float, float, float]:
        """The three of them."""
        return self.constant, self.linear, self.boosting

    @property
    def weaker(self) -> float:
        """The weaker of the two that learned."""
        return (min if self.higher_is_better else max)(self.linear, self.boosting)

    @property
    def better(self) -> float:
        """The better of the two that learned."""
        return (max if self.higher_is_better else min)(self.linear, self.boosting)

    def gain(self, value: float) -> float:
        """By how much a value is better than the constant model's."""
        return value - self.constant if self.higher_is_better else self.constant - value

    @property
    def clear(self) -> bool:
        """Whether something was learned at all."""
        scale = abs(self.constant) if not self.higher_is_better else 1.0
        return self.gain(self.better) >= _LEAST_GAIN * scale

    @property
    def bound(self) -> float:
        """Between the constant model and those that learned, rounded to the easier side."""
        # Where one of the two fails, the other is asked for less.
        reference, part = self.weaker, _PART
        if self.gain(self.weaker) < 0.5 * self.gain(self.better):
            reference, part = self.better, _PART / 2
        gap = part * max(0.0, self.gain(reference))
        value = self.constant + gap if self.higher_is_better else self.constant - gap
        return rounded(value, self.gain(self.better), down=self.higher_is_better)


def rounded(value: float, scale: float, *, down: bool) -> float:
    """A value with two digits of a scale, rounded down or up.

    Args:
      value: The value.
      scale: What differences matter.
      down: Whether down.
    """
    digits = 2 - math.floor(math.log10(abs(scale))) if scale else 4
    digits = min(12, max(-12, digits - 1))
    step = (math.floor if down else math.ceil)(round(value * 10.0**digits, 6))
    return float(round(step / 10.0**digits, max(0, digits)))


def _gauge(metric: str, measured: Measured) -> _Gauge | None:
    from models import baselines

    name = _BASELINE_NAMES.get(metric, metric)
    found = [
        measured.scores.get(kind, {}).get(name)
        for kind in (baselines.CONSTANT, baselines.LINEAR, baselines.BOOSTING)
    ]
    constant, linear, boosting = found
    if constant is None or linear is None or boosting is None:
        return None
    if not all(map(math.isfinite, (constant, linear, boosting))):
        return None
    return _Gauge(constant, linear, boosting, name in baselines.HIGHER_IS_BETTER)


def _metric(name: str, proposal: Proposal, measured: Measured) -> Choice:
    gauge = _gauge(name, measured)
    if gauge is None:
        return Choice(None)
    told = _told(gauge, proposal)
    if name == "accuracy" and is_one_sided(proposal):
        return Choice(
            None, f"no bound: always the commonest class is right in {gauge.constant:.1%}"
        )
    if name == "log_loss":
        # Class weights shift probabilities on purpose, so only the change is looked at.
        least = rounded(max(0.01, 0.1 * gauge.gain(gauge.better)), 0.1, down=False)
        return Choice({"change_at_most": least}, told)
    if name in _TOLD_ONLY and name != _leading_metric(proposal):
        return Choice(None, told)
    bounds: dict[str, float] = {}
    if gauge.clear:
        bounds["at_least" if gauge.higher_is_better else "at_most"] = gauge.bound
    elif name == "auc":
        bounds["at_least"] = gauge.constant
    if name == "root_mean_squared_error":
        bounds.setdefault("at_most", rounded(1.02 * gauge.constant, gauge.constant, down=False))
        bounds["relative_change_at_most"] = 0.02
    else:
        small = gauge.gain(gauge.better) < _SMALL_GAIN
        few = measured.split_rows.get("eval", 0) < _FEW_ROWS
        bounds["change_at_least"] = -(0.005 if small else 0.02 if few else 0.01)
    return Choice(bounds, told)


def _told(gauge: _Gauge, proposal: Proposal) -> str:
    linear = "ridge" if proposal.task.value == "regression" else "logistic"
    constant = "the mean" if proposal.task.value == "regression" else "guessing"
    figures = [f"{value:.4g}" if abs(value) >= 1e-4 else "0" for value in gauge.values]
    return (
        f"{constant} {figures[0]}, {linear} regression {figures[1]}, gradient boosting {figures[2]}"
    )
