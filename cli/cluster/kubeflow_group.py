"""``millrace kubeflow``: the pipeline as a package, here and on a cluster."""

from __future__ import annotations

import click

from cli.lazy_group import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "compile": ("cli.cluster.compile", "Write the pipeline package of a configuration."),
    "check": ("cli.cluster.check", "Check a package against the server's rules."),
    "emulate": ("cli.cluster.emulate", "Run a package on this machine, with no cluster."),
    "upload": ("cli.cluster.upload", "Put a package on a cluster, as a new version."),
    "run": ("cli.cluster.run", "Start a run on a cluster."),
    "schedule": ("cli.cluster.schedule", "Make, list, pause and delete recurring runs."),
    "runs": ("cli.cluster.runs", "List the runs of a cluster."),
    "wait": ("cli.cluster.wait", "Wait for a run of a cluster to end."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    epilog="Start with: millrace kubeflow compile configs/taxi.yaml --output taxi.yaml",
)
def kubeflow() -> None:
    """The same pipeline on Kubeflow Pipelines 2: compile, check, try, upload, run.

    \b
    Examples:
      millrace kubeflow compile configs/taxi.yaml --image millrace:dev
      millrace kubeflow emulate taxi.yaml --set trainer.train_steps=50
      millrace kubeflow upload taxi.yaml --host http://localhost:8888
    """
