"""A run on the server: its live table, its end, its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core import terminal
from kubeflow.client.records import ServerRun
from kubeflow.client.waiting import failure, wait_for_end
from kubeflow.package.package_tasks import PackageTask

if TYPE_CHECKING:
    from kubeflow.client.api import KubeflowApi

STOPPED = 130


def show_until_end(
    api: KubeflowApi,
    run: ServerRun,
    *,
    pipeline: str,
    tasks: tuple[PackageTask, ...],
    poll_seconds: float,
    timeout_seconds: float | None,
    as_json: bool,
) -> int:
    """Shows a run until it ends.

    Args:
      api: The server.
      run: The run.
      pipeline: The pipeline's name.
      tasks: Its tasks, as far as they are known.
      poll_seconds: The pause between two looks.
      timeout_seconds: How long to wait at most; None for ever.
      as_json: One JSON event a line instead of what people read.

    Returns:
      The exit code: 0 where it succeeded, 130 where it was cancelled or the waiting was.

    Raises:
      errors.InfrastructureError: If the run failed, the server did, or the time is up.
    """
    from pipeline.local.display import choose_display

    display = choose_display(
        as_json=as_json, console=terminal.console(), loading="waiting for the cluster"
    )
    try:
        ended, record = wait_for_end(
            api,
            run,
            display,
            pipeline=pipeline,
            tasks=tasks,
            poll_seconds=poll_seconds,
            timeout_seconds=timeout_seconds,
        )
    except KeyboardInterrupt:
        click.echo(f"the run goes on; wait again with `millrace kubeflow wait {run.id}`", err=True)
        return STOPPED
    if record.status == "failed":
        raise failure(api, ended, record)
    if not as_json:
        took = f" in {ended.seconds:.0f} s" if ended.seconds is not None else ""
        word = "succeeded" if record.status == "succeeded" else "was cancelled"
        click.echo(f"\n{record.run_id} {word}{took}\n{api.link('runs', ended.id)}")
    return STOPPED if record.status == "stopped" else 0
