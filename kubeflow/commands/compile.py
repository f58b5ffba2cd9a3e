"""``millrace kubeflow compile``: a configuration becomes a pipeline package."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands.options import configuration_options, json_option, root_option

if TYPE_CHECKING:
    from kubeflow.compilation import Compilation


@click.command()
@configuration_options
@click.option(
    "--image", metavar="NAME", help="The container image of all nodes, for kubeflow.image."
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The package; default: NAME.yaml, by the pipeline's name.",
)
@root_option
@json_option
def compile(
    configuration: Path,
    data: str | None,
    profile: str | None,
    assignments: tuple[str, ...],
    image: str | None,
    output: Path | None,
    root: Path,
    as_json: bool,
) -> None:
    """Write the pipeline of CONFIG as a package for Kubeflow Pipelines 2.

    One container task for each node, and every run parameter with its type, default and
    description in the run form. The section `kubeflow` of CONFIG says which image, volumes,
    secrets and resources the containers get. --data names a place that the cluster sees: on
    a mounted volume or in a gs:// bucket. Compiled pipelines are kept in ROOT/compiled, so
    that a second time takes no time.

    \b
    Examples:
      millrace kubeflow compile configs/taxi.yaml
      millrace kubeflow compile configs/taxi.yaml --profile kubeflow --output package.yaml
      millrace kubeflow compile configs/taxi.yaml --image registry.example/millrace:1.4 \\
          --data gs://bucket/trips/ --set trainer.train_steps=2000
    """
    from kubeflow.checker import check_package
    from kubeflow.compilation import compile_graph
    from kubeflow.kfp.pipeline import render
    from kubeflow.package import write_package

    started = time.monotonic()
    compilation = compile_graph(
        configuration, root=root, data=data, profile=profile, assignments=assignments, image=image
    )
    package = render(compilation.graph)
    check_package(package)
    path = output or Path(f"{compilation.graph.name}.yaml")
    size = write_package(package, path)
    facts = _facts(compilation, path, size, time.monotonic() - started)
    for warning in compilation.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        from pipeline.commands.printing import print_json

        print_json(facts)
    else:
        _print(facts)


def _facts(compilation: Compilation, path: Path, size: int, seconds: float) -> dict[str, Any]:
    graph = compilation.graph
    settings = compilation.loaded.configuration.kubeflow
    return {
        "package": str(path),
        "pipeline": graph.name,
        "tasks": [task.name for task in graph.tasks],
        "parameters": [parameter.name for parameter in graph.parameters],
        "image": settings.image,
        "root": settings.root,
        "metadata": compilation.loaded.configuration.metadata.kind,
        "service_account": graph.service_account,
        "bytes": size,
        "seconds": round(seconds, 2),
        "warnings": list(compilation.warnings),
    }


def _print(facts: dict[str, Any]) -> None:
    rows = (
        ("tasks", f"{len(facts['tasks'])}: {', '.join(facts['tasks'])}"),
        ("parameters", f"{len(facts['parameters'])} in the run form"),
        ("image", facts["image"]),
        ("root", facts["root"]),
        ("metadata", facts["metadata"]),
        ("service account", facts["service_account"]),
    )
    click.echo(f"{facts['package']}  {facts['bytes']:,} bytes, {facts['seconds']:.1f} s")
    for name, value in rows:
        if value:
            click.echo(f"  {name:<16} {value}")
    if facts["service_account"]:
        click.echo("  (a package cannot hold it: `millrace kubeflow run` sets it on each run)")
    click.echo(f"try it here:  millrace kubeflow emulate {facts['package']}")
    click.echo(f"on a cluster: millrace kubeflow upload {facts['package']} --host URL")
