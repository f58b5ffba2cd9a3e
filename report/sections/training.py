"""Training curves: one chart a metric, training against evaluation data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from models.training_record import Training
from report import charts
from report.templating import render

_MAXIMUM_CHARTS = 8
_SPLITS = ("train", "eval")


@dataclasses.dataclass(frozen=True)
class Curve:
    """One metric over the steps.

    Attributes:
      name: The metric's name.
      last: Its last value by split, where it was measured.
      best: Its value on eval at the best step, None where not measured.
      chart: The drawing.
    """

    name: str
    last: Mapping[str, float]
    best: float | None
    chart: Markup


def curves(training: Training) -> list[Curve]:
    """Draws the metrics, the loss first."""
    ordered = sorted(training.metrics, key=lambda name: name != "loss")
    return [_curve(training, name) for name in ordered[:_MAXIMUM_CHARTS]]


def _curve(training: Training, name: str) -> Curve:
    measured = training.metrics[name]
    # Both splits stay, so that eval keeps its colour where train was not measured.
    series: dict[str, Sequence[float]] = {split: measured.get(split, ()) for split in _SPLITS}
    finite = {s: [v for v in values if math.isfinite(v)] for s, values in series.items()}
    best = None
    if training.best_step in training.steps:
        at = training.steps.index(training.best_step)
        best = series["eval"][at] if at < len(series["eval"]) else None
    return Curve(
        name=name,
        last={split: values[-1] for split, values in finite.items() if values},
        best=None if best is None or math.isnan(best) else best,
        chart=charts.lines(
            training.steps,
            series,
            f"{name} over the training steps, {' and '.join(measured)}",
            mark=training.best_step,
        ),
    )


def fragment(training: Training) -> Markup:
    """Renders the curves and what else was noted."""
    return render(
        "training.html.jinja",
        training=training,
        curves=curves(training) if training.steps else [],
        facts=flatten(training.facts),
    )


def flatten(facts: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Pairs of dotted name and plain value; long lists are counted."""
    found: list[tuple[str, Any]] = []
    for name, value in facts.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found += flatten(value, f"{full}.")
        elif isinstance(value, (list, tuple)):
            short = len(value) <= 8 and all(not isinstance(v, (dict, list)) for v in value)
            found.append((full, ", ".join(map(str, value)) if short else f"{len(value)} entries"))
        elif value is not None:
            found.append((full, value))
    return found
