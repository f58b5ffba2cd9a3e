"""What the `compile` commands of the other orchestrators have in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands.options import configuration_options, json_option, root_option

if TYPE_CHECKING:
    from kubeflow.compilation import Compilation


def compile_options(extension: str, *, keeping: bool = True) -> Callable[[Any], Any]:
    """CONFIG and its options, --image, --output, --root and --json.

    Args:
      extension: How the default name of the written file ends.
      keeping: Whether compiled pipelines are kept, which --root is for.
    """
    image = click.option(
        "--image", metavar="NAME", help="The container image of all nodes, for kubeflow.image."
    )
    output = click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"The file to write; default: NAME{extension}, by the pipeline's name.",
    )

    def decorate(command: Any) -> Any:
        options = [json_option, root_option, output, image, configuration_options]
        for option in options:
            if keeping or option is not root_option:
                command = option(command)
        return command

    return decorate


def write_output(path: Path, text: str) -> None:
    """Writes what was compiled, whole or not at all.

    Raises:
      errors.UserError: If the file cannot be written.
    """
    from core import errors, files

    try:
        files.write_text(path, text)
    except OSError as error:
        raise errors.UserError(
            f"cannot write {path}",
            evidence=[str(error)],
            hint="name another file with --output",
            code="unwritable-output",
        ) from error


def write_and_tell(
    compilation: Compilation,
    path: Path,
    text: str,
    *,
    started: float,
    as_json: bool,
    next_steps: tuple[str, ...] = (),
    more: Mapping[str, Any] | None = None,
) -> None:
    """Writes what was compiled and prints what it is.

    Args:
      compilation: The configuration and its graph.
      path: The file to write.
      text: Its content.
      started: When the command began, in seconds of `time.monotonic`.
      as_json: Whether the facts are for a machine.
      next_steps: What a person does now, a line each.
      more: Further facts.

    Raises:
      errors.UserError: If the file cannot be written.
    """
    from pipeline.commands.printing import print_json

    write_output(path, text)
    graph = compilation.graph
    facts = {
        "output": str(path),
        "pipeline": graph.name,
        "tasks": [task.name for task in graph.tasks],
        "parameters": [parameter.name for parameter in graph.parameters],
        "image": compilation.loaded.configuration.kubeflow.image,
        "bytes": len(text.encode()),
        "seconds": round(time.monotonic() - started, 2),
        "warnings": list(compilation.warnings),
        **(more or {}),
    }
    for warning in compilation.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        print_json(facts)
        return
    click.echo(f"{path}  {facts['bytes']:,} bytes, {facts['seconds']:.1f} s")
    click.echo(f"  tasks       {len(graph.tasks)}: {', '.join(task.name for task in graph.tasks)}")
    click.echo(f"  parameters  {len(graph.parameters)}")
    click.echo(f"  image       {facts['image']}")
    for line in next_steps:
        click.echo(line)
