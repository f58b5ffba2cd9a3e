"""What a run looks like in a pipe, for a machine, and on a terminal."""

from __future__ import annotations

import dataclasses
import io
import json

from rich.console import Console

from metadata.run_file import NodeRecord, RunRecord
from pipeline.local.display import JsonDisplay, LineDisplay, TableDisplay, choose_display
from pipeline.local.events import Event

RECORD = RunRecord(
    "taxi-1",
    "taxi",
    "running",
    "2026-01-01T00:00:00+00:00",
    nodes=(
        NodeRecord("ExampleGen", (), "done", seconds=1.25, result="rows: 2 train"),
        NodeRecord("Trainer", ("ExampleGen",), "running", result="step [bold]1/2"),
    ),
)


def test_without_a_terminal_there_is_a_plain_line_for_each_start_and_end() -> None:
    stream = io.StringIO()
    display = LineDisplay(stream)
    display.show(Event("run_started", content={"run_id": "taxi-1"}), RECORD)
    display.show(Event("node_ended", "ExampleGen"), RECORD)
    display.show(Event("node_progress", "Trainer", {"text": "step 1"}), RECORD)

    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("run taxi-1: loading TensorFlow and TFX")
    assert lines[1].endswith("ExampleGen done in 1.2 s  rows: 2 train")


def test_json_is_one_event_a_line() -> None:
    stream = io.StringIO()
    JsonDisplay(stream).show(Event("node_ended", "Trainer", {"state": "done"}, at="now"), RECORD)
    assert json.loads(stream.getvalue()) == {
        "event": "node_ended",
        "at": "now",
        "node": "Trainer",
        "state": "done",
    }


def test_the_table_shows_every_node_and_takes_no_markup_from_data() -> None:
    stream = io.StringIO()
    display = TableDisplay(Console(file=stream, width=100, force_terminal=True, no_color=True))
    display.show(Event("run_started"), RECORD)
    display.show(Event("prepared"), RECORD)
    display.show(Event("run_ended"), dataclasses.replace(RECORD, status="succeeded"))

    text = stream.getvalue()
    assert "ExampleGen" in text
    assert "rows: 2 train" in text
    assert "step [bold]1/2" in text


def test_the_display_fits_the_place() -> None:
    pipe = Console(file=io.StringIO())
    terminal = Console(file=io.StringIO(), force_terminal=True)
    assert isinstance(choose_display(as_json=True, console=terminal), JsonDisplay)
    assert isinstance(choose_display(as_json=False, console=pipe), LineDisplay)
    assert isinstance(choose_display(as_json=False, console=terminal), TableDisplay)
