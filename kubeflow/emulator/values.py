"""Parameter values as text and back, as KFP writes and reads them.

Follows ``PbValueToText`` and ``TextToPbValue`` in ``backend/src/v2/metadata/converter.go``
and Go's ``encoding/json`` and ``strconv``. A value is plain Python: str, float, int,
bool, list, dict or None.
"""

from __future__ import annotations

import decimal
import json
import math
import re
from typing import Any

# What Go's strconv.ParseBool takes.
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_INTEGER = re.compile(r"[+-]?[0-9]+")
# Go's json.Marshal escapes these inside strings.
_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_EXPONENT_FROM = 1e21


def text_of(value: Any) -> str:
    """The text that stands for a value in an argument.

    Args:
      value: A plain value.

    Raises:
      ValueError: If the value is None or of no kind that KFP knows.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number_text(value)
    if isinstance(value, (list, dict)):
        return json_text(value)
    raise ValueError(f"a value of type {type(value).__name__} has no text")


def json_text(value: Any) -> str:
    """A value as Go's ``json.Marshal`` writes it: as `message_json`, and HTML escaped."""
    return re.sub("[<>&\u2028\u2029]", lambda found: _ESCAPES[found.group()], message_json(value))


def message_json(value: Any) -> str:
    """A value as protojson writes it: sorted keys, whole numbers without a point.

    protojson puts blanks in at random, so that nobody relies on them; here are none.
    """
    return json.dumps(
        _whole_numbers(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def value_of(text: str, kind: str) -> Any:
    """Reads the text of an output parameter's file.

    Args:
      text: The file's content.
      kind: The declared type, such as ``NUMBER_INTEGER``.

    Raises:
      ValueError: If the text is no such value.
    """
    trimmed = text.strip()
    if kind == "STRING":
        return text
    if kind == "NUMBER_INTEGER":
        if not _INTEGER.fullmatch(trimmed):
            raise ValueError(f"{text!r} is not an integer")
        return int(trimmed)
    if kind == "NUMBER_DOUBLE":
        return finite(trimmed)
    if kind == "BOOLEAN":
        if trimmed in _TRUE:
            return True
        if trimmed in _FALSE:
            return False
        raise ValueError(f"{text!r} is neither true nor false")
    if kind in ("LIST", "STRUCT"):
        value = strict_json(text)
        if not isinstance(value, list if kind == "LIST" else dict):
            raise ValueError(f"{text!r} is not a JSON {'list' if kind == 'LIST' else 'object'}")
        return value
    raise ValueError(f"the type {kind} cannot be written to a file")


def finite(text: str) -> float:
    """Reads a number.

    Raises:
      ValueError: If it is none, or not finite (JSON has no such numbers).
    """
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not math.isfinite(number) or "_" in text:
        raise ValueError(f"{text!r} is not a finite number")
    return number


def strict_json(text: str) -> Any:
    """Reads JSON as protojson does: no NaN, no key twice.

    Raises:
      ValueError: If it is not such JSON.
    """
    return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return document


def _number_text(number: float) -> str:
    """Go's ``FormatFloat(number, 'f', -1, 64)``: shortest digits, never an exponent."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    if float(number).is_integer():
        # A double has no more digits than this, as the cluster's values are doubles.
        return format(decimal.Decimal(repr(float(number))).to_integral_value(), "f")
    return format(decimal.Decimal(repr(float(number))), "f")


def _whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _whole_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXPONENT_FROM:
        return int(value)
    return value
