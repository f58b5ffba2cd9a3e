"""``millrace argo``: the pipeline for Argo Workflows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from cli.cluster.compile_options import CompileRequest, compile_options, write_and_tell


@click.group(epilog="Start with: millrace argo compile configs/taxi.yaml --image NAME")
def argo() -> None:
    """The same pipeline on Argo Workflows, without Kubeflow."""


@argo.command()
@compile_options(".argo.yaml")
@click.option(
    "--kind",
    type=click.Choice(["Workflow", "WorkflowTemplate"]),
    default="Workflow",
    show_default=True,
    help="A Workflow starts when it is created; a WorkflowTemplate is submitted, also from "
    "Argo's own form.",
)
def compile(
    request: CompileRequest,
    kind: Literal["Workflow", "WorkflowTemplate"],
) -> None:
    """Write the pipeline of CONFIG as an Argo Workflow.

    The same containers as `millrace kubeflow compile`, from the same section `kubeflow` of
    CONFIG. Run parameters are the workflow's parameters; Argo's names have no dots, so
    trainer.train_steps is trainer-train_steps. The run id in ML Metadata is the workflow's
    uid. Argo draws no reports: look at a run with `millrace show`. The service account
    (kubeflow.service_account) needs the rights of Argo's executor. Checked against Argo 4.1's
    rules; not tried on a cluster.

    \b
    Examples:
      millrace argo compile configs/taxi.yaml --image millrace:dev
      argo submit taxi.argo.yaml -p trainer-train_steps=2000
      millrace argo compile configs/taxi.yaml --kind WorkflowTemplate -o taxi-template.yaml
      argo submit --from workflowtemplate/taxi -p data-span=3
    """
    from kubeflow.renderers.argo.workflow import workflow, workflow_text

    compilation = request.compile()
    manifest = workflow(compilation.graph, kind)
    path = request.output or Path(f"{compilation.graph.name}.argo.yaml")
    submit = f"argo submit {path}"
    if kind == "WorkflowTemplate":
        template = f"workflowtemplate/{compilation.graph.name}"
        submit = f"kubectl apply -f {path} && argo submit --from {template}"
    write_and_tell(
        request,
        compilation,
        path,
        workflow_text(manifest),
        next_steps=(f"run it: {submit} -p NAME=VALUE",),
        more={"kind": kind},
    )
