"""A confusion matrix: rows are what was true, columns what was predicted."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from core.formats import percent, shorten
from report.svg import rectangle, svg, text, title, upright

_LONGEST_NAME = 18
_LETTER = 6.5
# Above this share the cell's colour is too strong for dark letters.
_STRONG = 0.55
# Both numbers fit a cell up to so many classes.
_ROOMY = 8


def confusion_matrix(names: Sequence[str], rows: Sequence[Sequence[float]], label: str) -> Markup:
    """Draws the matrix; a cell is as dark as its share of its row.

    Args:
      names: Of the classes.
      rows: The weight of each actual (row) and predicted (column) class.
      label: What a screen reader says.
    """
    count = len(names)
    cell_width, cell_height = (74.0, 46.0) if count <= _ROOMY else (38.0, 26.0)
    shown = [shorten(name or "(empty)", _LONGEST_NAME) for name in names]
    longest = max(map(len, shown))
    left = 32 + max(_LETTER * longest, 24)
    tilted = longest * _LETTER > cell_width
    top = 24 + (min(longest * _LETTER * 0.75, 90) if tilted else 12)
    width = left + count * cell_width + (0.6 * longest * _LETTER if tilted else 0) + 4
    height = top + count * cell_height + 4
    parts = [
        text(left + count * cell_width / 2, 12, "predicted", "middle", "label"),
        upright(12, top + count * cell_height / 2, "actual"),
    ]
    for place, (name, whole) in enumerate(zip(shown, names, strict=True)):
        x, y = left + (place + 0.5) * cell_width, top - 7
        turn = Markup(' transform="rotate(-40 {:.1f} {:.1f})"').format(x, y) if tilted else ""
        anchor = "start" if tilted else "middle"
        parts.append(
            Markup(
                '<text x="{:.1f}" y="{:.1f}"{} text-anchor="{}" class="name">{}{}</text>'
            ).format(x, y, turn, anchor, name, title(whole))
        )
        middle = top + (place + 0.5) * cell_height + 4
        parts.append(text(left - 8, middle, name, "end", "name"))
    for row, (actual, weights) in enumerate(zip(names, rows, strict=True)):
        total = sum(weights)
        for column, (predicted, weight) in enumerate(zip(names, weights, strict=True)):
            share = weight / total if total > 0 else 0.0
            x, y = left + column * cell_width, top + row * cell_height
            says = f"{actual} predicted as {predicted}: {_count(weight)}"
            if total > 0:
                says += f", {percent(share)} of {_count(total)}"
            right = "hit" if row == column else "miss"
            parts.append(rectangle(x + 1, y + 1, cell_width - 2, cell_height - 2, "cell"))
            if share > 0:
                parts.append(
                    rectangle(
                        x + 1, y + 1, cell_width - 2, cell_height - 2, right,
                        opacity=0.06 + 0.94 * share,
                    )
                )  # fmt: skip
            parts += _figures(x, y, cell_width, cell_height, weight, share, count <= _ROOMY)
            parts.append(rectangle(x, y, cell_width, cell_height, "hover", says=says))
    kind = f"matrix {'roomy' if count <= _ROOMY else 'dense'}"
    return svg(width, height, label, parts, kind, widest=1.3 * width)


def _figures(
    x: float, y: float, width: float, height: float, weight: float, share: float, roomy: bool
) -> list[Markup]:
    if weight <= 0 and not roomy:
        return []
    on = " on" if share > _STRONG else ""
    middle = x + width / 2
    if not roomy:
        return [text(middle, y + height / 2 + 3.5, _count(weight), "middle", f"tick{on}")]
    return [
        text(middle, y + height / 2 - 1, _count(weight), "middle", f"count{on}"),
        text(middle, y + height / 2 + 13, percent(share), "middle", f"tick{on}"),
    ]


def _count(weight: float) -> str:
    """Counts in full up to five digits, weights with one decimal."""
    if weight >= 100_000:
        return f"{weight / 1000:,.0f}k"
    return f"{weight:,.0f}" if float(weight).is_integer() else f"{weight:,.1f}"
