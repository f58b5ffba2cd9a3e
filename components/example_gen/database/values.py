"""A driver's Python values as Arrow arrays of the types that tf.Examples know.

Whole numbers, truth values (0 or 1) and texts stay as they are. DECIMAL and NUMERIC
become floating-point numbers: doubles keep 15 digits, an example's float32 keeps 7.
Dates and points in time become whole seconds since 1970 (UTC, which those without a time
zone are taken for), as in Parquet and Avro files; times of day become ISO 8601 texts,
durations (also MySQL's TIME) seconds. An empty text counts as missing, as in other formats.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_DATES = (datetime.datetime, datetime.date)
_NUMBERS = (int, float, bool, decimal.Decimal, datetime.timedelta, *_DATES)
_BYTES = (bytes, bytearray, memoryview)
_TEXTS = (str, datetime.time, uuid.UUID, *_BYTES)

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_SECOND = datetime.timedelta(seconds=1)


class UnsuitableError(Exception):
    """A column of a page that is not of one kind.

    Args:
      reason: Why, in a few words.
      row: The row (from 0) of the page.
    """

    def __init__(self, reason: str, row: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row


def to_array(values: Sequence[Any], *, as_text: bool = False) -> pa.Array:
    """One column of a page.

    Args:
      values: What the driver gave; None where missing.
      as_text: Whether numbers among texts are texts too, not an error.

    Returns:
      A null, int64, double, string or binary array.

    Raises:
      UnsuitableError: If a value is of no kind that an example holds, or numbers and texts
        are mixed.
    """
    import pyarrow as pa

    kinds = set(map(type, values)) - {type(None)}
    if str in kinds and any(issubclass(kind, _DATES) for kind in kinds):
        # MySQL's date for "none", which its driver gives as a text among dates.
        values = [None if _is_no_date(value) else value for value in values]
        kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values))
    if kinds == {int}:
        return _integers(values)
    if kinds == {str}:
        return pa.array(values, pa.string())
    if kinds == {float}:
        return pa.array(values, pa.float64())
    _check_known(kinds, values)
    if as_text and any(issubclass(kind, _NUMBERS) for kind in kinds):
        return pa.array(_each(_text, values), pa.string())
    if all(issubclass(kind, _NUMBERS) for kind in kinds):
        if kinds <= {int, bool, *_DATES}:
            return _integers(_each(_whole, values))
        return pa.array(_each(_number, values), pa.float64())
    _check_not_mixed(kinds, values)
    if any(issubclass(kind, _BYTES) for kind in kinds):
        return pa.array(_each(_binary, values), pa.binary())
    return pa.array(_each(_text, values), pa.string())


def _each(change: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    return [None if value is None else change(value) for value in values]


def _integers(values: Sequence[Any]) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values, pa.int64())
    except (OverflowError, pa.ArrowInvalid):
        row = next(i for i, value in enumerate(values) if value and not -(2**63) <= value < 2**63)
        raise UnsuitableError(f"{values[row]} does not fit into 64 bits", row) from None


def _is_no_date(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("0000-00-00")


def _whole(value: Any) -> int:
    if not isinstance(value, _DATES):
        return int(value)
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.timezone.utc)
    return int((value - _EPOCH) // _SECOND)


def _number(value: Any) -> float:
    if isinstance(value, _DATES):
        return float(_whole(value))
    return value.total_seconds() if isinstance(value, datetime.timedelta) else float(value)


def _text(value: Any) -> str:
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, _BYTES):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _binary(value: Any) -> bytes:
    return bytes(value) if isinstance(value, _BYTES) else _text(value).encode()


def _check_known(kinds: Iterable[type], values: Sequence[Any]) -> None:
    for kind in kinds:
        if not issubclass(kind, (*_NUMBERS, *_TEXTS)):
            row = next(i for i, value in enumerate(values) if type(value) is kind)
            raise UnsuitableError(f"it holds {kind.__name__}, not one value a row", row)


def _check_not_mixed(kinds: set[type], values: Sequence[Any]) -> None:
    if not any(issubclass(kind, _NUMBERS) for kind in kinds):
        return
    first = next(value for value in values if value is not None)
    number_first = isinstance(first, _NUMBERS)
    other = _TEXTS if number_first else _NUMBERS
    row = next(i for i, value in enumerate(values) if isinstance(value, other))
    what = "text among numbers" if number_first else "a number among texts"
    raise UnsuitableError(f"{str(values[row])[:60]!r} is {what}", row)
