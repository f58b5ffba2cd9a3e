"""``millrace data quarantine show``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from cli.printing import console, print_json
from cli.quarantine_list import STYLES
from cli.quarantine_options import entry_argument, store_options
from components.quarantine.entry import Entry
from core import formats
from metadata.quarantine_words import document, happened, next_step, rows
from pipeline.access.quarantine import quarantine_of


@click.command()
@entry_argument
@store_options
def show(
    entry_id: str, configuration: Path | None, profile: str | None, root: Path, as_json: bool
) -> None:
    """Show one entry: which data, why they were refused, who decided what since.

    ID is an entry's id or the unique beginning of one.

    \b
    Examples:
      millrace data quarantine show 3f9a
      millrace data quarantine show 3f9a51c0d2e7 --json
    """
    entry = quarantine_of(root, configuration, profile).find(entry_id)
    if as_json:
        print_json(document(entry))
        return
    print_entry(console(), entry)


def print_entry(out: Console, entry: Entry) -> None:
    """Prints all that is known of an entry."""
    out.print(
        Text.assemble(
            (entry.status, STYLES[entry.status]), f" {entry.data.words}  ", (entry.id, "dim")
        )
    )
    out.print()
    out.print(Text(entry.reason, "bold"), soft_wrap=True)
    for line in entry.evidence:
        out.print(f"  {line}", soft_wrap=True)
    out.print()
    facts = [("pipeline", entry.data.pipeline)]
    facts += [("files", place) for place in entry.data.places]
    facts += [
        ("rows", rows(entry)),
        ("fingerprint", entry.data.fingerprint.replace("\n", "; ")),
        ("report", entry.report),
    ]
    for change in entry.history:
        facts.append((formats.time(change.when)[: len("2026-01-01 00:00:00")], happened(change)))
    for name, value in facts:
        if value:
            out.print(Text.assemble((f"{name:<21}", "dim"), value), soft_wrap=True)
    out.print()
    out.print(next_step(entry), soft_wrap=True)
