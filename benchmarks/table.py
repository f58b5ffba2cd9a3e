"""The figures as Markdown, medians where a run was repeated."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Mapping, Sequence

from benchmarks.sides import OURS, STOCK, Run

NODES = (
    "ExampleGen", "StatisticsGen", "ImportSchemaGen", "SchemaGen", "ExampleValidator",
    "DataGate", "Transform", "Trainer", "Evaluator", "ServingValidator", "Pusher",
)  # fmt: skip
GIB = 2**30


@dataclasses.dataclass(frozen=True)
class Comparison:
    """All runs over one table.

    Attributes:
      rows: Of the table.
      runs: Repetitions by side.
    """

    rows: int
    runs: Mapping[str, Sequence[Run]]

    def median(self, side: str, value: Callable[[Run], float | None]) -> float | None:
        """The median of a figure over one side's repetitions, None where it has none."""
        found = [v for v in (value(run) for run in self.runs.get(side, ())) if v is not None]
        return statistics.median(found) if found else None


def markdown(comparisons: Sequence[Comparison]) -> str:
    """Writes one table of figures for each number of rows, then the metrics of both sides."""
    parts = []
    for comparison in comparisons:
        parts.append(f"### {comparison.rows:,} rows\n")
        parts.append(_figures(comparison))
        parts.append(_metrics(comparison))
    return "\n".join(parts)


def _figures(comparison: Comparison) -> str:
    lines = ["| | stock | millrace | stock / millrace |", "|---|---:|---:|---:|"]

    def row(name: str, value: Callable[[Run], float | None], unit: str) -> None:
        stock, ours = comparison.median(STOCK, value), comparison.median(OURS, value)
        if stock is not None or ours is not None:
            shown = (_shown(stock, unit), _shown(ours, unit), _ratio(stock, ours))
            lines.append(f"| {name} | {' | '.join(shown)} |")

    row("whole run, wall", lambda run: run.measurement.wall_seconds, "s")
    row("whole run, processor", lambda run: run.measurement.cpu_seconds, "s")
    row("peak memory", lambda run: run.measurement.peak_bytes / GIB, "GiB")
    for node in NODES:
        row(node, lambda run, node=node: run.node_seconds.get(node), "s")  # type: ignore[misc]
    row("imports", lambda run: run.node_seconds.get("imports"), "s")
    row(
        "again, nothing changed",
        lambda run: None if run.repeated is None else run.repeated.wall_seconds,
        "s",
    )
    return "\n".join(lines) + "\n"


def _metrics(comparison: Comparison) -> str:
    names = sorted(
        {name for runs in comparison.runs.values() for run in runs for name in run.metrics}
    )
    lines = ["| metric | stock | millrace | difference |", "|---|---:|---:|---:|"]
    for name in names:

        def value(run: Run, name: str = name) -> float | None:
            return run.metrics.get(name)

        stock, ours = comparison.median(STOCK, value), comparison.median(OURS, value)
        difference = "" if stock is None or ours is None else f"{ours - stock:+.4g}"
        lines.append(f"| {name} | {_number(stock)} | {_number(ours)} | {difference} |")
    return "\n".join(lines) + "\n" if names else ""


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 2 if unit == "GiB" or value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f} {unit}"


def _ratio(stock: float | None, ours: float | None) -> str:
    return "" if not stock or not ours else f"{stock / ours:.1f}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) and abs(value) > 1 else f"{value:.4f}"
