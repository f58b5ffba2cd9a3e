"""Options that the commands of the registry share."""

from __future__ import annotations

from typing import Any

import click

from cli.quarantine_options import store_options

_pipeline_option = click.option(
    "--pipeline", metavar="NAME", help="The pipeline, where the store has models of several."
)


def registry_options(command: Any) -> Any:
    """--pipeline, --config, --profile, --root and --json."""
    return _pipeline_option(store_options(command))


def who_and_why(command: Any) -> Any:
    """--because, --by and --force."""
    for decorate in (
        click.option(
            "--force", is_flag=True, help="Also where the model was never blessed; recorded."
        ),
        click.option("--because", default="", metavar="WHY", help="The reason, for the record."),
        click.option(
            "--by", metavar="WHO", envvar="MILLRACE_USER", help="Your name; the login otherwise."
        ),
    ):
        command = decorate(command)
    return command
