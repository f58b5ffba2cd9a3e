"""``millrace resume``: finish a run that failed or was killed."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import json_option, root_option


@click.command()
@click.argument("run_id", metavar="RUN", default="latest")
@click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    default=None,
    help="How many nodes may run at once; default: the number of cores.",
)
@root_option
@json_option
def resume(run_id: str, parallel: int | None, root: Path, as_json: bool) -> int:
    """Finish RUN (default: the latest): nothing that has finished runs again.

    RUN is a run's id, a unique beginning of one, or `latest`. The run goes on with the
    configuration that it was started with; an interrupted training goes on
    from its last checkpoint.
    """
    from pipeline.local.session import resume_run

    return resume_run(run_id, root, parallel=parallel, as_json=as_json)
