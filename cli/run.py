"""``millrace run``: the whole pipeline, or a part of it."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import configuration_options, json_option, root_option


@click.command()
@configuration_options
@click.option(
    "--from",
    "from_nodes",
    multiple=True,
    metavar="NODE",
    help="Start at this node and reuse the last run's results before it.",
)
@click.option("--to", "to_nodes", multiple=True, metavar="NODE", help="Stop after this node.")
@click.option(
    "--runner",
    type=click.Choice(["local", "beam"]),
    default="local",
    show_default=True,
    help="beam: TFX's own BeamDagRunner instead of ours.",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    default=None,
    help="How many nodes may run at once; default: the number of cores.",
)
@click.option(
    "--force", is_flag=True, help="Run even if nothing changed, and reuse no cached results."
)
@root_option
@json_option
def run(
    configuration: Path,
    data: str | None,
    profile: str | None,
    assignments: tuple[str, ...],
    from_nodes: tuple[str, ...],
    to_nodes: tuple[str, ...],
    runner: str,
    parallel: int | None,
    force: bool,
    root: Path,
    as_json: bool,
) -> int:
    """Run the pipeline of CONFIG: ingest, check, transform, train, evaluate, push.

    \b
    Examples:
      millrace run configs/taxi.yaml
      millrace run configs/taxi.yaml --data trips/ --set trainer.train_steps=2000
      millrace run configs/taxi.yaml --from Trainer

    Exit codes: 0 pushed or nothing to do, 2 wrong request or configuration, 3 bad
    data, 4 the model was not blessed, 5 infrastructure, 70 a defect, 130 stopped.
    """
    from pipeline.local.session import RunRequest, start_run
    from pipeline.start import read_request

    request = read_request(
        configuration, root=root, data=data, profile=profile, assignments=assignments
    )
    return start_run(
        RunRequest(
            request, from_nodes, to_nodes, beam=runner == "beam", parallel=parallel, force=force
        ),
        as_json=as_json,
    )
