"""What the `compile` commands of the other orchestrators have in common."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options import configuration_options, json_option, root_option

if TYPE_CHECKING:
    from kubeflow.graph.compilation import Compilation


@dataclasses.dataclass(frozen=True)
class CompileRequest:
    """What the options that all `compile` commands have were given.

    Attributes:
      configuration: The configuration file.
      data: What ``--data`` says.
      profile: The overlay's name.
      assignments: ``--set`` texts.
      image: The container image, in the place of the configured one.
      output: The file to write.
      root: Where compiled pipelines are kept; None where none is.
      as_json: Whether the facts are for a machine.
      started: When the command began, in seconds of `time.monotonic`.
    """

    configuration: Path
    data: str | None
    profile: str | None
    assignments: tuple[str, ...]
    image: str | None
    output: Path | None
    as_json: bool
    root: Path | None = None
    started: float = dataclasses.field(default_factory=time.monotonic)

    def compile(self) -> Compilation:
        """The task graph.

        Raises:
          errors.UserError: If the configuration is wrong, or a cluster could not run it.
        """
        from kubeflow.graph.compilation import compile_graph

        assert self.root is not None, "a command that compiles has --root"
        return compile_graph(
            self.configuration,
            root=self.root,
            data=self.data,
            profile=self.profile,
            assignments=self.assignments,
            image=self.image,
        )


_SHARED = {field.name for field in dataclasses.fields(CompileRequest)}


def compile_options(extension: str, *, keeping: bool = True) -> Callable[[Any], Any]:
    """CONFIG and its options, --image, --output, --root and --json, as a `CompileRequest`.

    The command's function gets the request first, then its own options by name.

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

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def command(**given: Any) -> None:
            shared = {name: given.pop(name) for name in _SHARED & given.keys()}
            function(CompileRequest(**shared), **given)

        options = [json_option, root_option, output, image, configuration_options]
        decorated: Any = command
        for option in options:
            if keeping or option is not root_option:
                decorated = option(decorated)
        return decorated

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
    request: CompileRequest,
    compilation: Compilation,
    path: Path,
    text: str,
    *,
    next_steps: tuple[str, ...] = (),
    more: Mapping[str, Any] | None = None,
) -> None:
    """Writes what was compiled and prints what it is.

    Args:
      request: What was asked.
      compilation: The configuration and its graph.
      path: The file to write.
      text: Its content.
      next_steps: What a person does now, a line each.
      more: Further facts.

    Raises:
      errors.UserError: If the file cannot be written.
    """
    from cli.printing import print_json

    write_output(path, text)
    graph = compilation.graph
    facts = {
        "output": str(path),
        "pipeline": graph.name,
        "tasks": [task.name for task in graph.tasks],
        "parameters": [parameter.name for parameter in graph.parameters],
        "image": compilation.loaded.configuration.kubeflow.image,
        "bytes": len(text.encode()),
        "seconds": round(time.monotonic() - request.started, 2),
        "warnings": list(compilation.warnings),
        **(more or {}),
    }
    for warning in compilation.warnings:
        click.echo(f"warning: {warning}", err=True)
    if request.as_json:
        print_json(facts)
        return
    click.echo(f"{path}  {facts['bytes']:,} bytes, {facts['seconds']:.1f} s")
    click.echo(f"  tasks       {len(graph.tasks)}: {', '.join(task.name for task in graph.tasks)}")
    click.echo(f"  parameters  {len(graph.parameters)}")
    click.echo(f"  image       {facts['image']}")
    for line in next_steps:
        click.echo(line)
