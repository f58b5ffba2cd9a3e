"""The pipeline's graph with states and times, and a time line of its nodes."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup

from core import formats
from metadata.run_file import NodeRecord, RunRecord
from report.graph import Box, draw, full_width
from report.templating import render

# Pixels: beside the table a wider graph could not be read.
WIDEST_BESIDE = 800
SYMBOLS = {
    "waiting": "○",
    "running": "●",
    "cached": "↻",
    "done": "✓",
    "failed": "✕",
    "skipped": "\N{EN DASH}",
}


@dataclasses.dataclass(frozen=True)
class Row:
    """One node in the time line.

    Attributes:
      node: The node.
      left: Begin of its bar, in percent of the run.
      width: Width of its bar, in percent of the run.
      log: Link to the log, relative to the report; empty where there is none.
    """

    node: NodeRecord
    left: float
    width: float
    log: str


def rows(account: RunRecord, log: Callable[[str], Path]) -> list[Row]:
    """Places each node's time within the run's.

    Args:
      account: The run.
      log: Gives the log's path of a node.
    """
    start = datetime.datetime.fromisoformat(account.started)

    def offset(node: NodeRecord) -> float:
        if node.started is None:
            return 0.0
        return (datetime.datetime.fromisoformat(node.started) - start).total_seconds()

    ends = [offset(node) + (node.seconds or 0.0) for node in account.nodes]
    total = max([account.seconds or 0.0, *ends]) or 1.0
    found = []
    for node in account.nodes:
        left = 100 * max(0.0, offset(node)) / total
        width = 100 * (node.seconds or 0.0) / total if node.started else 0.0
        path = log(node.id)
        link = f"{path.parent.name}/{path.name}" if path.is_file() else ""
        found.append(Row(node, min(left, 100.0), min(width, 100.0 - min(left, 100.0)), link))
    return found


def fragment(account: RunRecord, log: Callable[[str], Path]) -> Markup:
    """Renders graph and time line.

    Args:
      account: The run.
      log: Gives the log's path of a node.
    """
    boxes = [
        Box(
            id=node.id,
            title=f"{SYMBOLS[node.state]} {node.id}",
            lines=(node.result or node.state,),
            upstream=node.upstream,
            kind=node.state,
            corner="" if node.seconds is None else formats.seconds(node.seconds),
        )
        for node in account.nodes
    ]
    label = f"Graph of {formats.plural(len(boxes), 'node')}, from data to the pushed model"
    return render(
        "nodes.html.jinja",
        graph=draw(boxes, "nodes", label) if boxes else None,
        wide=bool(boxes) and full_width(boxes) > WIDEST_BESIDE,
        rows=rows(account, log),
        symbols=SYMBOLS,
        total=account.seconds,
    )
