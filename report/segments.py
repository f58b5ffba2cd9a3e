"""The residuals by the values of one feature."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from core.formats import number, plural, shorten, signed
from report.charts import nice_ticks
from report.densities import axis_labels, scale
from report.svg import dot, line, rectangle, svg, text, title

_LONGEST_NAME = 17
_ROW = 17.0
# Of a mean, so that chance alone crosses the line once in twenty segments.
_ERRORS = 1.96
_FEWEST = 30


def segment_chart(
    buckets: Sequence[Mapping[str, Any]], overall: float, ends: tuple[float, float], label: str
) -> Markup:
    """Draws the mean residual of each segment with its error, and how many examples it has.

    Args:
      buckets: As `components.evaluator.plots.residuals` writes them.
      overall: Where the mean should be.
      ends: The axis, common to the charts that stand side by side.
      label: What a screen reader says.
    """
    width, left, right, top = 342.0, 126.0, 298.0, 6.0
    floor = top + _ROW * len(buckets)
    low, high = ends
    x = scale(low, high, left, right)
    most = max((bucket["count"] for bucket in buckets), default=0) or 1
    parts = [line(x(overall), top, x(overall), floor, "mark strong")]
    for row, bucket in enumerate(buckets):
        y = top + (row + 0.5) * _ROW
        name = str(bucket["bucket"]) or "(empty)"
        parts.append(
            Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="end" class="name">{}{}</text>').format(
                left - 8, y + 3.5, shorten(name, _LONGEST_NAME), title(name)
            )
        )
        error = _ERRORS * bucket["spread"] / math.sqrt(bucket["count"])
        mean = bucket["mean"]
        # Of a few examples that happen to be alike the error says nothing.
        sure = bucket["count"] >= _FEWEST
        off = "s1" if sure and abs(mean - overall) > error else "s0"
        if sure:
            parts.append(line(x(mean - error), y, x(mean + error), y, f"line {off}"))
        parts.append(dot(x(mean), y, 3.2, f"fill {off}"))
        parts.append(rectangle(right + 8, y - 3, 32 * bucket["count"] / most, 6, "fill s0 soft"))
        says = (
            f"{name}: mean {signed(mean)} ± {number(error, 2)}, spread"
            f" {number(bucket['spread'], 3)}, {plural(bucket['count'], 'example')}"
        )
        parts.append(rectangle(0, y - _ROW / 2, width, _ROW, "hover", says=says))
    inside = [tick for tick in nice_ticks(low, high, 3) if low <= tick <= high]
    for tick, words in zip(inside, axis_labels(inside), strict=True):
        parts.append(text(x(tick), floor + 13, words, "middle"))
    return svg(width, floor + 20, label, parts, "segments")


def common_ends(features: Sequence[Mapping[str, Any]], overall: float) -> tuple[float, float]:
    """The ends of an axis on which every feature's means have a place.

    Segments of very few examples may lie beyond: they would squeeze all others.

    Args:
      features: As `components.evaluator.plots.residuals` writes them.
      overall: Where the means should be.
    """
    total = sum(bucket["count"] for bucket in features[0]["buckets"]) if features else 0
    means = [overall]
    for feature in features:
        for bucket in feature["buckets"]:
            if bucket["count"] * 500 >= total:
                error = _ERRORS * bucket["spread"] / math.sqrt(bucket["count"])
                means += [bucket["mean"] - error, bucket["mean"] + error]
    low, high = min(means), max(means)
    margin = 0.05 * (high - low) or max(abs(overall) * 0.1, 1e-6)
    return low - margin, high + margin


def by_what_they_explain(
    features: Sequence[Mapping[str, Any]], overall: float
) -> list[Mapping[str, Any]]:
    """Features in the order of how far the means of their segments lie apart."""

    def apart(feature: Mapping[str, Any]) -> float:
        # What chance alone moves a mean by is taken off.
        return sum(
            max(bucket["count"] * (bucket["mean"] - overall) ** 2 - bucket["spread"] ** 2, 0.0)
            for bucket in feature["buckets"]
        )

    return sorted(features, key=apart, reverse=True)
