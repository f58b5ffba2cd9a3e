"""Which rows of a batch belong to which of TFMA's slices, computed on columns.

TFMA looks at every example by itself: it reads the features of a slicing spec,
takes their distinct values, and forms every combination. Here the same is done for
a whole batch with array operations; an example that lacks a feature is in none of
the feature's slices, and one with several values is in several.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.slicer import slicer_lib

from components.evaluator import buckets
from core.errors import DataError

SliceKey: TypeAlias = tuple[tuple[str, str | int | float], ...]
Rows: TypeAlias = npt.NDArray[np.int64]
_Value: TypeAlias = str | bytes | int | float


@dataclasses.dataclass(frozen=True)
class ColumnValues:
    """The distinct values of each row of one column.

    Attributes:
      rows: The row of each (row, value) pair, ascending, shape [pairs].
      codes: The value of each pair, as an index into `values`, shape [pairs].
      values: The distinct values of the column.
    """

    rows: Rows
    codes: Rows
    values: tuple[_Value, ...]

    def moved(self, offset: int) -> ColumnValues:
        """The same values in a batch that starts `offset` rows earlier."""
        return dataclasses.replace(self, rows=self.rows + offset)


NO_VALUES = ColumnValues(np.empty(0, np.int64), np.empty(0, np.int64), ())


def values_of_arrow(column: pa.Array) -> ColumnValues:
    """Reads a list column of a record batch; a null list has no values."""
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    encoded = column.flatten().dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    rows = np.repeat(np.arange(len(column), dtype=np.int64), lengths)
    return _distinct(rows, codes, tuple(encoded.dictionary.to_pylist()))


def values_of_array(array: npt.NDArray[np.generic]) -> ColumnValues:
    """Reads a dense tensor of shape [rows, ...]."""
    flat = array.reshape(len(array), -1)
    values, codes = np.unique(flat, return_inverse=True)
    rows = np.repeat(np.arange(len(array), dtype=np.int64), flat.shape[1])
    return _distinct(rows, codes.reshape(-1).astype(np.int64), tuple(values.tolist()))


def values_in_buckets(
    column: pa.Array | npt.NDArray[np.generic], boundaries: Sequence[float], name: str
) -> ColumnValues:
    """Reads numbers of a list column or of a dense tensor, cut at boundaries.

    Args:
      column: A list column of a record batch, or a tensor of shape [rows, ...].
      boundaries: Ascending.
      name: The feature's name, for the error.

    Raises:
      DataError: If the values are not numbers.
    """
    if isinstance(column, np.ndarray):
        numbers = column.reshape(-1)
        rows = np.repeat(
            np.arange(len(column), dtype=np.int64), numbers.size // max(len(column), 1)
        )
    else:
        lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        numbers = column.flatten().to_numpy(zero_copy_only=False)
        rows = np.repeat(np.arange(len(column), dtype=np.int64), lengths)
    if not len(numbers):
        return NO_VALUES
    require_numbers(numbers, name)
    codes = buckets.places(numbers, boundaries)
    known = codes >= 0
    return _distinct(rows[known], codes[known], tuple(buckets.bucket_labels(boundaries)))


def require_numbers(values: npt.NDArray[np.generic], name: str) -> None:
    """Refuses to cut into buckets what is not a number.

    Raises:
      DataError: Naming the feature.
    """
    if values.dtype.kind not in "iufb":
        raise DataError(
            f"the feature {name!r} cannot be cut into buckets: its values are not numbers",
            evidence=[f"a value: {str(values[0])[:80]!r}"],
            hint="slice by its values, without boundaries",
            code="slice-not-numeric",
        )


def union_of(columns: Iterable[ColumnValues]) -> ColumnValues:
    """The values that any of several columns has for a row.

    That is TFMA's rule for a feature that two models transform, and it also puts batches
    after one another.
    """
    places: dict[_Value, int] = {}
    rows: list[Rows] = []
    codes: list[Rows] = []
    for column in columns:
        for value in column.values:
            places.setdefault(value, len(places))
        here = np.array([places[value] for value in column.values], dtype=np.int64)
        rows.append(column.rows)
        codes.append(here[column.codes])
    return _distinct(np.concatenate(rows), np.concatenate(codes), tuple(places))


def _distinct(rows: Rows, codes: Rows, values: tuple[_Value, ...]) -> ColumnValues:
    if len(rows) and np.any(rows[1:] <= rows[:-1]):
        pairs = np.unique(rows * len(values) + codes)
        rows, codes = pairs // len(values), pairs % len(values)
    return ColumnValues(rows, codes, values)


def rows_by_slice(
    columns: Mapping[str, ColumnValues], specs: Iterable[tfma.SlicingSpec], row_count: int
) -> dict[SliceKey, Rows]:
    """Finds the rows of every slice that the specs give in a batch.

    Args:
      columns: The values of every feature that a spec names and the data has.
      specs: The slicing specs of an EvalConfig.
      row_count: The number of rows in the batch.

    Returns:
      The ascending rows of each slice that has any, by TFMA's slice key.

    Raises:
      DataError: If a value of a slice's feature is not text in UTF-8.
    """
    slices: dict[SliceKey, Rows] = {}
    for spec in specs:
        for key, rows in _rows_of_spec(columns, spec, row_count).items():
            # Two specs may give the same slice: [payment_type] and payment_type=Cash.
            known = slices.get(key)
            slices[key] = rows if known is None else np.union1d(known, rows)
    return slices


def _rows_of_spec(
    columns: Mapping[str, ColumnValues], spec: tfma.SlicingSpec, row_count: int
) -> dict[SliceKey, Rows]:
    fixed = [
        # TFMA compares "5" with 5 as well as with "5".
        (name, slicer_lib._to_type(value))
        for name, value in spec.feature_values.items()
    ]
    if any(name not in columns for name in (*spec.feature_keys, *dict(fixed))):
        return {}
    kept = np.ones(row_count, dtype=bool)
    for name, value in fixed:
        kept &= _rows_with(columns[name], value, row_count)
    rows = np.flatnonzero(kept)
    codes = np.zeros(len(rows), dtype=np.int64)
    for name in spec.feature_keys:
        column = columns[name]
        rows, places, codes_of_column = _join(rows, column, row_count)
        codes = codes[places] * max(len(column.values), 1) + codes_of_column
    if not len(rows):
        return {}
    order = np.argsort(codes, kind="stable")
    combinations, starts = np.unique(codes[order], return_index=True)
    parts = np.split(rows[order], starts[1:])
    return {
        _slice_key(int(code), spec.feature_keys, columns, fixed): part
        for code, part in zip(combinations, parts, strict=True)
    }


def _rows_with(
    column: ColumnValues, value: str | int | float, row_count: int
) -> npt.NDArray[np.bool_]:
    def matches(seen: _Value) -> bool:
        if isinstance(value, str):
            return seen in (value, value.encode())
        return seen in (value, str(value))

    matching = np.array([matches(seen) for seen in column.values], dtype=bool)
    found = np.zeros(row_count, dtype=bool)
    if matching.any():
        found[column.rows[matching[column.codes]]] = True
    return found


def _join(rows: Rows, column: ColumnValues, row_count: int) -> tuple[Rows, Rows, Rows]:
    """Pairs each entry with each value of its row, as a join on the row does."""
    counts = np.bincount(column.rows, minlength=row_count)
    starts = np.cumsum(counts) - counts
    repeats = counts[rows]
    places = np.repeat(np.arange(len(rows), dtype=np.int64), repeats)
    within = np.arange(len(places), dtype=np.int64) - np.repeat(
        np.cumsum(repeats) - repeats, repeats
    )
    joined = rows[places]
    return joined, places, column.codes[starts[joined] + within]


def _slice_key(
    code: int,
    names: Iterable[str],
    columns: Mapping[str, ColumnValues],
    fixed: Iterable[tuple[str, str | int | float]],
) -> SliceKey:
    parts = list(fixed)
    for name in reversed(list(names)):
        values = columns[name].values
        code, place = divmod(code, len(values))
        parts.append((name, _as_text(name, values[place])))
    return tuple(sorted(parts))


def _as_text(name: str, value: _Value) -> str | int | float:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise DataError(
            f"the feature {name!r} cannot be sliced: a value is not UTF-8",
            evidence=[f"value: {value[:80]!r}"],
            hint="leave the feature out of the evaluation's slices, or clean the data",
            code="slice-value-encoding",
        ) from error
