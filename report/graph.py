"""Draws a small graph of boxes: the pipeline's nodes, or the artifacts of a lineage."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from markupsafe import Markup

from core.formats import shorten
from report.layered import STANDARD_SIZE, Layout, Size, lay_out, without_shortcuts

# Pixels that a character takes on average in the style sheet's fonts.
_CHARACTER = 6.1
_BOLD_CHARACTER = 7.4


@dataclasses.dataclass(frozen=True)
class Box:
    """One box.

    Attributes:
      id: Unique in the graph.
      title: The first line, in bold.
      lines: Further lines, cut to the box's width; the whole text is its tooltip.
      upstream: Ids of the boxes before it.
      kind: A class of the style sheet, such as a node's state.
      corner: A short text at the right of the title.
    """

    id: str
    title: str
    lines: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    kind: str = ""
    corner: str = ""


def draw(
    boxes: Sequence[Box], name: str, label: str, size: Size = STANDARD_SIZE, *, reduce: bool = True
) -> Markup:
    """Draws boxes and arrows from top to bottom.

    Args:
      boxes: The boxes, at least one.
      name: Unique on the page; letters only.
      label: What a screen reader says.
      size: Of boxes and gaps in pixels.
      reduce: Whether edges that follow from others are left out.
    """
    layout = _layout(boxes, size, reduce=reduce)
    room = int((size.width - 24) / _CHARACTER)
    body = [
        Markup('<path d="{}" class="edge" marker-end="url(#{}-arrow)"/>').format(path, name)
        for path in layout.edges
    ]
    for box in boxes:
        left, top = layout.places[box.id]
        lines = Markup("").join(
            Markup('<text x="14" y="{:g}" class="line-text">{}</text>').format(
                36 + 15 * i, shorten(line, room)
            )
            for i, line in enumerate(box.lines)
        )
        whole = "\n".join((f"{box.title}  {box.corner}".strip(), *box.lines))
        body.append(
            Markup(
                '<g class="box {kind}" transform="translate({x:.1f} {y:.1f})">'
                "<title>{whole}</title>"
                '<rect width="{w:g}" height="{h:g}" rx="6" class="frame"/>'
                '<rect width="4" height="{bar:g}" y="6" x="0" class="bar"/>'
                '<text x="14" y="20" class="box-title">{title}</text>'
                '<text x="{right:g}" y="20" text-anchor="end" class="corner">{corner}</text>'
                "{lines}</g>"
            ).format(
                kind=box.kind,
                x=left,
                y=top,
                whole=whole,
                w=size.width,
                h=size.height,
                bar=size.height - 12,
                title=shorten(box.title, _title_room(box, size)),
                right=size.width - 10,
                corner=box.corner,
                lines=lines,
            )
        )
    return Markup(
        '<svg class="graph" viewBox="-2 -2 {w:g} {h:g}" style="max-width:{w:g}px"'
        ' role="img" aria-label="{label}">'
        '<defs><marker id="{name}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0.8L7 4L0 7.2z" class="head"/></marker></defs>'
        "{body}</svg>"
    ).format(
        name=name, w=layout.width + 4, h=layout.height + 4, label=label, body=Markup("").join(body)
    )


def full_width(boxes: Sequence[Box], size: Size = STANDARD_SIZE, *, reduce: bool = True) -> float:
    """How many pixels wide a drawing is where it is not made smaller.

    Args:
      boxes: As for `draw`.
      size: As for `draw`.
      reduce: As for `draw`.
    """
    return _layout(boxes, size, reduce=reduce).width


def _layout(boxes: Sequence[Box], size: Size, *, reduce: bool) -> Layout:
    upstream = {box.id: list(box.upstream) for box in boxes}
    return lay_out(without_shortcuts(upstream) if reduce else upstream, size)


def _title_room(box: Box, size: Size) -> int:
    beside = 24 + (_CHARACTER * len(box.corner) + 6 if box.corner else 0)
    return max(8, int((size.width - beside) / _BOLD_CHARACTER))
