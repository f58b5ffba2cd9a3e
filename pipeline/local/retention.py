"""What follows a run where the configuration has a section `retention`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from metadata.run_file import RunRecord
from metadata.run_folder import RunFolder
from pipeline.local.events import Event


def apply_retention(
    root: RunFolder, record: RunRecord, configuration: Mapping[str, Any], *, as_json: bool
) -> None:
    """Removes old runs, if the configuration of a run that has ended says so.

    Not after a run that somebody stopped, who wants to go on. Nothing here fails the run:
    what could not be removed is said and goes after the next one.

    Args:
      root: The root.
      record: The run's account.
      configuration: Its resolved configuration.
      as_json: Whether a machine reads what is said.
    """
    section = configuration.get("retention")
    if not section or record.status == "stopped":
        return
    from pipeline.configuration.retention import RetentionSettings

    retention = RetentionSettings.model_validate(section)
    if not retention.is_on:
        return
    from core.errors import MillraceError
    from metadata.store import STORE_ERRORS
    from pipeline.cleaning.opening import retain
    from pipeline.cleaning.words import in_a_line

    try:
        plan = retain(root, record.run_id, retention, record.pipeline)
    except (MillraceError, OSError, *STORE_ERRORS) as error:
        click.echo(
            f"retention: {str(error).splitlines()[0]}; tried again after the next run", err=True
        )
        return
    if as_json:
        facts = {"runs": plan.runs, "bytes": plan.bytes, "kept": plan.kept}
        click.echo(Event("cleaned", content=facts).to_json())
    elif plan.in_use:
        click.echo("retention: another run is under way, which cleans up when it ends")
    elif plan.removals:
        click.echo(f"retention: {in_a_line(plan)}")
