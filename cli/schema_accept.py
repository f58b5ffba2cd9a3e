"""``millrace schema accept``: the schema says what a run found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.options import json_option, root_option
from cli.printing import console, print_json
from pipeline.curation.acceptance import Acceptance, accept_run

LEFT_OVER = 1
"""The exit code where some anomalies were not accepted."""


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--feature",
    "features",
    multiple=True,
    metavar="F",
    help="Accept the anomalies of this feature only. May be repeated.",
)
@click.option("--by", metavar="WHO", envvar="MILLRACE_USER", help="Your name; the login otherwise.")
@click.option("--because", default="", metavar="WHY", help="The reason, for the file's readers.")
@click.option(
    "--relax-domains",
    is_flag=True,
    help="Lower min_domain_mass instead of adding unexpected values to a domain.",
)
@click.option(
    "--schema",
    "schema_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file to amend; the one that the run's configuration names otherwise.",
)
@click.option("--dry-run", is_flag=True, help="Print how the file would change; write nothing.")
@root_option
@json_option
@click.pass_context
def accept(
    context: click.Context,
    run: str,
    features: tuple[str, ...],
    by: str | None,
    because: str,
    relax_domains: bool,
    schema_file: Path | None,
    dry_run: bool,
    root: Path,
    as_json: bool,
) -> None:
    """Amend the curated schema so that it accepts what RUN found in its data.

    RUN is an id, the unique beginning of one, or `latest`. Values join a domain; presence,
    range, value count and thresholds of drift are relaxed as far as the run's data need;
    a missing column becomes optional; a new one is added. A type that changed is not
    accepted. Shares are rounded down to whole percents.

    Each change leaves a comment in the file with the date, WHO, RUN and WHY. All other
    comments and lines of the file stay as they are.

    Exit code: 0 if all was accepted or there was nothing to accept, 1 if something was not.

    \b
    Examples:
      millrace schema accept latest --dry-run
      millrace schema accept latest --feature payment_type --because "new card terminals"
      millrace schema accept taxi-2026 --feature company --relax-domains --by ada
    """
    done = accept_run(
        root,
        run,
        features=features,
        by=by,
        because=because,
        relax_domains=relax_domains,
        schema_file=schema_file,
        dry_run=dry_run,
    )
    if as_json:
        print_json(document(done, written=bool(done.differences) and not dry_run))
    else:
        _say(done, dry_run=dry_run)
        if done.differences and not dry_run:
            _mention_quarantine(root, done.run_id)
    if done.refusals:
        context.exit(LEFT_OVER)


def _mention_quarantine(root: Path, run_id: str) -> None:
    """An amended schema alone does not bring back the data that the old one refused."""
    from core.errors import InfrastructureError
    from pipeline.access.quarantine import refused_in

    try:
        entries = refused_in(root, run_id)
    except InfrastructureError:
        return  # The schema is amended all the same.
    for entry in entries:
        if entry.status == "quarantined":
            click.echo(
                f"runs skip {entry.data.words} until `millrace data quarantine release {entry.id}`"
            )


def document(done: Acceptance, *, written: bool) -> dict[str, Any]:
    """What was accepted, for programs.

    Args:
      done: The acceptance.
      written: Whether the file was changed.
    """
    return {
        "run_id": done.run_id,
        "schema_file": str(done.path) if done.path is not None else None,
        "written": written,
        "accepted": list(done.differences),
        "refused": list(done.refusals),
    }


def _say(done: Acceptance, *, dry_run: bool) -> None:
    from cli.schema_diff import print_differences

    out = console()
    if done.differences:
        print_differences(out, done.differences)
    elif not done.refusals:
        click.echo(f"nothing to accept: {done.why_nothing}")
        return
    for refusal in done.refusals:
        out.print(f"! {refusal.feature}", style="bold red", soft_wrap=True)
        out.print(f"    not accepted: {refusal.reason}", soft_wrap=True)
    if not done.differences:
        click.echo(f"{done.path} stays as it is")
    elif dry_run:
        click.echo(f"\n{done.file_difference}", nl=False)
    else:
        click.echo(f"{done.path} amended; the next run uses it")
