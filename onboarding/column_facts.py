"""What is counted of each column in the sampled rows."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.example_gen.conversion import plain_numbers
from components.example_gen.settings import ColumnType
from onboarding.model import ColumnFacts, SampledTable

_MOST_COMMON = 10


@dataclasses.dataclass(frozen=True)
class ObservedColumn:
    """A column of the sample: its facts, and the values behind them.

    Attributes:
      facts: What was counted.
      values: The rows: int64, float32/float64, string or null; null where missing.
      distinct: The different values, most frequent first: float64 numbers or str objects.
      counts: int64, the rows of each.
    """

    facts: ColumnFacts
    values: pa.Array
    distinct: np.ndarray
    counts: np.ndarray

    @property
    def name(self) -> str:
        """The column."""
        return self.facts.name

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.facts.type is ColumnType.TEXT

    @functools.cached_property
    def present(self) -> np.ndarray:
        """bool [rows]: whether the row has a value."""
        return _valid(self.values)

    @functools.cached_property
    def numbers(self) -> np.ndarray:
        """The numbers of all rows, float64 [rows], not-a-number where missing."""
        if not self.facts.present:
            return np.full(self.facts.rows, np.nan)
        filled = plain_numbers(self.values).astype(np.float64)
        return np.where(self.present, filled, np.nan)

    @functools.cached_property
    def is_whole(self) -> bool:
        """Whether every value is a whole number."""
        if self.is_text or not len(self.distinct):
            return False
        finite = np.isfinite(self.distinct)
        return bool(finite.all() and (self.distinct == np.floor(self.distinct)).all())

    def spread(self, most: int) -> np.ndarray:
        """Some of the different values, evenly spread over the order in which they come."""
        if len(self.distinct) <= most:
            return self.distinct
        places = np.linspace(0, len(self.distinct) - 1, most).astype(np.int64)
        return self.distinct[places]

    @property
    def repeats(self) -> float:
        """How many rows a value has on the average."""
        return self.facts.present / max(1, self.facts.distinct)


def observe(sample: SampledTable) -> dict[str, ObservedColumn]:
    """Counts every column of a sample.

    Args:
      sample: The table.

    Returns:
      The columns by name, in the table's order.
    """
    return {
        name: observe_column(name, kind, _one_array(sample.table.column(name)))
        for name, kind in sample.types.items()
    }


def observe_column(name: str, kind: ColumnType | None, values: pa.Array) -> ObservedColumn:
    """Counts one column.

    Args:
      name: The column.
      kind: Its type; None where every value is missing.
      values: The sampled rows.
    """
    if kind is None or values.null_count == len(values):
        facts = ColumnFacts(name, kind, len(values), len(values), 0, ())
        return ObservedColumn(facts, values, np.array([]), np.array([], np.int64))
    if kind is ColumnType.TEXT:
        distinct, counts = _count_texts(values)
    else:
        distinct, counts = _count_numbers(values)
    order = np.argsort(-counts, kind="stable")
    distinct, counts = distinct[order], counts[order]
    common = tuple(
        (as_text(value), int(count))
        for value, count in zip(distinct[:_MOST_COMMON], counts[:_MOST_COMMON], strict=True)
    )
    missing = len(values) - int(counts.sum())
    lowest = highest = None
    if kind is not ColumnType.TEXT and len(distinct):
        lowest, highest = float(distinct.min()), float(distinct.max())
    facts = ColumnFacts(name, kind, len(values), missing, len(distinct), common, lowest, highest)
    return ObservedColumn(facts, values, distinct, counts)


def as_text(value: object) -> str:
    """A value as the transform graph writes it where numbers become classes or categories."""
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else f"{np.float32(value)}"
    return str(value)


def _count_texts(values: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    encoded = pc.dictionary_encode(values)
    counts = np.bincount(
        plain_numbers(encoded.indices, missing=len(encoded.dictionary)),
        minlength=len(encoded.dictionary) + 1,
    )[: len(encoded.dictionary)]
    distinct = np.empty(len(encoded.dictionary), dtype=object)
    distinct[:] = encoded.dictionary.to_pylist()
    return distinct, counts


def _count_numbers(values: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    numbers = plain_numbers(values)[_valid(values)]
    if numbers.dtype.kind == "f":
        # Not-a-number has no place among values: the transform graph calls it missing.
        numbers = numbers[np.isfinite(numbers)]
    distinct, counts = np.unique(numbers, return_counts=True)
    return distinct.astype(np.float64), counts


def _valid(values: pa.Array) -> np.ndarray:
    bitmap = values.buffers()[0] if values.null_count else None
    if pa.types.is_null(values.type):
        return np.zeros(len(values), bool)
    if bitmap is None:
        return np.ones(len(values), bool)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")
    return bits[values.offset : values.offset + len(values)].astype(bool)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)
