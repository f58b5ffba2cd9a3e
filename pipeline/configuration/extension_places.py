"""Whether components of the project's own have a place in the pipeline, asked without TFX."""

from __future__ import annotations

import graphlib
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from components.nodes import ALL_STANDARD, check_node_id
from core import errors
from pipeline.configuration import graph

if TYPE_CHECKING:
    from pipeline.configuration.components import ComponentSettings
    from pipeline.configuration.model import PipelineConfiguration

# As TFX names components, and short enough for every orchestrator once it is in lower case.
_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,39}")


def place_checks(configuration: PipelineConfiguration) -> dict[str, Callable[[], None]]:
    """What is asked of the section `components`, by the key that it concerns.

    Args:
      configuration: The configuration, its sections valid one by one.

    Returns:
      Functions that raise `errors.UserError`, to be called in this order: the later
      rely on the earlier.
    """
    checks: dict[str, Callable[[], None]] = {}
    for node_id in configuration.components:
        checks[f"components.{node_id}"] = _check(_check_name, node_id, configuration.components)
    for node_id, own in configuration.components.items():
        key = f"components.{node_id}"
        for name, references in own.inputs.items():
            checks[f"{key}.inputs.{name}"] = _check(_check_references, configuration, references)
        for side in ("before", "after"):
            checks[f"{key}.{side}"] = _check(_check_nodes, configuration, getattr(own, side))
        checks[f"{key}.replaces"] = _check(_check_replaced, configuration, node_id, own)
    if configuration.components:
        checks["components"] = _check(_check_order, configuration)
    return checks


def _check(function: Callable[..., None], *args: object) -> Callable[[], None]:
    return lambda: function(*args)


def _check_name(node_id: str, components: Iterable[str]) -> None:
    if not _NAME.fullmatch(node_id):
        raise errors.UserError(
            f"a node cannot be called {node_id!r}",
            evidence=["a capital letter, then letters and digits, 40 at most: PriceCheck"],
            hint="give the component another name",
            code="node-name",
        )
    taken = {name.lower(): name for name in (*components, *ALL_STANDARD)}
    if taken[node_id.lower()] != node_id or node_id in ALL_STANDARD:
        raise errors.UserError(
            f"there is another node {taken[node_id.lower()]}",
            evidence=[f"the standard nodes: {', '.join(ALL_STANDARD)}"],
            hint="give the component another name",
            code="node-name",
        )


def _outputs(configuration: PipelineConfiguration) -> dict[str, tuple[str, ...]]:
    return {shape.id: shape.outputs for shape in graph.standard_shapes(configuration)}


def _check_references(configuration: PipelineConfiguration, references: Iterable[str]) -> None:
    """Refuses outputs that no node has; those of own components are known to TFX only."""
    standard = _outputs(configuration)
    known = (*standard, *configuration.components)
    for reference in references:
        node_id, _, output = reference.partition(".")
        check_node_id(node_id, known)
        if node_id in standard and output not in standard[node_id]:
            raise unknown_output(node_id, output, standard[node_id])


def unknown_output(node_id: str, output: str, known: Iterable[str]) -> errors.UserError:
    """The refusal of an output that a node does not have, with the nearest.

    Args:
      node_id: The node.
      output: What was asked for.
      known: What it puts out.
    """
    names = sorted(known)
    near = errors.nearest(output, names)
    return errors.UserError(
        f"{node_id} has no output {output!r}",
        evidence=[f"its outputs: {', '.join(names) or 'none'}"],
        hint=f"did you mean {node_id}.{near}?" if near else "name one of these",
        code="unknown-output",
    )


def _check_nodes(configuration: PipelineConfiguration, names: Iterable[str]) -> None:
    for name in names:
        check_node_id(name, (*_outputs(configuration), *configuration.components))


def _check_replaced(
    configuration: PipelineConfiguration, node_id: str, own: ComponentSettings
) -> None:
    _check_references(configuration, own.replaces)
    names = list(configuration.components)
    for replaced in own.replaces:
        for earlier in names[: names.index(node_id)]:
            output = configuration.components[earlier].replaces.get(replaced)
            if output is not None:
                raise errors.UserError(
                    f"both {earlier} and {node_id} replace {replaced}",
                    hint=f"let one work on what the other gives: {node_id} reads and replaces "
                    f"{earlier}.{output}",
                    code="replaced-twice",
                )
        if graph.node_of(replaced) == node_id:
            raise errors.UserError(
                f"{node_id} cannot replace an output of its own",
                hint="name an output of another node, such as ExampleGen.examples",
                code="replaced-itself",
            )


def _check_order(configuration: PipelineConfiguration) -> None:
    try:
        graph.ordered_ids(configuration)
    except graphlib.CycleError as error:
        circle = list(reversed(error.args[1]))
        own = [node_id for node_id in circle if node_id in configuration.components]
        raise errors.UserError(
            f"nodes wait for one another: {' -> '.join(circle)}",
            evidence=["an arrow leads from a node to one that waits for it"],
            hint="look at inputs, before, after and replaces of " + ", ".join(dict.fromkeys(own)),
            code="circular-components",
        ) from None
