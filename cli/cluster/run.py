"""``millrace kubeflow run``: start a run on a cluster."""

from __future__ import annotations

import click

from cli.options import json_option
from kubeflow.client.options import Asked, poll_option, target_options, timeout_option


@click.command()
@target_options
@click.option("--run-name", metavar="NAME", help="Default: the pipeline's name and the time.")
@click.option("--wait", is_flag=True, help="Show the run until it ends.")
@timeout_option
@poll_option
@json_option
def run(
    asked: Asked,
    run_name: str | None,
    wait: bool,
    timeout_seconds: int | None,
    poll_seconds: float,
    as_json: bool,
) -> int:
    """Start a run of PACKAGE, of CONFIG, or of a pipeline that is on the cluster.

    A file is uploaded first, unless its version is there. Names, types and bounds of the
    values are checked before anything is sent. Stopping the waiting does not stop the run.

    \b
    Examples:
      millrace kubeflow run taxi.yaml --set trainer.train_steps=2000 --wait
      millrace kubeflow run --pipeline taxi --version 3f2a1c9-8d41f0aa

    Exit codes: 0 started, or with --wait succeeded, 2 the request is wrong, 5 the run or
    the server failed, 130 the run was cancelled, or the waiting stopped.
    """
    from kubeflow.client.starting import start
    from kubeflow.client.target import find_target

    if timeout_seconds is not None and not wait:
        raise click.UsageError("--timeout is for --wait: it ends the waiting, not the run")
    target = find_target(asked)
    started = start(target, run_name)
    link = target.api.link("runs", started.id)
    if not as_json:
        for warning in target.warnings:
            click.echo(f"note: {warning}", err=True)
        uploaded = ", uploaded now" if target.new_version else ""
        click.echo(f"{target.pipeline}, version {target.version.name}{uploaded}")
        click.echo(f"run {started.name}  {started.id}")
        click.echo(link)
    elif not wait:
        from cli.printing import print_json

        print_json(
            {
                "run_id": started.id,
                "name": started.name,
                "state": started.state,
                "pipeline": target.pipeline,
                "version": target.version.name,
                "version_id": target.version.id,
                "experiment": target.experiment,
                "parameters": target.values,
                "link": link,
            }
        )
    if not wait:
        return 0
    from kubeflow.client.showing import show_until_end

    return show_until_end(
        target.api,
        started,
        pipeline=target.pipeline,
        tasks=target.tasks,
        poll_seconds=poll_seconds,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
    )
