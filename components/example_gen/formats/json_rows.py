"""Lines of JSON taken apart one by one, exactly, with the reason where a line is no row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from components.example_gen.conversion import INT64_MAX, INT64_MIN
from components.example_gen.formats.rejects import Reject
from components.example_gen.formats.typed_batches import Row, Value
from components.example_gen.settings import ColumnType, IngestionSettings

_KINDS: dict[type, str] = {list: "a list", dict: "an object"}


class _Number(str):
    """A number as it is written, so that 1 and 1.0 stay apart and no digit is lost."""

    __slots__ = ()


class _BadLineError(Exception):
    """Why a line is no row.

    Attributes:
      column: The column to blame, None where it is the line as a whole.
      reason: What is wrong.
      code: A short searchable name of it.
    """

    def __init__(self, column: str | None, reason: str, code: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason
        self.code = code


def read_rows(
    file: str, first: int, data: bytes, settings: IngestionSettings
) -> tuple[list[Row], list[Reject]]:
    """Reads whole lines.

    A line is a row if it is an object without a name twice, whose values are texts,
    numbers, true, false or null. Whole numbers must fit 64 bits. In a column whose type
    the configuration fixes, numbers and truth values are given as texts, as written.

    Args:
      file: The file's path.
      first: The number of the first line, from 1.
      data: The lines.
      settings: Which columns have fixed types.

    Returns:
      The rows, and the lines that are none; blank lines are neither.
    """
    rows, rejects = [], []
    for line, text in _lines(first, data):
        try:
            rows.append(Row(line, _values(text, settings), text.decode()))
        except _BadLineError as bad:
            shown = text.decode("utf-8", "backslashreplace")
            rejects.append(Reject(file, line, bad.column, bad.reason, shown, bad.code))
    return rows, rejects


def _lines(first: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    for line, text in enumerate(data.split(b"\n"), first):
        if stripped := text.strip(b" \t\r"):
            yield line, stripped


def _values(line: bytes, settings: IngestionSettings) -> dict[str, Value]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1} (0x{line[error.start]:02x}) is not UTF-8"
        raise _BadLineError(_column_of_bad_bytes(line), reason, "not-utf-8") from error
    try:
        found = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
        )
    except json.JSONDecodeError as error:
        reason = f"not JSON at character {error.pos + 1}: {_complaint(error, text)}"
        raise _BadLineError(None, reason, "unreadable-row") from error
    except RecursionError as error:
        raise _BadLineError(None, "values within values without end", "nested-value") from error
    if not isinstance(found, dict):
        kind = _KINDS.get(type(found), "a single value")
        raise _BadLineError(None, f"{kind}, not an object", "unreadable-row")
    return {name: _value(name, value, settings) for name, value in found.items()}


def _column_of_bad_bytes(line: bytes) -> str | None:
    """The first column whose text is not UTF-8, if the line is JSON otherwise."""
    try:
        found = json.loads(line.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None
    texts = found.items() if isinstance(found, dict) else ()
    is_bad = (name for name, value in texts if isinstance(value, str) and not _is_unicode(value))
    return next(filter(_is_unicode, is_bad), None)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _BadLineError(twice, f"the name {twice!r} stands twice", "duplicate-key")
    return found


def _value(name: str, value: Any, settings: IngestionSettings) -> Value:
    if not name:
        raise _BadLineError(None, "a value has an empty name", "unnamed-column")
    if not _is_unicode(name):
        raise _BadLineError(None, f"the name {name!r} holds half a character", "not-unicode")
    if value is None:
        return None
    if isinstance(value, list | dict):
        reason = f"the value is {_KINDS[type(value)]}; a column holds one value a row"
        raise _BadLineError(name, reason, "nested-value")
    kind = settings.columns.get(name)
    if isinstance(value, bool):
        if kind is ColumnType.TEXT:
            return "true" if value else "false"
        return int(value) if kind is None else str(int(value))
    if isinstance(value, _Number):
        return _number(name, value) if kind is None else str(value)
    assert isinstance(value, str)
    if not _is_unicode(value):
        raise _BadLineError(
            name, "the text holds half a character (a lone surrogate)", "not-unicode"
        )
    return value


def _number(name: str, literal: _Number) -> int | float:
    digits = literal.lstrip("-")
    if not digits.isdigit():
        return float(literal)
    # Longer numbers do not fit anyway, and Python refuses to read very long ones.
    if len(digits) <= len(str(INT64_MAX)) and INT64_MIN <= int(literal) <= INT64_MAX:
        return int(literal)
    shown = literal if len(literal) <= 30 else literal[:29] + "…"
    raise _BadLineError(name, f"{shown} does not fit 64 bits", "integer-overflow")


def _is_unicode(text: str) -> bool:
    # A lone half of a surrogate pair is a legal escape in JSON, but no character.
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _complaint(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text):
        return "the line ends too early"
    return {"Extra data": "more after the object"}.get(error.msg, error.msg.lower())
