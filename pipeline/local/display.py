"""How a run looks while it goes on: a live table, plain lines, or JSON events."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

import click

from metadata.run_file import NodeRecord, RunRecord
from pipeline.local.events import Display, Event

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

STATE_STYLES = {
    "waiting": "dim",
    "running": "bold cyan",
    "cached": "green",
    "done": "bold green",
    "failed": "bold red",
    "skipped": "dim",
}
STATE_SIGNS = {
    "waiting": "·",
    "running": "▸",
    "cached": "≡",
    "done": "✓",
    "failed": "✗",
    "skipped": "-",
}
LOADING = "loading TensorFlow and TFX"
STATUS_WORDS = {
    "succeeded": "succeeded",
    "failed": "failed",
    "stopped": "stopped",
    "interrupted": "was interrupted",
    "not_blessed": "ended: the model was not blessed, the one in production stays",
}


def choose_display(*, as_json: bool, console: Console, loading: str = LOADING) -> Display:
    """The display that fits: JSON on demand, a table on a terminal, lines elsewhere.

    Args:
      as_json: Whether a machine reads it.
      console: The terminal, if it is one.
      loading: What happens before the first node.
    """
    if as_json:
        return JsonDisplay(sys.stdout)
    if console.is_terminal:
        return TableDisplay(console, loading)
    return LineDisplay(sys.stdout, loading)


class JsonDisplay:
    """One event a line, for machines.

    Args:
      stream: Where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, event: Event, record: RunRecord) -> None:
        """Writes the event."""
        click.echo(event.to_json(), file=self._stream)

    def tick(self, record: RunRecord) -> None:
        """Nothing happens, nothing is written."""

    def close(self) -> None:
        """Nothing is left open."""


class LineDisplay:
    """A line when a node starts and when it ends, for logs and pipes.

    Args:
      stream: Where to write.
      loading: What happens before the first node.
    """

    def __init__(self, stream: TextIO, loading: str = LOADING) -> None:
        self._stream = stream
        self._loading = loading
        self._start = time.monotonic()

    def show(self, event: Event, record: RunRecord) -> None:
        """Writes a line for what a reader of a log wants to know."""
        text = self._text(event, record)
        if text:
            seconds = time.monotonic() - self._start
            click.echo(f"{seconds:7.1f} s  {text}", file=self._stream)

    def tick(self, record: RunRecord) -> None:
        """Nothing happens, nothing is written."""

    def close(self) -> None:
        """Nothing is left open."""

    def _text(self, event: Event, record: RunRecord) -> str:
        if event.kind == "run_started":
            return f"run {record.run_id}: {self._loading}"
        if event.kind == "prepared":
            return f"pipeline {record.pipeline}: {len(record.nodes)} nodes"
        if event.kind == "node_started":
            return f"{event.node} started"
        if event.kind == "node_ended":
            node = record.node(event.node)
            assert node is not None
            return f"{node.id} {node.state} in {node.seconds:.1f} s  {node.result}".rstrip()
        if event.kind == "run_ended":
            return f"run {record.run_id} {STATUS_WORDS[record.status]}"
        return ""


class TableDisplay:
    """A table that stays in place and is redrawn a few times a second.

    Args:
      console: The terminal.
      loading: What happens before the first node.
    """

    def __init__(self, console: Console, loading: str = LOADING) -> None:
        from rich.live import Live
        from rich.spinner import Spinner
        from rich.text import Text

        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._since: dict[str, float] = {}
        self._start = time.monotonic()
        self._loading = True
        self._spinner = Spinner("dots", Text(loading, "dim"))

    def show(self, event: Event, record: RunRecord) -> None:
        """Redraws."""
        if event.kind == "run_started":
            self._live.start()
        if event.kind in ("prepared", "run_ended"):
            self._loading = False
        if event.kind == "node_started":
            self._since[event.node] = time.monotonic()
        if event.kind != "node_progress":
            self.tick(record)
        if event.kind == "run_ended":
            self._live.stop()

    def tick(self, record: RunRecord) -> None:
        """Redraws, so that seconds go on."""
        self._live.update(self._render(record), refresh=True)

    def close(self) -> None:
        """Gives the terminal back where the run goes on without us."""
        self._live.stop()

    def _render(self, record: RunRecord) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        elapsed = time.monotonic() - self._start
        head = Text.assemble((record.run_id, "bold"), f"  {elapsed:.0f} s")
        table = node_table(record, self._seconds)
        if self._loading:
            return Group(head, table, self._spinner)
        return Group(head, table)

    def _seconds(self, node: NodeRecord) -> float | None:
        if node.state == "running" and node.id in self._since:
            return time.monotonic() - self._since[node.id]
        return node.seconds


def _recorded_seconds(node: NodeRecord) -> float | None:
    return node.seconds


def node_table(
    record: RunRecord, seconds: Callable[[NodeRecord], float | None] = _recorded_seconds
) -> RenderableType:
    """The table of a run's nodes.

    Args:
      record: The run's account.
      seconds: Gives a node's seconds so far; the account's where it is left out.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("node", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    table.add_column("result", overflow="fold")
    for node in record.nodes:
        taken = seconds(node)
        style = STATE_STYLES[node.state]
        table.add_row(
            Text(node.id),
            Text(f"{STATE_SIGNS[node.state]} {node.state}", style),
            "" if taken is None else f"{taken:.1f}",
            Text(node.result, "" if node.state in ("done", "failed") else "dim"),
        )
    return table
