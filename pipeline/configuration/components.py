"""What the configuration says about TFX components of the project's own."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pydantic

from core.settings import Settings

_REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9]*\.[A-Za-z_][A-Za-z0-9_]*")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def _as_list(value: Any) -> Any:
    """One output as a list of one: both may be written."""
    return (value,) if isinstance(value, str) else value


def _checked_output(name: str) -> str:
    if not _REFERENCE.fullmatch(name):
        raise ValueError("an output is written as Node.output, such as ExampleGen.examples")
    return name


def _checked_component(name: str) -> str:
    if not _DOTTED.fullmatch(name):
        raise ValueError("a component is written as module.Name, such as price_check.PriceCheck")
    return name


OutputName = Annotated[str, pydantic.AfterValidator(_checked_output)]
ComponentName = Annotated[str, pydantic.AfterValidator(_checked_component)]
OutputNames = Annotated[
    tuple[OutputName, ...], pydantic.BeforeValidator(_as_list), pydantic.Field(min_length=1)
]
NodeNames = Annotated[tuple[str, ...], pydantic.BeforeValidator(_as_list)]


class ComponentSettings(Settings):
    """One component of the project's own and its place in the pipeline."""

    component: ComponentName = pydantic.Field(
        description="The component, as a dotted name: a class, or a function with TFX's "
        "@component, such as own_parts.price_check.PriceCheck.",
    )
    inputs: dict[str, OutputNames] = pydantic.Field(
        default_factory=dict,
        description="What it reads: by the input's name an output of another node, such as "
        "ExampleGen.examples, or a list of them.",
    )
    parameters: dict[str, Any] = pydantic.Field(
        default_factory=dict, description="Its parameters by name, of the types that it declares."
    )
    before: NodeNames = pydantic.Field(
        (), description="Nodes that wait for it, and do not run where it fails."
    )
    after: NodeNames = pydantic.Field(
        (), description="Nodes that it waits for without reading what they put out."
    )
    replaces: dict[OutputName, str] = pydantic.Field(
        default_factory=dict,
        description="Outputs of other nodes whose place an output of this one takes: "
        "{ExampleGen.examples: kept} gives `kept` to all standard nodes that read examples.",
    )
    cache: bool = pydantic.Field(
        True,
        description="Whether its results are taken from an earlier run that read the same. "
        "false for what has effects elsewhere, such as a message: it runs in every run.",
    )

    files: tuple[str, ...] = pydantic.Field(
        (),
        description="Files that it reads, as paths or patterns (tables/*.csv) relative to the "
        "project: an edit of one makes the node run again. Those that stand in the code by name "
        "count by themselves.",
    )

    @property
    def module(self) -> str:
        """The module that the component stands in."""
        return self.component.rpartition(".")[0]
