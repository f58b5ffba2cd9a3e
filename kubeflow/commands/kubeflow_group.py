"""``millrace kubeflow``: the pipeline as a package, here and on a cluster."""

from __future__ import annotations

import click

from pipeline.lazy_group import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "compile": ("kubeflow.commands.compile", "Write the pipeline package of a configuration."),
    "check": ("kubeflow.commands.check", "Check a package against the server's rules."),
    "emulate": ("kubeflow.commands.emulate", "Run a package on this machine, with no cluster."),
    "upload": ("kubeflow.commands.upload", "Put a package on a cluster, as a new version."),
    "run": ("kubeflow.commands.run", "Start a run on a cluster."),
    "schedule": ("kubeflow.commands.schedule", "Make, list, pause and delete recurring runs."),
    "runs": ("kubeflow.commands.runs", "List the runs of a cluster."),
    "wait": ("kubeflow.commands.wait", "Wait for a run of a cluster to end."),
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
