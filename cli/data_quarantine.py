"""``millrace data quarantine``: data that the gate refused."""

from __future__ import annotations

import click

from cli.lazy_group import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("cli.quarantine_list:list_entries", "List data that were refused."),
    "show": ("cli.quarantine_show:show", "Show one entry: which data, why, who."),
    "release": (
        "cli.quarantine_decide:release",
        "Let runs take the data again; the gate judges them anew.",
    ),
    "discard": ("cli.quarantine_decide:discard", "Never take these data again."),
}


@click.group(cls=LazyGroup, table=COMMANDS, epilog="Start with: millrace data quarantine list")
def quarantine() -> None:
    """Data that the gate refused: listed, shown, released, discarded.

    When the data gate ends a run, its data are quarantined: later runs skip them and take
    the newest span that is left. The files are neither moved nor changed. Corrected files
    have another fingerprint and are taken by the next run without any other step; `release`
    is for data that were good after all, once the schema or the gate's settings say so too.
    Every decision is recorded with who, when and why.

    \b
    Examples:
      millrace data quarantine list
      millrace data quarantine show 3f9a
      millrace data quarantine release 3f9a --because "a new card terminal, schema amended"
      millrace data quarantine discard 3f9a --because "the meter was broken all day"
    """
