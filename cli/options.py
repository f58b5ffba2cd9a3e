"""Options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from core import errors


def _local_folder(context: click.Context, parameter: click.Parameter, value: Path) -> Path:
    """Refuses an address, which a path would turn into a folder of that name."""
    if re.match(r"[a-z0-9]+:/", str(value)):
        raise errors.UserError(
            f"--root {value} is not a folder on this machine",
            hint="a run on this machine needs a local root; a cluster's is kubeflow.root",
            code="root-not-local",
        )
    return value


configuration_argument = click.argument(
    "configuration", type=click.Path(path_type=Path), metavar="CONFIG"
)
root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=".millrace",
    show_default=True,
    envvar="MILLRACE_ROOT",
    callback=_local_folder,
    help="The folder of the metadata store, the runs and all artifacts.",
)
data_option = click.option(
    "--data",
    metavar="PATH",
    help="A file, a folder or a glob pattern of CSV, Parquet, JSON lines, "
    "Avro or TFRecord; gzip is seen by itself. Or a database, with --set data.table=NAME.",
)
profile_option = click.option(
    "--profile", metavar="NAME", help="An overlay: profiles/NAME.yaml beside CONFIG."
)
set_option = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a value for this run, e.g. trainer.train_steps=2000. May be repeated.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON, for machines.")


def configuration_options(command: Any) -> Any:
    """CONFIG, --data, --profile and --set."""
    for decorate in (set_option, profile_option, data_option, configuration_argument):
        command = decorate(command)
    return command
