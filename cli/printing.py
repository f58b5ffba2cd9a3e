"""What the commands that print records share: the console and strict JSON."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from typing import Any

import click
from rich.console import Console

from core import terminal

_UNFOLDED = 240

STATUS_STYLES = {
    "succeeded": "green",
    "failed": "red",
    "not_blessed": "red",
    "stopped": "yellow",
    "interrupted": "yellow",
    "running": "blue",
    "unreadable": "red",
}
STATE_STYLES = {
    "done": "green",
    "cached": "magenta",
    "failed": "red",
    "running": "blue",
    "waiting": "dim",
    "skipped": "dim",
}


def console() -> Console:
    """Where tables for people go; no markup is read out of what is printed.

    Lines that go to a file or another program are not folded at 80 columns.
    """
    width = None if sys.stdout.isatty() else _UNFOLDED
    return terminal.console(markup=False, emoji=False, width=width)


def print_json(document: Any) -> None:
    """Prints JSON that every parser reads: dataclasses as objects, NaN and infinity as null."""
    click.echo(json.dumps(plain(document), indent=2, allow_nan=False, default=str))


def plain(value: Any) -> Any:
    """Turns a value into what JSON has.

    Args:
      value: Dataclasses, mappings, sequences and plain values, nested at will.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
