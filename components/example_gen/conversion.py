"""Texts and numbers as the type that a column has.

What counts as a number is what Python's `int` and `float` take, because that is how
CsvExampleGen decides. Arrow's kernels decide nearly the same and a hundred times
faster; where they could differ, each distinct text is looked at in Python.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from components.example_gen.number_format import NumberFormat
from components.example_gen.records.encoding import Column
from components.example_gen.settings import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
# Texts from here on may be whole numbers that int64 cannot hold.
_INT64_REACH = 9.2e18


def text_type(text: str) -> ColumnType:
    """The type of one text that is not empty, as CsvExampleGen infers it.

    A whole number that int64 cannot hold is a text.
    """
    value = text.encode()
    try:
        return ColumnType.INTEGER if INT64_MIN <= int(value) <= INT64_MAX else ColumnType.TEXT
    except ValueError:
        try:
            float(value)
        except ValueError:
            return ColumnType.TEXT
        return ColumnType.FLOAT


def fast_integers(texts: pa.Array) -> pa.Array | None:
    """int64 values of texts without nulls; None where Arrow cannot tell for all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # Arrow reads 0x1F as a number, Python's int does not.
    if _holds(texts, b"xX"):
        return None
    try:
        return pc.cast(texts, pa.int64())
    except pa.ArrowInvalid:
        return None


def fast_floats(texts: pa.Array) -> pa.Array | None:
    """double values of texts without nulls; None where Arrow cannot tell for all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # Arrow reads nan(1) as a number, Python's float does not.
    if _holds(texts, b"(xX"):
        return None
    try:
        values = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return None
    numbers = plain_numbers(values)
    return None if bool((np.abs(numbers) >= _INT64_REACH).any()) else values


def plain_numbers(values: pa.Array, missing: float = 0) -> np.ndarray:
    """The values of a numeric array, `missing` for null; np.asarray would import pandas."""
    validity, data = values.buffers()
    rows = slice(values.offset, values.offset + len(values))
    numbers = np.frombuffer(data, values.type.to_pandas_dtype())[rows]
    if validity is None:
        return numbers
    valid = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")[rows]
    return np.where(valid, numbers, missing)


def convert(
    values: pa.Array,
    kind: ColumnType | None,
    *,
    fixed: bool,
    narrow: bool = True,
    number_format: NumberFormat | None = None,
) -> tuple[Column, np.ndarray | None]:
    """Gives a column its type.

    Args:
      values: string, int64, double or null, one a row, null where missing.
      kind: The column's type; None where nothing is known because all is missing.
      fixed: Whether the configuration fixed the type. A fixed float takes every number; an
        inferred type takes what the inference takes. An integer takes ``5.0`` as 5, and
        not-a-number as missing: so pandas and NumPy write integers with gaps.
      narrow: Whether floats become float32, as examples hold them, or stay double.
      number_format: How numbers in texts are written, where not as Python writes them.

    Returns:
      The column, and a boolean mask of the rows whose value does not fit (such a row's
      value is meaningless), None where all fit.
    """
    import pyarrow as pa

    if kind is None or pa.types.is_null(values.type):
        missing = {ColumnType.INTEGER: pa.int64(), ColumnType.FLOAT: pa.float32()}
        arrow_type = missing.get(kind, pa.large_binary()) if kind is not None else pa.null()
        return Column(pa.nulls(len(values), arrow_type)), None
    if kind is ColumnType.TEXT:
        encoded = values.cast(pa.string()).dictionary_encode()
        # By way of binary: texts from Parquet need not be UTF-8.
        distinct = encoded.dictionary.cast(pa.binary()).cast(pa.large_binary())
        return Column(distinct, encoded.indices), None
    if pa.types.is_string(values.type):
        column, bad = _convert_texts(values, kind, fixed, number_format)
        return Column(_narrowed(column.values, narrow), column.indices), bad
    if kind is ColumnType.FLOAT:
        return Column(_narrowed(values.cast(pa.float64(), safe=False), narrow)), None
    if pa.types.is_int64(values.type):
        return Column(values), None
    numbers, bad = whole_numbers(values)
    return Column(numbers), bad


def _convert_texts(
    texts: pa.Array, kind: ColumnType, fixed: bool, number_format: NumberFormat | None
) -> tuple[Column, np.ndarray | None]:
    import pyarrow as pa

    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary
    if number_format is not None:
        distinct = number_format.plain(distinct)
    fast = fast_integers(distinct) if kind is ColumnType.INTEGER else fast_floats(distinct)
    if fast is not None:
        return Column(fast, encoded.indices), None
    if kind is ColumnType.INTEGER and (floats := fast_floats(distinct)) is not None:
        whole, bad = whole_numbers(floats)
        if bad is None:
            # Row by row: not-a-number became null, which no distinct value may be.
            return Column(whole.take(encoded.indices)), None
    parse = _parser(kind, fixed)
    parsed = [parse(text) for text in distinct.to_pylist()]
    good = np.array([number is not None for number in parsed], bool)
    arrow_type = pa.int64() if kind is ColumnType.INTEGER else pa.float64()
    numbers = pa.array([0 if number is None else number for number in parsed], arrow_type)
    column = Column(numbers, encoded.indices)
    if good.all():
        return column, None
    places = np.asarray(encoded.indices.fill_null(len(good)))
    return column, ~np.append(good, True)[places]


def _parser(kind: ColumnType, fixed: bool) -> Callable[[str], float | None]:
    def integer(text: str) -> float | None:
        found = text_type(text)
        if found is ColumnType.INTEGER:
            return int(text.encode())
        if found is not ColumnType.FLOAT:
            return None
        number = float(text.encode())
        fits = number.is_integer() and abs(number) < _INT64_REACH
        return int(number) if fits else None

    def floating(text: str) -> float | None:
        if not fixed and text_type(text) is ColumnType.TEXT:
            return None
        try:
            return float(text.encode())
        except ValueError:
            return None

    return integer if kind is ColumnType.INTEGER else floating


def _narrowed(numbers: pa.Array, narrow: bool) -> pa.Array:
    import pyarrow as pa

    # Floats go by way of double, as protobuf narrows a Python float; what lies beyond
    # float32 becomes infinity.
    if narrow and pa.types.is_float64(numbers.type):
        return numbers.cast(pa.float32(), safe=False)
    return numbers


def whole_numbers(values: pa.Array) -> tuple[pa.Array, np.ndarray | None]:
    """Floats as integers.

    Args:
      values: double, null where missing.

    Returns:
      int64 values, null where missing or not a number, and a boolean mask of those that no
      int64 is (their values are meaningless), None where there are none.
    """
    import pyarrow as pa

    numbers = plain_numbers(values, missing=math.nan)
    missing = np.isnan(numbers)
    with np.errstate(invalid="ignore"):
        bad = ~missing & ((np.floor(numbers) != numbers) | (np.abs(numbers) >= _INT64_REACH))
    whole = np.where(missing | bad, 0.0, numbers).astype(np.int64)
    return pa.array(whole, mask=missing), bad if bad.any() else None


def _holds(texts: pa.Array, characters: bytes) -> bool:
    """Whether any of some ASCII characters may occur in texts; never wrong when it says no."""
    data = texts.buffers()[2]
    if data is None:
        return False
    content = data.to_pybytes()
    return any(character in content for character in characters)
