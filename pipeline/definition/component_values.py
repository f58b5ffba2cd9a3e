"""Values out of the configuration, as a component's parameters take them."""

from __future__ import annotations

import inspect
import types
import typing
from typing import TYPE_CHECKING, Any

from core import errors

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_component import BaseComponent

_PLAIN: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}


def component_value(kind: type[BaseComponent], name: str, value: Any, *, key: str) -> Any:
    """A value as a component's parameter takes it.

    Args:
      kind: The component.
      name: The parameter.
      value: What the configuration says: a plain value, a list or a mapping.
      key: Where it says so, for the words.

    Returns:
      The value; a whole number as a float where one is wanted, a mapping as the protocol
      buffer that the parameter is.

    Raises:
      errors.UserError: If it is of another type.
    """
    accepted = _accepted(kind, name)
    if accepted is None or value is None:
        return value
    messages = [item for item in accepted if _is_message(item)]
    if messages and isinstance(value, dict):
        return _message(messages[0], value, f"{key}.{name}")
    if messages:
        raise _refusal(f"{key}.{name}", value, f"a mapping ({messages[0].DESCRIPTOR.full_name})")
    if not accepted <= set(_PLAIN):
        return value
    if type(value) in accepted:
        return value
    if float in accepted and type(value) is int:
        return float(value)
    wanted = " or ".join(_PLAIN[item] for item in _PLAIN if item in accepted)
    raise _refusal(f"{key}.{name}", value, wanted)


def _refusal(key: str, value: Any, wanted: str) -> errors.UserError:
    return errors.UserError(f"{key} must be {wanted}, not {value!r}", code="parameter-type")


def _accepted(kind: type[BaseComponent], name: str) -> set[Any] | None:
    """The types that a parameter may have; None where nobody says."""
    given = inspect.signature(kind.__init__).parameters
    if name in given:
        try:
            annotation = typing.get_type_hints(kind.__init__).get(name)
        except Exception:  # noqa: BLE001 - annotations are evaluated, anything may happen
            return None
    else:
        declared = kind.SPEC_CLASS.PARAMETERS.get(name)
        annotation = None if declared is None else declared.type
    if annotation is None:
        return None
    found = {item for item in _members(annotation) if item is not type(None)}
    found = {item for item in found if _is_message(item) or not _is_of_tfx(item)}
    return None if not found or Any in found else found


def _is_of_tfx(kind: Any) -> bool:
    """Whether it is one of TFX's placeholders for values that are known later."""
    return str(getattr(kind, "__module__", "")).startswith("tfx.")


def _members(annotation: Any) -> set[Any]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return {kind for member in typing.get_args(annotation) for kind in _members(member)}
    return {typing.get_origin(annotation) or annotation}


def _is_message(kind: Any) -> bool:
    from google.protobuf.message import Message

    return isinstance(kind, type) and issubclass(kind, Message)


def _message(kind: Any, value: dict[str, Any], key: str) -> Any:
    from google.protobuf import json_format

    try:
        return json_format.ParseDict(value, kind())
    except json_format.ParseError as error:
        fields = ", ".join(field.name for field in kind.DESCRIPTOR.fields)
        raise errors.UserError(
            f"{key} is no {kind.DESCRIPTOR.full_name}: {error}",
            evidence=[f"its fields: {fields}"],
            code="parameter-type",
        ) from None
