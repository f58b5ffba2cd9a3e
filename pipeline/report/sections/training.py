"""Training curves: one chart a metric, training against evaluation data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipeline.report import charts
from pipeline.report.templating import render

_PREFIX = "val_"
_MAXIMUM_CHARTS = 8
# Shown as a number beside the curves, not as a curve of its own.
_SCHEDULES = ("lr", "learning_rate")


@dataclasses.dataclass(frozen=True)
class Curve:
    """One metric over the epochs.

    Attributes:
      name: The metric's name.
      series: Values on ``train`` and, where measured, ``eval``.
      chart: The drawing.
    """

    name: str
    series: Mapping[str, Sequence[float]]
    chart: Markup


def best_epoch(history: Mapping[str, Sequence[float]]) -> int | None:
    """Index of the epoch with the lowest loss on evaluation data, None without one."""
    losses = history.get(_PREFIX + "loss", ())
    finite = [(loss, index) for index, loss in enumerate(losses) if math.isfinite(loss)]
    return min(finite)[1] if finite else None


def curves(history: Mapping[str, Sequence[float]]) -> list[Curve]:
    """Pairs the metrics of training and evaluation, the loss first."""
    best = best_epoch(history)
    names = [name.removeprefix(_PREFIX) for name in history if name not in _SCHEDULES]
    ordered = sorted(dict.fromkeys(names), key=lambda name: name != "loss")
    found = []
    for name in ordered[:_MAXIMUM_CHARTS]:
        pair = {"train": history.get(name, ()), "eval": history.get(_PREFIX + name, ())}
        series = {split: values for split, values in pair.items() if values}
        label = f"{name} over the epochs, {' and '.join(series)}"
        # Both names stay so that eval keeps its colour where train is missing.
        chart = charts.lines(pair, label, mark=best)
        found.append(Curve(name, series, chart))
    return found


def fragment(history: Mapping[str, Sequence[float]], facts: Mapping[str, Any]) -> Markup:
    """Renders the curves and the facts.

    Args:
      history: Values per epoch by name, as Keras gives them.
      facts: Other notes of the Trainer; nested ones are flattened.
    """
    best = best_epoch(history)
    return render(
        "training.html.jinja",
        curves=curves(history),
        epochs=max((len(values) for values in history.values()), default=0),
        best=best,
        facts=list(flatten(facts)),
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
