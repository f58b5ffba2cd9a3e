"""``millrace vertex``: the pipeline for Vertex AI Pipelines."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from cli.cluster.compile_options import CompileRequest, compile_options, write_output


@click.group(epilog="Start with: millrace vertex compile configs/taxi.yaml --help")
def vertex() -> None:
    """The same pipeline on Vertex AI Pipelines."""


@vertex.command()
@compile_options(".vertex.json", keeping=False)
def compile(request: CompileRequest) -> None:
    """Write the pipeline of CONFIG as a PipelineJob for Vertex AI Pipelines.

    Compiled by TFX's own KubeflowV2DagRunner; what a job does not have is listed. Data, root
    and push directory are in buckets. Files of the project folder, such as the schema, are
    named relative to the image's working folder.

    Another way: the package of `millrace kubeflow compile` is in the format of the Kubeflow
    SDK's version 2, which Vertex's documentation lists as supported, and has the run
    parameters. It needs a gs:// root, no volumes or secrets, and a metadata database that
    the containers reach. Neither way was tried on Vertex.

    \b
    Examples:
      millrace vertex compile configs/taxi.yaml --image gcr.io/me/millrace:1 \\
          --set kubeflow.root=gs://bucket/millrace --data gs://bucket/trips/
    """
    from cli.printing import print_json
    from kubeflow.renderers.vertex.checks import check_vertex
    from kubeflow.renderers.vertex.losses import losses
    from pipeline.configuration.loading import (
        component_places,
        data_layer,
        load,
        naming_component,
    )
    from pipeline.start import check_own_modules, project_folder

    overrides = [data_layer(request.data)] if request.data else []
    loaded = load(
        request.configuration,
        profile=request.profile,
        assignments=request.assignments,
        overrides=overrides,
    )
    settings = loaded.configuration
    if request.image:
        cluster = settings.kubeflow.model_copy(update={"image": request.image})
        settings = settings.model_copy(update={"kubeflow": cluster})
    check_vertex(settings)
    project = project_folder(request.configuration)
    check_own_modules(loaded, project)
    # Only now: it imports TFX's compiler.
    from kubeflow.renderers.vertex.job import pipeline_job

    with naming_component(component_places(loaded)):
        job = pipeline_job(settings, project)
    text = json.dumps(job, indent=1, sort_keys=True) + "\n"
    path = request.output or Path(f"{settings.name}.vertex.json")
    write_output(path, text)
    tasks = sorted(job["pipelineSpec"]["root"]["dag"]["tasks"])
    lost = losses(settings)
    facts = {
        "output": str(path),
        "pipeline": settings.name,
        "tasks": tasks,
        "image": settings.kubeflow.image,
        "root": settings.kubeflow.root,
        "bytes": len(text.encode()),
        "seconds": round(time.monotonic() - request.started, 2),
        "lost": lost,
    }
    if request.as_json:
        print_json(facts)
        return
    click.echo(f"{path}  {facts['bytes']:,} bytes, {facts['seconds']:.1f} s")
    click.echo(f"  tasks  {len(tasks)}: {', '.join(tasks)}")
    click.echo(f"  image  {facts['image']}")
    click.echo("what the job does not have:")
    for line in lost:
        click.echo(f"  - {line}")
    click.echo("`millrace kubeflow compile` keeps more: see `millrace vertex compile --help`")
