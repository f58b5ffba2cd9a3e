"""Charts of a regression: predictions over labels, and the residuals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from core.formats import distinct, number
from report.charts import nice_ticks
from report.svg import dot, line, path, rectangle, svg, text, upright

_RESIDUAL = "actual \N{MINUS SIGN} predicted"
# Predictions that stretch over more than this stand on a logarithmic axis.
_WIDE = 300.0
Scale = Callable[[float], float]


def density(data: Mapping[str, Any], label: str) -> Markup:
    """Draws how many examples have which label and which prediction.

    Args:
      data: As `components.evaluator.plots.regression_plots` writes it.
      label: What a screen reader says.
    """
    width, height, left, right, top, floor = 300.0, 262.0, 68.0, 292.0, 8.0, 222.0
    (low, high), cells = data["ends"], data["cells"]
    logarithmic = data["logarithmic"]
    across, up = (right - left) / cells, (floor - top) / cells
    x, y = scale(low, high, left, right), scale(low, high, floor, top)
    parts = _frame(_ticks(low, high, logarithmic=logarithmic), x, y, (left, right, top, floor))
    most = max((weight for _, _, weight in data["weights"]), default=1.0)
    for column, row, weight in data["weights"]:
        # Counts differ by powers of ten, which a linear shade would hide.
        shade = 0.12 + 0.88 * math.log1p(weight) / math.log1p(most)
        says = f"{number(weight)} {'example' if weight == 1 else 'examples'}"
        parts.append(
            rectangle(
                left + column * across, floor - (row + 1) * up, across + 0.2, up + 0.2, "fill s0",
                opacity=shade, says=says,
            )
        )  # fmt: skip
    parts.append(line(x(low), y(low), x(high), y(high), "mark strong"))
    parts.append(text((left + right) / 2, height - 8, "actual", "middle", "label"))
    parts.append(upright(11, (top + floor) / 2, "predicted"))
    return svg(width, height, label, parts, "density")


def residual_histogram(data: Mapping[str, Any], label: str) -> Markup:
    """Draws how large the residuals are.

    Args:
      data: ``edges``, ``weights``, and what lies ``below`` and ``above``.
      label: What a screen reader says.
    """
    width, height, left, right, top, floor = 320.0, 190.0, 8.0, 312.0, 10.0, 150.0
    edges, weights = data["edges"], data["weights"]
    x = scale(edges[0], edges[-1], left, right)
    tallest = max(weights, default=0.0) or 1.0
    total = sum(weights) + data["below"] + data["above"]
    parts = []
    for low, high, weight in zip(edges, edges[1:], weights, strict=False):
        if weight > 0:
            bar = (floor - top) * weight / tallest
            parts.append(
                rectangle(x(low) + 0.5, floor - bar, x(high) - x(low) - 1, bar, "fill s0 soft")
            )
        share = 100 * weight / total if total > 0 else 0.0
        says = f"{number(low, 3)} to {number(high, 3)}: {number(weight)}, {share:.1f} %"
        parts.append(rectangle(x(low), top, x(high) - x(low), floor - top, "hover", says=says))
    parts.append(line(left, floor, right, floor, "axis"))
    parts.append(line(x(0.0), top, x(0.0), floor, "mark strong"))
    inside = [tick for tick in nice_ticks(edges[0], edges[-1], 5) if edges[0] <= tick <= edges[-1]]
    for tick, words in zip(inside, axis_labels(inside), strict=True):
        parts.append(text(min(max(x(tick), 18), width - 18), floor + 14, words, "middle"))
    parts.append(text((left + right) / 2, height - 8, _RESIDUAL, "middle", "label"))
    return svg(width, height, label, parts, "residuals")


def residual_bands(groups: Sequence[Sequence[float]], label: str) -> Markup:
    """Draws the residuals over the prediction: median, quartiles, outer deciles.

    Args:
      groups: Mean prediction, deciles 1, quartile 1, median, quartile 3, decile 9, weight of
        groups of examples with rising predictions.
      label: What a screen reader says.
    """
    width, height, left, right, top, floor = 320.0, 220.0, 58.0, 312.0, 10.0, 178.0
    means = [group[0] for group in groups]
    logarithmic = means[0] > 0 and means[-1] / means[0] > _WIDE
    if logarithmic:
        groups = [(math.log10(group[0]), *group[1:]) for group in groups]
        means = [group[0] for group in groups]
    ends = [min(g[1] for g in groups), max(g[5] for g in groups), 0.0]
    ticks = nice_ticks(min(ends), max(ends))
    first, last = means[0], means[-1]
    if first == last:
        margin = abs(first) * 0.1 or 1.0
        first, last = first - margin, last + margin
    x, y = scale(first, last, left, right), scale(ticks[0], ticks[-1], floor, top)
    parts = []
    for tick, words in zip(ticks, axis_labels(ticks), strict=True):
        parts.append(line(left, y(tick), right, y(tick), "grid"))
        parts.append(text(left - 6, y(tick) + 3.5, words, "end"))
    for low, high in ((1, 5), (2, 4)):
        if len(groups) > 1:
            there = [(x(g[0]), y(g[low])) for g in groups]
            back = [(x(g[0]), y(g[high])) for g in reversed(groups)]
            parts.append(path([*there, *back], "band s0"))
        else:
            parts.append(line(x(means[0]), y(groups[0][low]), x(means[0]), y(groups[0][high]),
                              "line s0 faint"))  # fmt: skip
    parts.append(line(left, y(0.0), right, y(0.0), "mark strong"))
    parts.append(path([(x(g[0]), y(g[3])) for g in groups], "line s0"))
    for group in groups:
        about = 10 ** group[0] if logarithmic else group[0]
        says = (
            f"predicted about {number(about, 4)}: median residual {number(group[3], 3)}, half"
            f" of them {number(group[2], 3)} to {number(group[4], 3)}, {number(group[6])} examples"
        )
        parts.append(dot(x(group[0]), y(group[3]), 2.4, "fill s0", says))
    for tick, words in _ticks(first, last, logarithmic=logarithmic):
        parts.append(text(min(x(tick), right - 10), floor + 14, words, "middle"))
    parts.append(text((left + right) / 2, height - 8, "predicted", "middle", "label"))
    parts.append(upright(11, (top + floor) / 2, _RESIDUAL))
    return svg(width, height, label, parts, "bands")


def _frame(
    ticks: Sequence[tuple[float, str]], x: Scale, y: Scale, ends: tuple[float, ...]
) -> list[Markup]:
    left, right, top, floor = ends
    parts = []
    for tick, words in ticks:
        parts.append(line(left, y(tick), right, y(tick), "grid"))
        parts.append(line(x(tick), top, x(tick), floor, "grid"))
        parts.append(text(left - 6, y(tick) + 3.5, words, "end"))
        parts.append(text(min(x(tick), right - 10), floor + 14, words, "middle"))
    return parts


def _ticks(low: float, high: float, *, logarithmic: bool) -> list[tuple[float, str]]:
    if logarithmic:
        powers = range(math.ceil(low), math.floor(high) + 1)
        chosen = list(powers)[:: max(1, math.ceil(len(powers) / 5))]
        return [(float(power), axis_labels([10.0**power])[0]) for power in chosen]
    inside = [tick for tick in nice_ticks(low, high, 7) if low <= tick <= high]
    return list(zip(inside, axis_labels(inside), strict=True))


def axis_labels(ticks: Sequence[float]) -> list[str]:
    """As short as an axis needs them: 2M, 1e12."""
    largest = max(map(abs, ticks), default=0.0)
    if 0 < largest < 1e-3 or largest >= 1e15:
        return [word.replace("e+", "e").replace("e-0", "e-") for word in distinct(list(ticks))]
    for unit, size in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if largest >= 10 * size or (largest >= size and size > 1e3):
            words = distinct([tick / size for tick in ticks])
            return [word if word == "0" else word + unit for word in words]
    return distinct(list(ticks))


def scale(low: float, high: float, start: float, end: float) -> Scale:
    return lambda value: start + (end - start) * min(1.0, max(0.0, (value - low) / (high - low)))
