"""Nodes out of components of the project's own."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core import errors
from pipeline.configuration.extension_places import unknown_output
from pipeline.definition.component_class import component_class
from pipeline.definition.component_values import component_value
from pipeline.extensions.failures import project_lines

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_component import BaseComponent
    from tfx.dsl.components.base.base_node import BaseNode
    from tfx.types.channel import BaseChannel

    from pipeline.configuration.components import ComponentSettings
    from pipeline.definition.wiring import Wiring


def own_node(wiring: Wiring, node_id: str) -> BaseNode:
    """Makes one node of the section `components`.

    Args:
      wiring: The nodes built so far; those that it reads are among them.
      node_id: Its id.

    Raises:
      errors.UserError: If the component cannot be imported, does not have such inputs,
        parameters or outputs, or refuses what it is given.
    """
    settings = wiring.configuration.components[node_id]
    try:
        return _made(wiring, node_id, settings)
    except errors.UserError as error:
        error.evidence = (*error.evidence, f"components.{node_id} is a {settings.component}")
        raise


def _made(wiring: Wiring, node_id: str, settings: ComponentSettings) -> BaseNode:
    kind = component_class(settings.component)
    _check_names(node_id, kind, settings)
    arguments: dict[str, Any] = {}
    for name, references in settings.inputs.items():
        arguments[name] = _channel(wiring, node_id, kind, name, references)
    for name, value in settings.parameters.items():
        arguments[name] = component_value(kind, name, value, key=f"components.{node_id}.parameters")
    try:
        component = kind(**arguments)
    except errors.MillraceError:
        raise
    except Exception as error:
        raise _refused(node_id, error) from error
    for replaced, output in settings.replaces.items():
        _check_replacement(wiring, node_id, component, replaced, output)
    # What runs in every run sees every edit.
    node: BaseNode = wiring.flagged(
        component, node_id, (settings.module,), settings.files, watched=settings.cache
    )
    for other in settings.after:
        node.add_upstream_node(wiring.node(other))
    return node


def _refused(node_id: str, error: Exception) -> errors.UserError:
    lines = str(error).strip().splitlines() or [""]
    return errors.UserError(
        f"{node_id} cannot be made: {type(error).__name__}: {lines[0][:300]}",
        evidence=[*(line[:300] for line in lines[1:4]), *project_lines(error)[-1:]],
        hint="correct its inputs and parameters in the configuration, or the component",
        code="own-component",
    )


def _check_names(node_id: str, kind: type[BaseComponent], settings: ComponentSettings) -> None:
    spec = kind.SPEC_CLASS
    required, optional = _argument_names(kind)
    known = {*required, *optional}
    for section, given, others in (
        ("inputs", settings.inputs, spec.PARAMETERS),
        ("parameters", settings.parameters, spec.INPUTS),
    ):
        fitting = sorted(known - set(others))
        for name in given:
            if name in fitting:
                continue
            near = errors.nearest(name, fitting)
            hint = f"did you mean {near!r}?" if near else ""
            if name in others and name in known:
                hint = f"put {name} under {'parameters' if section == 'inputs' else 'inputs'}"
            raise errors.UserError(
                f"components.{node_id}.{section}.{name}: the component has no such "
                f"{section.removesuffix('s')}",
                evidence=[f"it has: {', '.join(fitting) or 'none'}"],
                hint=hint or "name one of these, or leave it out",
                code="unknown-key",
            )
    missing = sorted(set(required) - {*settings.inputs, *settings.parameters})
    if missing:
        name = missing[0]
        section = "parameters" if name in spec.PARAMETERS else "inputs"
        raise errors.UserError(
            f"components.{node_id}.{section}.{name} is missing",
            evidence=[f"the component needs: {', '.join(sorted(required))}"],
            hint=f"add {name} under {section}",
            code="missing-key",
        )


def _argument_names(kind: type[BaseComponent]) -> tuple[set[str], set[str]]:
    """What the component's constructor needs, and what it may be given besides."""
    given = inspect.signature(kind.__init__).parameters
    if any(item.kind is item.VAR_KEYWORD for item in given.values()):
        # Made of a function: the specification says it all.
        every = {**kind.SPEC_CLASS.INPUTS, **kind.SPEC_CLASS.PARAMETERS}
        required = {name for name, item in every.items() if not item.optional}
        return required, set(every) - required
    names = {name: item for name, item in given.items() if name != "self"}
    required = {name for name, item in names.items() if item.default is item.empty}
    return required, set(names) - required


def _channel(
    wiring: Wiring,
    node_id: str,
    kind: type[BaseComponent],
    name: str,
    references: tuple[str, ...],
) -> BaseChannel:
    from tfx.types import channel_utils

    channels = [_output(wiring, reference) for reference in references]
    declared = kind.SPEC_CLASS.INPUTS.get(name)
    for reference, channel in zip(references, channels, strict=True):
        wanted = declared.type if declared is not None else channels[0].type
        if channel.type.TYPE_NAME != wanted.TYPE_NAME:
            raise errors.UserError(
                f"components.{node_id}.inputs.{name}: {reference} is of another type",
                evidence=[f"it gives {channel.type.TYPE_NAME}, wanted: {wanted.TYPE_NAME}"],
                hint=_of_type(wiring, wanted.TYPE_NAME),
                code="input-type",
            )
    return channels[0] if len(channels) == 1 else channel_utils.union(channels)


def _of_type(wiring: Wiring, wanted: str) -> str:
    """Which outputs would do."""
    fitting = [
        f"{node.id}.{name}"
        for node in wiring.nodes
        for name, channel in node.outputs.items()
        if wanted == channel.type.TYPE_NAME
    ]
    return f"of that type: {', '.join(fitting)}" if fitting else ""


def _output(wiring: Wiring, reference: str) -> BaseChannel:
    """An output as it is named, whatever replaces it for the standard nodes."""
    node_id, _, name = reference.partition(".")
    outputs: Mapping[str, BaseChannel] = wiring.node(node_id).outputs
    if name not in outputs:
        raise unknown_output(node_id, name, outputs)
    return outputs[name]


def _check_replacement(
    wiring: Wiring, node_id: str, component: BaseComponent, replaced: str, output: str
) -> None:
    if output not in component.outputs:
        raise unknown_output(node_id, output, component.outputs)
    giver = wiring.existing(replaced.partition(".")[0])
    if giver is None:
        return
    if replaced.partition(".")[2] not in giver.outputs:
        raise unknown_output(giver.id, replaced.partition(".")[2], giver.outputs)
    wanted = giver.outputs[replaced.partition(".")[2]].type.TYPE_NAME
    given = component.outputs[output].type.TYPE_NAME
    if given != wanted:
        raise errors.UserError(
            f"components.{node_id}.replaces.{replaced}: {output} is of another type",
            evidence=[f"it is {given}, {replaced} is {wanted}"],
            code="input-type",
        )
