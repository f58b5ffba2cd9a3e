"""Run parameters: the values that one run may change without editing a file.

The same list makes ``--set`` on the laptop and the inputs of the Kubeflow run form.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from typing import Any, Literal

import pydantic

from core.settings import RUN_PARAMETER

ParameterType = Literal["integer", "double", "boolean", "string"]
_TYPES: dict[type, ParameterType] = {
    bool: "boolean",
    int: "integer",
    float: "double",
    str: "string",
}


@dataclasses.dataclass(frozen=True)
class RunParameter:
    """One run parameter of one configuration.

    Attributes:
      name: The dotted key, such as ``trainer.train_steps``.
      type: The type of its value.
      optional: Whether it may be empty.
      default: The configured value, which is the default of a run.
      description: What a person reads in the run form.
      lower: Lowest value allowed, if there is a bound.
      upper: Highest value allowed, if there is a bound.
      lower_open: Whether `lower` itself is not allowed.
      upper_open: Whether `upper` itself is not allowed.
    """

    name: str
    type: ParameterType
    optional: bool
    default: Any
    description: str
    lower: float | None = None
    upper: float | None = None
    lower_open: bool = False
    upper_open: bool = False

    def to_json(self) -> dict[str, Any]:
        """The parameter as plain values."""
        return dataclasses.asdict(self)

    @property
    def bounds_text(self) -> str:
        """The type and bounds in a few signs, such as ``integer, >= 1``."""
        parts: list[str] = [self.type]
        if self.lower is not None:
            parts.append(f"{'>' if self.lower_open else '>='} {self.lower:g}")
        if self.upper is not None:
            parts.append(f"{'<' if self.upper_open else '<='} {self.upper:g}")
        return ", ".join(parts)


def run_parameters(settings: pydantic.BaseModel) -> list[RunParameter]:
    """All run parameters of a configuration, in the order of its keys.

    Args:
      settings: The configuration; mappings of settings in it are walked as well, and
        of the settings in those, what is empty is left out: a metric has six
        possible bounds, and only those that are configured are worth a field in a form.
    """
    return list(_walk(settings, ""))


def _walk(settings: pydantic.BaseModel, prefix: str) -> Iterator[RunParameter]:
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get(RUN_PARAMETER):
            yield _parameter(prefix + name, field, value)
        elif isinstance(value, pydantic.BaseModel):
            yield from _walk(value, f"{prefix}{name}.")
        elif isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, pydantic.BaseModel):
                    found = _walk(item, f"{prefix}{name}.{key}.")
                    yield from (parameter for parameter in found if parameter.default is not None)


def _parameter(name: str, field: pydantic.fields.FieldInfo, value: Any) -> RunParameter:
    kinds = _plain_types(field.annotation)
    bounds: dict[str, Any] = {}
    for constraint in field.metadata:
        for mark, key, is_open in (
            ("ge", "lower", False),
            ("gt", "lower", True),
            ("le", "upper", False),
            ("lt", "upper", True),
        ):
            bound = getattr(constraint, mark, None)
            if bound is not None:
                bounds[key] = bound
                bounds[f"{key}_open"] = is_open
    return RunParameter(
        name=name,
        type=next(_TYPES[kind] for kind in (bool, int, float, str) if kind in kinds),
        optional=type(None) in kinds,
        default=value,
        description=field.description or "",
        **bounds,
    )


def _plain_types(annotation: Any) -> set[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _plain_types(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return {kind for member in typing.get_args(annotation) for kind in _plain_types(member)}
    if origin is Literal:
        return {type(value) for value in typing.get_args(annotation)}
    return {annotation}
