"""The parts that the charts are made of; all text is escaped."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape


def svg(
    width: float,
    height: float,
    label: str,
    parts: Sequence[Markup],
    kind: str,
    *,
    widest: float | None = None,
) -> Markup:
    """A whole drawing.

    Args:
      width: Of its coordinates.
      height: Of its coordinates.
      label: What a screen reader says.
      parts: What is in it, from the back to the front.
      kind: A class of the style sheet.
      widest: How wide it is shown at most, in pixels.
    """
    limit = Markup(' style="max-width:{:.0f}px"').format(widest) if widest else Markup("")
    return Markup(
        '<svg class="chart {kind}" viewBox="0 0 {w:g} {h:g}"{limit} role="img"'
        ' aria-label="{label}">{body}</svg>'
    ).format(kind=kind, w=width, h=height, limit=limit, label=label, body=Markup("").join(parts))


def text(x: float, y: float, words: str, anchor: str = "start", cls: str = "tick") -> Markup:
    """Words at a place."""
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" class="{}">{}</text>').format(
        x, y, anchor, cls, words
    )


def upright(x: float, y: float, words: str, cls: str = "label") -> Markup:
    """Words that run upwards, centred at a place."""
    return Markup(
        '<text transform="translate({:.1f} {:.1f}) rotate(-90)" text-anchor="middle"'
        ' class="{}">{}</text>'
    ).format(x, y, cls, escape(words))


def line(x1: float, y1: float, x2: float, y2: float, cls: str) -> Markup:
    """A straight line."""
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(
        x1, y1, x2, y2, cls
    )


def rectangle(
    x: float,
    y: float,
    width: float,
    height: float,
    cls: str,
    *,
    opacity: float = 1.0,
    says: str = "",
) -> Markup:
    """A filled rectangle; `says` is shown to those who point at it."""
    shown = Markup(' opacity="{:.3f}"').format(opacity) if opacity < 1 else Markup("")
    return Markup(
        '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"{}>{}</rect>'
    ).format(x, y, max(width, 0.0), max(height, 0.0), cls, shown, title(says) if says else "")


def dot(x: float, y: float, radius: float, cls: str, says: str = "") -> Markup:
    """A circle; `says` is shown to those who point at it."""
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="{}">{}</circle>').format(
        x, y, radius, cls, title(says) if says else ""
    )


def path(points: Sequence[tuple[float, float]], cls: str, says: str = "") -> Markup:
    """A line through points."""
    steps = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return Markup('<path d="{}" class="{}">{}</path>').format(
        steps, cls, title(says) if says else ""
    )


def title(words: str) -> Markup:
    """What is shown to those who point at the element around it."""
    return Markup("<title>{}</title>").format(words)
