"""``millrace clean``: old runs and what only they need are removed."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from cli.options import json_option, profile_option, root_option
from cli.printing import print_json
from core.durations import Duration
from core.errors import UserError


@click.command()
@click.argument(
    "configuration", type=click.Path(path_type=Path), metavar="[CONFIG]", required=False
)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="So many of the newest runs of each pipeline stay.",
)
@click.option(
    "--older-than",
    type=Duration(),
    metavar="AGE",
    help="Runs go that started longer ago, such as 30d or 12h; with --keep only those beyond it.",
)
@click.option(
    "--keep-models",
    type=click.IntRange(min=0),
    metavar="N",
    help="Of so many versions beside the champion and its predecessor the stored model stays; "
    "of all of them otherwise.",
)
@click.option("--dry-run", is_flag=True, help="Say what would go, with sizes; remove nothing.")
@profile_option
@root_option
@json_option
def clean(
    configuration: Path | None,
    keep: int | None,
    older_than: int | None,
    keep_models: int | None,
    dry_run: bool,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """Remove old runs, and of artifacts what nothing that stays needs.

    There stay: all that a run that stays read or wrote, the champion with its whole
    lineage, the stored model of every version that was not withdrawn, the last run that
    came to its end, the data accepted last. A pipeline of which a run is under way is left
    alone. Your data, schemas and the serving folder are never touched.

    ML Metadata keeps every row and marks what is gone as deleted, so that lineage can still
    be asked for. With CONFIG only its pipeline's runs go, in the metadata store that it names,
    and its section `retention` counts where no option is given.

    \b
    Examples:
      millrace clean --keep 10 --dry-run
      millrace clean --older-than 30d
      millrace clean configs/taxi.yaml --keep 5 --keep-models 3
    """
    from metadata.run_folder import RunFolder
    from pipeline.cleaning.carry_out import clean as clean_root
    from pipeline.cleaning.opening import rule_of, store_of
    from pipeline.cleaning.plan import Rule
    from pipeline.cleaning.words import lines

    folder = RunFolder(root)
    if not root.is_dir():
        raise UserError(
            f"there is no folder {root}",
            hint="name the folder of the runs with --root",
            code="no-root",
        )
    age = None if older_than is None else datetime.timedelta(seconds=older_than)
    rule = Rule(keep, age, keep_models)
    if configuration is not None:
        rule = rule_of(configuration, profile, rule)
    if rule.keep is None and rule.older_than is None:
        raise UserError(
            "nothing says how much is to stay",
            hint="say --keep N or --older-than 30d, or name a configuration with a section "
            "`retention`",
            code="no-retention",
        )
    plan = clean_root(folder, store_of(folder, configuration, profile), rule, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, "bytes": plan.bytes, "plan": plan})
        return
    for line in lines(plan, dry_run=dry_run):
        click.echo(line)
