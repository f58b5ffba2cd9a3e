"""``millrace data quarantine list``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from cli.printing import console, print_json
from cli.quarantine_options import store_options
from components.quarantine.entry import Entry
from core import formats
from metadata.quarantine_words import document, rows
from pipeline.access.quarantine import quarantine_of

STYLES = {"quarantined": "red", "released": "green", "discarded": "dim"}


@click.command(name="list")
@click.option(
    "--status",
    type=click.Choice(list(STYLES)),
    help="Only entries that are quarantined, released or discarded.",
)
@click.option("--pipeline", metavar="NAME", help="Only data that this pipeline refused.")
@store_options
def list_entries(
    status: str | None,
    pipeline: str | None,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """List data that the gate refused, the newest decision first.

    \b
    Examples:
      millrace data quarantine list
      millrace data quarantine list --status quarantined --json
      millrace data quarantine list --config configs/taxi.yaml --profile kubeflow
    """
    quarantine = quarantine_of(root, configuration, profile)
    known = quarantine.entries()
    shown = [
        entry
        for entry in known
        if status in (None, entry.status) and pipeline in (None, entry.data.pipeline)
    ]
    if as_json:
        print_json([document(entry) for entry in shown])
    elif not known:
        click.echo(f"No data are quarantined in {quarantine.name}.")
    elif not shown:
        click.echo(f"None of the {formats.plural(len(known), 'entry', 'entries')} is of that kind.")
    else:
        console().print(_table(shown))


def _table(entries: Sequence[Entry]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("Id", "Status", "Since"):
        table.add_column(name, no_wrap=True)
    for name in ("Pipeline", "Data", "Rows", "Why", "By"):
        table.add_column(name, overflow="fold")
    for entry in entries:
        last = entry.last
        table.add_row(
            entry.id,
            Text(entry.status, style=STYLES[entry.status]),
            formats.time(last.when)[: len("2026-01-01 00:00")] if last else "",
            entry.data.pipeline,
            entry.data.words,
            rows(entry),
            entry.reason,
            last.who if last else "",
        )
    return table
