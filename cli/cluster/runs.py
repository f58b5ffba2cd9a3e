"""``millrace kubeflow runs``: the runs of a cluster, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.options import json_option
from kubeflow.client.options import Server, server_options

if TYPE_CHECKING:
    from rich.table import Table

    from kubeflow.client.records import ServerRun

_STYLES = {
    "SUCCEEDED": "green",
    "FAILED": "red",
    "RUNNING": "blue",
    "CANCELED": "yellow",
    "CANCELING": "yellow",
}


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1, 5000),
    default=20,
    show_default=True,
    help="List at most so many runs.",
)
@click.option("--experiment", metavar="NAME", help="Only the runs of this experiment.")
@server_options
@json_option
def runs(
    limit: int,
    experiment: str | None,
    server: Server,
    as_json: bool,
) -> None:
    """List the runs of a cluster, newest first.

    \b
    Examples:
      millrace kubeflow runs --host http://localhost:8080
      millrace kubeflow runs --experiment taxi --json
    """
    from cli.printing import console, print_json

    api = server.open()
    found = api.list_runs(limit, experiment)
    if as_json:
        print_json(
            [
                {
                    "run_id": run.id,
                    "name": run.name,
                    "state": run.state,
                    "created": run.created.isoformat() if run.created else None,
                    "finished": run.finished.isoformat() if run.finished else None,
                    "seconds": run.seconds,
                    "pipeline_id": run.pipeline_id,
                    "version_id": run.version_id,
                    "schedule_id": run.recurring_run_id,
                    "link": api.link("runs", run.id),
                }
                for run in found
            ]
        )
    elif found:
        console().print(_table(found))
    else:
        click.echo("No runs. `millrace kubeflow run` starts one.")


def _table(found: list[ServerRun]) -> Table:
    from rich.table import Table
    from rich.text import Text

    from core import formats

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Run", overflow="fold")
    table.add_column("State", no_wrap=True)
    table.add_column("Started", no_wrap=True)
    table.add_column("Time", justify="right", no_wrap=True)
    table.add_column("Id", no_wrap=True)
    for run in found:
        table.add_row(
            run.name,
            Text(run.state.lower(), style=_STYLES.get(run.state, "dim")),
            formats.time(run.created.isoformat()) if run.created else "",
            formats.seconds(run.seconds),
            run.id,
        )
    return table
