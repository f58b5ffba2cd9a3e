"""What the Evaluator judges beyond TFMA's thresholds, as one execution property.

Light on purpose: the pipeline's definition imports it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable

from components.evaluator.fairness_settings import RATES, FairnessSettings
from components.evaluator.metric_names import Task, main_metric
from components.evaluator.settings import EvaluationSettings

GATES_KEY = "gates"


@dataclasses.dataclass(frozen=True)
class FairnessGate:
    """A bound on the gap of a rate between slices of one kind.

    Attributes:
      rate: The rate's name.
      metrics: The metric that it is; the first minus the second where there are two.
      columns: The features of the slices, each with its only value or None.
      label: The features in words.
      gap_at_most: The bound.
    """

    rate: str
    metrics: tuple[str, ...]
    columns: dict[str, str | None]
    label: str
    gap_at_most: float


@dataclasses.dataclass(frozen=True)
class Gates:
    """All that is asked for beyond TFMA.

    Attributes:
      confidence: Level of the confidence intervals; None for none.
      fairness: The fairness gates.
      residual_features: The raw features by which residuals are reported.
      task: The task of the model.
      plots: Whether the data of the report's pictures are written.
      decision_threshold: The probability above which the positive class counts as predicted.
      allow_no_comparison: Whether a model may be blessed that could not be compared with the
        one that serves.
      better_than_guessing: The metric on which a model that is compared with no other must
        be clearly better than guessing; empty where it need not.
    """

    confidence: float | None = None
    fairness: tuple[FairnessGate, ...] = ()
    residual_features: tuple[str, ...] = ()
    task: Task = "binary"
    plots: bool = False
    decision_threshold: float = 0.5
    allow_no_comparison: bool = True
    better_than_guessing: str = ""

    def to_json(self) -> str:
        """Writes the gates for an execution property."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)


def make_gates(settings: EvaluationSettings, *, task: Task, features: Iterable[str] = ()) -> Gates:
    """The gates that a configuration asks for.

    Args:
      settings: The evaluation section.
      task: The task of the model.
      features: The raw features that the model reads.
    """
    return Gates(
        confidence=settings.confidence,
        fairness=tuple(_gate(entry, task) for entry in settings.fairness),
        residual_features=tuple(features) if settings.residuals else (),
        task=task,
        plots=settings.plots,
        decision_threshold=settings.decision_threshold,
        allow_no_comparison=settings.allow_no_comparison,
        better_than_guessing=main_metric(task, settings.metrics_for(task))
        if settings.better_than_guessing
        else "",
    )


def _gate(entry: FairnessSettings, task: Task) -> FairnessGate:
    columns = {
        name: None if value is None else str(value) for name, value in entry.slice.columns.items()
    }
    return FairnessGate(
        entry.rate, RATES[task][entry.rate], columns, entry.slice.describe(), entry.gap_at_most
    )


def parse_gates(text: str | None) -> Gates:
    """Reads what `Gates.to_json` wrote; nothing beyond TFMA is judged without it."""
    if not text:
        return Gates()
    document = json.loads(text)
    fairness = tuple(
        FairnessGate(**{**entry, "metrics": tuple(entry["metrics"])})
        for entry in document.pop("fairness")
    )
    features = tuple(document.pop("residual_features"))
    return Gates(**document, fairness=fairness, residual_features=features)
