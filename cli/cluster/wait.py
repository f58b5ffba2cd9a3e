"""``millrace kubeflow wait``: show a run of a cluster until it ends."""

from __future__ import annotations

import click

from cli.options import json_option
from kubeflow.client.options import Server, poll_option, server_options, timeout_option


@click.command()
@click.argument("run", metavar="RUN")
@timeout_option
@poll_option
@server_options
@json_option
def wait(
    run: str,
    timeout_seconds: int | None,
    poll_seconds: float,
    server: Server,
    as_json: bool,
) -> int:
    """Show RUN, a run's id or name, until it ends.

    \b
    Examples:
      millrace kubeflow wait 6f1c2a3e-8d41-4f0a-9b7e-2c5d1e0f3a4b --timeout 2h

    Exit codes: 0 it succeeded, 5 it failed, or the server did, 130 it was cancelled, or
    the waiting stopped.
    """
    from kubeflow.client.finding import find_run
    from kubeflow.client.showing import show_until_end
    from kubeflow.client.waiting import tasks_of

    api = server.open()
    found = find_run(api, run)
    pipeline, tasks = tasks_of(api, found)
    return show_until_end(
        api,
        found,
        pipeline=pipeline,
        tasks=tasks,
        poll_seconds=poll_seconds,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
    )
