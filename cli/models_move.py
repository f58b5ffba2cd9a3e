"""``millrace models promote`` and ``rollback``."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import click

from cli.models_options import registry_options, who_and_why
from cli.printing import print_json
from core.errors import UserError
from core.login import login_name
from pipeline.access.registry import Registry, open_registry
from registry import moves
from registry.after_push import after_push
from registry.model_version import ModelVersion
from registry.models import Refused
from registry.moves_record import Move
from registry.unblessed import version_of_refused


@click.command()
@click.argument("name", metavar="VERSION")
@who_and_why
@registry_options
def promote(
    name: str,
    by: str | None,
    because: str,
    force: bool,
    pipeline: str | None,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """Make VERSION the champion: its stored model is pushed again under a new number.

    Servers take it up as any new version. No other version is withdrawn. A run whose model
    was refused can be named too, with --force. Of several promotions at once one succeeds.

    \b
    Examples:
      millrace models promote 1.0.0 --because "1.1.0 is slow on long trips"
      millrace models promote candidate --force --because "the bound was wrong"
    """
    asked = moves.Asked(by or login_name(), because, force)
    with open_registry(root, configuration, profile, pipeline) as registry:
        found = _version(registry, registry.models.find(name), asked)
        done = moves.promote(registry.store, registry.models, found, asked)
        _say(registry, found, done, as_json=as_json)


@click.command()
@click.option("--to", metavar="VERSION", help="The version to restore.")
@click.option(
    "--before",
    metavar="TIME",
    help="Restore what served before this time (ISO 8601; local where no zone is said).",
)
@who_and_why
@registry_options
def rollback(
    to: str | None,
    before: str | None,
    by: str | None,
    because: str,
    force: bool,
    pipeline: str | None,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """Restore the state before bad data: an older version serves again.

    Its stored model is pushed again under a new number, so servers pick it up; the versions
    after it are withdrawn with the reason, and later models are compared with the restored
    one. Nothing is deleted. Without --to and --before the champion's predecessor is
    restored.

    \b
    Examples:
      millrace models rollback --because "span 5 had broken meters"
      millrace models rollback --to 1.0.0
      millrace models rollback --before 2026-05-04T10:00 --json
    """
    if to is not None and before is not None:
        raise UserError(
            "--to and --before cannot both be said", hint="say one of them", code="to-and-before"
        )
    when = _time(before) if before is not None else None
    asked = moves.Asked(by or login_name(), because, force)
    with open_registry(root, configuration, profile, pipeline) as registry:
        found = moves.rollback_target(registry.models, to=to, before=when)
        target = _version(registry, found, asked)
        done = moves.rollback(registry.store, registry.models, target, asked)
        _say(registry, target, done, as_json=as_json)


def _version(registry: Registry, found: ModelVersion | Refused, asked: moves.Asked) -> ModelVersion:
    if isinstance(found, ModelVersion):
        return found
    return version_of_refused(registry.store, registry.models, found, asked)


def _time(text: str) -> datetime.datetime:
    # Python 3.10 does not read the Z that everybody writes.
    plain = text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text
    try:
        found = datetime.datetime.fromisoformat(plain)
    except ValueError:
        raise UserError(
            f"--before {text} is not a time",
            hint="write it as 2026-05-04, 2026-05-04T10:00 or 2026-05-04T10:00:00+00:00",
            code="not-a-time",
        ) from None
    return found if found.tzinfo else found.astimezone()


def _say(registry: Registry, target: ModelVersion, done: Move, *, as_json: bool) -> None:
    after_push(registry.store, registry.models.pipeline)
    if as_json:
        print_json(dataclasses.asdict(done))
        return
    click.echo(
        f"{done.version} (run {target.facts.run_id}) is the champion, as number {done.number}."
    )
    if done.withdrawn:
        click.echo(f"Withdrawn: {', '.join(done.withdrawn)}.")
