"""``millrace data quarantine release`` and ``discard``: a person decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.printing import print_json
from cli.quarantine_options import entry_argument, store_options
from components.quarantine import records
from components.quarantine.entry import Decision
from core.errors import UserError
from core.login import login_name
from metadata.quarantine_words import document, next_step
from metadata.store import STORE_ERRORS
from pipeline.access.quarantine import Quarantine, quarantine_of, unreadable


def _who_and_why(command: Any) -> Any:
    for decorate in (
        click.option("--because", default="", metavar="WHY", help="The reason, for the record."),
        click.option(
            "--by", metavar="WHO", envvar="MILLRACE_USER", help="Your name; the login otherwise."
        ),
    ):
        command = decorate(command)
    return command


@click.command()
@entry_argument
@_who_and_why
@store_options
def release(
    entry_id: str,
    by: str | None,
    because: str,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """Let runs take the data of entry ID again.

    The next run that comes to them takes them, without --force, and the gate judges them
    anew. So first amend the schema (`millrace schema accept RUN`) or the gate's settings,
    or the same refusal follows. Corrected files need no release. Who, when and why are
    recorded. What was discarded is never released.

    \b
    Examples:
      millrace data quarantine release 3f9a --because "new card terminals, schema amended"
      millrace data quarantine release 3f9a --by ada --json
    """
    quarantine = quarantine_of(root, configuration, profile)
    _decide(quarantine, entry_id, "released", by, because, as_json=as_json)


@click.command()
@entry_argument
@_who_and_why
@store_options
def discard(
    entry_id: str,
    by: str | None,
    because: str,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """Never take the data of entry ID again.

    Runs skip them for ever; this cannot be taken back. The files stay where they are, and
    corrected files are other data, which runs take. Who, when and why are recorded.

    \b
    Examples:
      millrace data quarantine discard 3f9a --because "the meter was broken all day"
    """
    quarantine = quarantine_of(root, configuration, profile)
    _decide(quarantine, entry_id, "discarded", by, because, as_json=as_json)


def _decide(
    quarantine: Quarantine,
    entry_id: str,
    decision: Decision,
    by: str | None,
    because: str,
    *,
    as_json: bool,
) -> None:
    entry = quarantine.find(entry_id)
    who = by or login_name()
    try:
        changed = records.change(quarantine.open_for_changes(), entry.id, decision, who, because)
    except ValueError as error:
        last = entry.last
        raise UserError(
            f"{entry.id} ({entry.data.words}) {error}",
            evidence=[f"{last.action} by {last.who} on {last.when}"] if last else [],
            hint="corrected files are taken without any step; see "
            f"`millrace data quarantine show {entry.id}`",
            code=f"already-{entry.status}",
        ) from None
    except STORE_ERRORS as error:
        raise unreadable(quarantine.name, error) from error
    if as_json:
        print_json(document(changed))
        return
    click.echo(f"{changed.id} ({changed.data.words}) {decision} by {who}.")
    click.echo(next_step(changed))
