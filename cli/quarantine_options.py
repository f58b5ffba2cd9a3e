"""Options that the commands of the quarantine share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.options import json_option, profile_option, root_option

_config_option = click.option(
    "--config",
    "configuration",
    type=click.Path(path_type=Path),
    metavar="CONFIG",
    help="The configuration whose metadata store is meant; the newest run's otherwise.",
)
entry_argument = click.argument("entry_id", metavar="ID")


def store_options(command: Any) -> Any:
    """--config, --profile, --root and --json."""
    for decorate in (json_option, root_option, profile_option, _config_option):
        command = decorate(command)
    return command
