"""Small SVG charts as pure functions: numbers in, markup out.

Colours come from the page's style sheet by class (``s0`` for the first split or
series, ``s1`` for the second), so that charts follow light and dark mode. All
text is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from core.formats import distinct, number, percent
from report.histograms import Histogram
from report.svg import line, svg, text, title

# Sums and differences of larger values may overflow.
_RUN_AWAY = 1e100
# Beyond this, dots would hide their line.
_MAXIMUM_DOTS = 40


def histogram(data: Histogram, label: str) -> Markup:
    """Draws the splits' histograms over one another: the first filled, the rest as outlines.

    Args:
      data: Shares over common bins.
      label: What a screen reader says.
    """
    width, height, floor, ceiling = 300.0, 104.0, 86.0, 8.0
    bins = len(data.edges) - 1
    tallest = max((max(shares, default=0) for shares in data.shares.values()), default=0) or 1.0
    step = width / bins

    def y(share: float) -> float:
        return floor - (floor - ceiling) * share / tallest

    parts = []
    for index, (split, shares) in enumerate(data.shares.items()):
        if index == 0:
            for i, share in enumerate(shares):
                if share > 0:
                    parts.append(
                        Markup(
                            '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"'
                            ' class="fill s0"/>'
                        ).format(i * step + 0.5, y(share), step - 1, floor - y(share))
                    )
            continue
        path = f"M0 {floor:.1f}" + "".join(
            f"V{y(share):.1f}H{(i + 1) * step:.1f}" for i, share in enumerate(shares)
        )
        parts.append(
            Markup('<path d="{}V{}" class="line s{}">{}</path>').format(
                path, floor, min(index, 3), title(split)
            )
        )
    parts.append(line(0, floor, width, floor, "axis"))
    # One transparent column a bin carries the numbers for those who point at it.
    for i in range(bins):
        says = ", ".join(f"{split} {percent(s[i])}" for split, s in data.shares.items())
        parts.append(
            Markup(
                '<rect x="{:.1f}" y="0" width="{:.1f}" height="{:.1f}" class="hover">{}</rect>'
            ).format(
                i * step,
                step,
                floor,
                title(f"{_bin_name(data, i)}: {says}"),
            )
        )
    beyond = any(share > 0 for share in data.beyond.values())
    middle = (data.edges[0] + data.edges[-1]) / 2
    ends = [data.edges[0], middle, data.edges[-1]]
    if data.whole:
        ends = [data.edges[0] + 0.5, middle, data.edges[-1] - 0.5]
    if ends[0] == ends[-1]:
        parts.append(text(width / 2, height - 5, number(middle, 6), "middle"))
    else:
        start, half, end = distinct(ends)
        parts.append(text(0, height - 5, start))
        parts.append(text(width / 2, height - 5, half, "middle"))
        parts.append(text(width, height - 5, end + (" …" if beyond else ""), "end"))
    return svg(width, height, label, parts, "histogram")


def _bin_name(data: Histogram, index: int) -> str:
    low, high = data.edges[index], data.edges[index + 1]
    return number(low + 0.5) if data.whole else f"{number(low)} to {number(high)}"


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers that cover a range.

    Args:
      low: Lowest value.
      high: Highest value.
      count: About how many steps.

    Returns:
      At least two ticks, evenly spaced by 1, 2 or 5 times a power of ten.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return [0.0, 1.0]
    # Too close to be told apart at twelve digits: one value, in the middle of its axis.
    if high - low <= max(abs(low), abs(high)) * 1e-9 or high - low < 1e-9:
        margin = max(abs(low) * 0.1, 1e-6) if low or high else 0.5
        low, high = low - margin, high + margin
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _drawable(value: float) -> bool:
    """Whether a value has a place on an axis: a loss that ran away has none."""
    return math.isfinite(value) and abs(value) < _RUN_AWAY


def lines(
    steps: Sequence[float],
    series: Mapping[str, Sequence[float]],
    label: str,
    *,
    x_label: str = "step",
    mark: float | None = None,
) -> Markup:
    """Draws one line a series.

    Args:
      steps: Where the values were measured, rising.
      series: Values by name; NaN, infinities and values beyond 1e100 are left
        out of the line.
      label: What a screen reader says.
      x_label: Name of the horizontal axis.
      mark: A step to mark, such as the best one.
    """
    width, height = 320.0, 190.0
    left, right, top, floor = 46.0, 310.0, 10.0, 158.0
    points = {
        name: [(s, v) for s, v in zip(steps, values, strict=False) if _drawable(v)]
        for name, values in series.items()
    }
    finite = [value for found in points.values() for _, value in found]
    if not finite:
        return Markup('<p class="why">No finite values were recorded.</p>')
    ticks = nice_ticks(min(finite), max(finite))
    low, high = ticks[0], ticks[-1]
    first, last = min(steps), max(steps)

    def x(step: float) -> float:
        return left + (right - left) * ((step - first) / (last - first) if last > first else 0.5)

    def y(value: float) -> float:
        return floor - (floor - top) * (value - low) / (high - low)

    parts = []
    for tick in ticks:
        parts.append(line(left, y(tick), right, y(tick), "grid"))
        parts.append(text(left - 6, y(tick) + 3.5, f"{tick:g}", "end"))
    if mark is not None and first <= mark <= last:
        parts.append(line(x(mark), top, x(mark), floor, "mark"))
    for index, (name, found) in enumerate(points.items()):
        cls = f"s{min(index, 3)}"
        if len(found) > 1:
            path = "M" + "L".join(f"{x(step):.1f} {y(value):.1f}" for step, value in found)
            parts.append(
                Markup('<path d="{}" class="line {}">{}</path>').format(path, cls, title(name))
            )
        for step, value in found if len(found) <= _MAXIMUM_DOTS else ():
            says = title(f"{name} at {x_label} {number(step)}: {number(value)}")
            parts.append(
                Markup(
                    '<circle cx="{:.1f}" cy="{:.1f}" r="2.4" class="fill {}">{}</circle>'
                ).format(x(step), y(value), cls, says)
            )
    if last > first:
        parts.append(text(left, height - 16, number(first), "start"))
        parts.append(text(right, height - 16, number(last), "end"))
        parts.append(text((left + right) / 2, height - 16, x_label, "middle", "label"))
    else:
        middle = f"{x_label} {number(first)}"
        parts.append(text((left + right) / 2, height - 16, middle, "middle", "label"))
    return svg(width, height, label, parts, "lines")
