"""Schemas as texts that people like to read and edit."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from tensorflow_metadata.proto.v0 import schema_pb2

# What a person looks for first; all other fields follow in the order of the proto.
_FIRST = (
    "name",
    "type",
    "presence",
    "value_count",
    "shape",
    "domain",
    "int_domain",
    "float_domain",
)
# Lists that get a line for each element however short they are.
_LONG = ("feature", "string_domain", "value")


def render_schema(schema: schema_pb2.Schema, heading: Iterable[str] = ()) -> str:
    """Writes a schema: a block for each feature, a line for each property.

    Args:
      schema: The schema.
      heading: Lines of a comment at the top.

    Returns:
      The protobuf text, which TFDV reads.
    """
    parts = ["\n".join(comment(line) for line in heading)] if heading else []
    for field, value in sorted(_fields(schema), key=lambda pair: _rank(pair[0].name)):
        lines = [render_field(field, item) for item in _items(field, value)]
        parts += lines if field.message_type is not None else ["\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _rank(name: str) -> int:
    order = ("default_environment", "feature", "string_domain")
    return order.index(name) if name in order else len(order)


def comment(line: str) -> str:
    """One line of a comment, indented as `line` is; nothing in `line` can end it."""
    words = " ".join(line.split())
    return f"# {' ' * (len(line) - len(line.lstrip(' ')))}{words}".rstrip()


def render_field(field: FieldDescriptor, value: Any, indent: str = "") -> str:
    """One value of a field: a feature or a domain as a block, all else on one line."""
    if field.message_type is None:
        return f"{indent}{field.name}: {scalar(field, value)}"
    if field.name in _LONG:
        return _block(field.name, value, indent)
    return f"{indent}{field.name} {one_line(value)}"


def _block(name: str, message: Message, indent: str) -> str:
    inner = indent + "  "
    fields = sorted(
        _fields(message),
        key=lambda pair: _FIRST.index(pair[0].name) if pair[0].name in _FIRST else len(_FIRST),
    )
    lines = [
        render_field(field, item, inner) for field, value in fields for item in _items(field, value)
    ]
    return "\n".join([f"{indent}{name} {{", *lines, f"{indent}}}"])


def one_line(message: Message) -> str:
    """A message on one line, with its braces."""
    inside = " ".join(
        f"{field.name}: {scalar(field, item)}"
        if field.message_type is None
        else f"{field.name} {one_line(item)}"
        for field, value in _fields(message)
        for item in _items(field, value)
    )
    return f"{{ {inside} }}" if inside else "{ }"


def _fields(message: Message) -> list[tuple[FieldDescriptor, Any]]:
    return list(message.ListFields())


def _items(field: FieldDescriptor, value: Any) -> list[Any]:
    if field.label != FieldDescriptor.LABEL_REPEATED:
        return [value]
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return [_map_entry(field, key, value[key]) for key in sorted(value)]
    return list(value)


def _map_entry(field: FieldDescriptor, key: Any, value: Any) -> Any:
    entry: Any = field.message_type._concrete_class(key=key)
    if isinstance(value, Message):
        entry.value.CopyFrom(value)
    else:
        entry.value = value
    return entry


def scalar(field: FieldDescriptor, value: Any) -> str:
    """A scalar's value in protobuf text; a float32 with the fewest digits that give it."""
    if field.type == FieldDescriptor.TYPE_FLOAT:
        return shortest_float32(value)
    return text_format.MessageToString(_holder(field, value), as_one_line=True, as_utf8=True).split(
        ": ", 1
    )[1]


def _holder(field: FieldDescriptor, value: Any) -> Message:
    """A message that holds the value alone."""
    message: Message = field.containing_type._concrete_class()
    if field.label == FieldDescriptor.LABEL_REPEATED:
        getattr(message, field.name).append(value)
    else:
        setattr(message, field.name, value)
    return message


def shortest_float32(value: float) -> str:
    """The shortest decimal that is read back as the same float32."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            break
    return repr(float(text)) if "inf" not in text and "nan" not in text else text
