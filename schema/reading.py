"""Reads schema files and refuses broken ones with the line."""

from __future__ import annotations

import re
from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from core.errors import UserError, nearest
from schema.checks import check_schema

_NO_FIELD = re.compile(r'Message type "[\w.]*\.(\w+)" has no field named "([^"]*)"')
_NO_VALUE = re.compile(r'Enum type "([\w.]+)" has no value named (\S+?)\.?$')
_PLACE = re.compile(r"^\d+:\d+\s*:\s*")


def read_schema_text(path: Path) -> str:
    """The text of a schema file, its line ends as they are.

    Raises:
      UserError: If there is no such file, or it is not UTF-8 text.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        folder = path.parent
        names = [item.name for item in folder.glob("*.pbtxt")] if folder.is_dir() else []
        close = nearest(path.name, names)
        raise UserError(
            f"there is no schema file {path}",
            hint=f"did you mean {folder / close}?"
            if close
            else "make one with `millrace schema infer`",
            code="missing-schema",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"the schema file {path} cannot be read",
            evidence=[str(error)],
            hint="it must be protobuf text (pbtxt) in UTF-8",
            code="unreadable-schema",
        ) from None


def read_schema(path: Path) -> schema_pb2.Schema:
    """Reads and checks a schema file.

    Args:
      path: A file of protobuf text.

    Raises:
      UserError: If it is missing, cannot be parsed, or says what makes no sense; the
        error names the line.
    """
    return parse_schema(read_schema_text(path), str(path))


def parse_schema(text: str, name: str) -> schema_pb2.Schema:
    """Parses and checks a schema's text.

    Args:
      text: Protobuf text.
      name: What to call it in errors, such as its path.

    Raises:
      UserError: If the text is wrong; the error names the line.
    """
    schema = schema_pb2.Schema()
    try:
        text_format.Parse(text, schema)
    except (text_format.ParseError, ValueError, RecursionError) as error:
        raise _refusal(text, name, error) from None
    check_schema(schema, text, name)
    return schema


def _refusal(text: str, name: str, error: Exception) -> UserError:
    line = error.GetLine() if isinstance(error, text_format.ParseError) else None
    message = _PLACE.sub("", str(error)).strip()
    place = f"{name}:{line}" if line else name
    lines = text.splitlines()
    shown = [f"line {line}: {lines[line - 1].strip()[:160]}"] if line and line <= len(lines) else []
    field = _NO_FIELD.search(message)
    if field is not None:
        return _unknown_field(field.group(1), field.group(2), place, shown)
    value = _NO_VALUE.search(message)
    if value is not None:
        return _unknown_value(value.group(1), value.group(2), place, shown)
    return UserError(
        f"{place} is not valid protobuf text",
        evidence=[message, *shown],
        hint="look at the braces, quotes and colons near that line",
        code="schema-syntax",
    )


def _unknown_field(kind: str, name: str, place: str, shown: list[str]) -> UserError:
    message = schema_pb2.DESCRIPTOR.message_types_by_name.get(kind)
    known = [field.name for field in message.fields] if message is not None else []
    close = nearest(name, known)
    return UserError(
        f"{place}: {kind} has no field {name!r}",
        evidence=shown,
        hint=f"did you mean {close!r}?" if close else f"its fields: {', '.join(known)}",
        code="schema-unknown-field",
    )


def _unknown_value(kind: str, name: str, place: str, shown: list[str]) -> UserError:
    short = kind.rpartition(".")[2]
    enum = schema_pb2.DESCRIPTOR.enum_types_by_name.get(short)
    known = [value.name for value in enum.values] if enum is not None else []
    close = nearest(name.upper(), known)
    return UserError(
        f"{place}: {short} has no value {name!r}",
        evidence=shown,
        hint=f"did you mean {close}?" if close else f"its values: {', '.join(known)}",
        code="schema-unknown-value",
    )
