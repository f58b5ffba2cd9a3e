"""Curves in the unit square: ROC, precision and recall, calibration."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from core.formats import number, percent
from report.svg import dot, line, path, svg, text, upright

_HEIGHT, _TOP, _FLOOR, _SIDE = 250.0, 8.0, 210.0, 194.0
# Room for the labels of the vertical axis, and for the longer ones of a short axis.
_LEFT, _LEFT_OF_SHORT = 48.0, 64.0
_SHORT = 0.1


@dataclasses.dataclass(frozen=True)
class Curve:
    """One curve.

    Attributes:
      points: Each coordinate 0 to 1.
      name: Shown to those who point at it.
      weights: A share for each point; drawn as the size of a dot.
    """

    points: Sequence[tuple[float, float]]
    name: str = ""
    weights: Sequence[float] = ()


@dataclasses.dataclass(frozen=True)
class Mark:
    """A point of interest, such as the decision threshold."""

    x: float
    y: float
    says: str
    series: int = 0


def square(
    curves: Sequence[Curve],
    label: str,
    axes: tuple[str, str],
    *,
    diagonal: bool = True,
    level: float | None = None,
    marks: Sequence[Mark] = (),
    end: float = 1.0,
) -> Markup:
    """Draws curves over one another, the first in front.

    Args:
      curves: At most eight.
      label: What a screen reader says.
      axes: Names of the horizontal and the vertical axis.
      diagonal: Whether the diagonal is what curves are compared with.
      level: A level that they are compared with.
      marks: Points of interest.
      end: Where both axes end, 1 or less.
    """

    left = _LEFT if end > _SHORT else _LEFT_OF_SHORT
    right = left + _SIDE

    def x(value: float) -> float:
        return left + _SIDE * min(1.0, max(0.0, value / end))

    def y(value: float) -> float:
        return _FLOOR - (_FLOOR - _TOP) * min(1.0, max(0.0, value / end))

    parts = []
    for tick in (0, 0.25 * end, 0.5 * end, 0.75 * end, end):
        parts.append(line(left, y(tick), right, y(tick), "grid"))
        parts.append(text(left - 6, y(tick) + 3.5, f"{tick:.3g}", "end"))
        # The last one is shorter than its half of the room beside the axis.
        parts.append(text(min(x(tick), right - 4), _FLOOR + 14, f"{tick:.3g}", "middle"))
    if diagonal:
        parts.append(line(x(0), y(0), x(end), y(end), "mark"))
    if level is not None:
        parts.append(line(left, y(level), right, y(level), "mark"))
    for place in reversed(range(len(curves))):
        parts += _curve(curves[place], place, x, y)
    for mark in reversed(marks):
        parts.append(dot(x(mark.x), y(mark.y), 4.5, f"ring s{mark.series}", mark.says))
    parts.append(text((left + right) / 2, _HEIGHT - 8, axes[0], "middle", "label"))
    parts.append(upright(12, (_TOP + _FLOOR) / 2, axes[1]))
    return svg(right + 8, _HEIGHT, label, parts, "square")


def _curve(
    curve: Curve, place: int, x: Callable[[float], float], y: Callable[[float], float]
) -> list[Markup]:
    cls = f"s{place}"
    points = [(x(a), y(b)) for a, b in curve.points]
    parts = [path(points, f"line {cls}{' faint' if curve.weights else ''}", curve.name)]
    for (a, b), (dot_x, dot_y), weight in zip(
        curve.points, points, curve.weights or (), strict=False
    ):
        says = f"{curve.name} {number(a, 3)} → {number(b, 3)}, {percent(weight)} of examples"
        parts.append(dot(dot_x, dot_y, 2.5 + 7 * math.sqrt(weight), f"fill {cls}", says.strip()))
    return parts
