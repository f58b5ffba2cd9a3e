"""``millrace kubeflow check``: a package against the server's rules."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import json_option


@click.command()
@click.argument("package", type=click.Path(path_type=Path), metavar="PACKAGE")
@json_option
def check(package: Path, as_json: bool) -> None:
    """Check PACKAGE against the rules of Kubeflow Pipelines 2.

    The server takes a package that it cannot run: most errors show only when a run is
    created, some when a task starts. This restates the rules of both, and names the node
    that breaks one. `compile`, `upload` and `emulate` do the same before they start.

    \b
    Examples:
      millrace kubeflow check taxi.yaml
      millrace kubeflow check taxi.yaml --json
    """
    from kubeflow.package.checker import check_package
    from kubeflow.package.package import read_package

    found = read_package(package)
    check_package(found)
    tasks = list(found.spec.root.dag.tasks)
    parameters = list(found.spec.root.input_definitions.parameters)
    if as_json:
        from cli.printing import print_json

        print_json(
            {
                "package": str(package),
                "pipeline": found.spec.pipeline_info.name,
                "tasks": sorted(tasks),
                "parameters": sorted(parameters),
                "platform": found.platform is not None,
            }
        )
        return
    click.echo(
        f"{package} is sound: {found.spec.pipeline_info.name}, {len(tasks)} tasks, "
        f"{len(parameters)} parameters"
    )
