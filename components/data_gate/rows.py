"""The rows of one split: a sample of their values, and a hash of every row."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

# Of more rows the hashes of one in so many are kept: 128 MB at most.
_MOST_HASHES = 16_000_000
_ODD = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Multipliers of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""


@dataclasses.dataclass(frozen=True)
class Selection:
    """Some of the sampled rows.

    Attributes:
      count: How many.
      rows: int64, which; None for all.
    """

    count: int
    rows: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Column:
    """The values of one feature in the sampled rows.

    Attributes:
      values: float64, or int64 indices into `vocabulary`; of all rows one after another.
      rows: int64, ascending, the row of each value.
      row_count: How many rows there are.
      vocabulary: The texts; None for numbers.
    """

    values: np.ndarray
    rows: np.ndarray
    row_count: int
    vocabulary: tuple[str, ...] | None = None

    @functools.cached_property
    def present(self) -> np.ndarray:
        """bool [rows]: whether the row has a value."""
        present = np.zeros(self.row_count, bool)
        present[self.rows] = True
        return present

    @functools.cached_property
    def first(self) -> np.ndarray:
        """[rows], the first value of each row, 0 where there is none."""
        first = np.zeros(self.row_count, self.values.dtype)
        first[self.rows[::-1]] = self.values[::-1]
        return first

    @functools.cached_property
    def _is_single(self) -> bool:
        return len(self.rows) == int(self.present.sum())

    def of(self, selection: Selection) -> np.ndarray:
        """The values of some rows."""
        if selection.rows is None:
            return self.values
        if self._is_single:
            return self.first[selection.rows][self.present[selection.rows]]
        chosen = np.zeros(self.row_count, bool)
        chosen[selection.rows] = True
        return self.values[chosen[self.rows]]

    def count_present(self, selection: Selection) -> int:
        """How many of some rows have a value."""
        if selection.rows is None:
            return int(self.present.sum())
        return int(self.present[selection.rows].sum())


@dataclasses.dataclass(frozen=True)
class Rows:
    """What was read of one split.

    Attributes:
      total: How many rows it has.
      sampled: Of how many rows `columns` holds the values.
      columns: The columns by name.
      hashes: uint64, one a row; of very many rows only those that one in
        `hash_share` hashes belongs to.
      keys: The same of the key columns; None without a key.
      hash_share: See `hashes`.
    """

    total: int
    sampled: int
    columns: dict[str, Column]
    hashes: np.ndarray
    keys: np.ndarray | None = None
    hash_share: int = 1


def read_rows(
    batches: Iterable[pa.RecordBatch],
    expected: int,
    sample_rows: int,
    key: Sequence[str] = (),
    *,
    hashed: bool = True,
) -> Rows:
    """Reads a split in bounded memory.

    Args:
      batches: The rows, as `core.columnar_examples.read_examples` gives them.
      expected: About how many rows there are.
      sample_rows: The values of about so many are kept, chosen by a fixed seed.
      key: Columns that name an example.
      hashed: Whether rows are hashed.
    """
    import pyarrow as pa

    draw = np.random.default_rng(0)
    share = min(1.0, sample_rows / max(expected, 1))
    keep_one_in = max(1, -(-expected // _MOST_HASHES))
    kept: list[pa.Table] = []
    hashes: list[np.ndarray] = []
    keys: list[np.ndarray] = []
    total = 0
    for batch in batches:
        total += batch.num_rows
        if hashed:
            names = batch.schema.names
            made = {name: _column_hash(batch.column(i)) for i, name in enumerate(names)}
            hashes.append(_kept(_combined(made, sorted(names), batch.num_rows), keep_one_in))
            if key:
                keys.append(_kept(_combined(made, key, batch.num_rows), keep_one_in))
        if share < 1.0:
            batch = batch.filter(pa.array(draw.random(batch.num_rows) < share))
        kept.append(pa.Table.from_batches([batch]))
    table = pa.concat_tables(kept, promote=True) if kept else pa.table({})
    return Rows(
        total=total,
        sampled=table.num_rows,
        columns=dict(_columns(table)),
        hashes=np.concatenate(hashes) if hashes else np.zeros(0, np.uint64),
        keys=np.concatenate(keys) if keys else None,
        hash_share=keep_one_in,
    )


def _columns(table: pa.Table) -> Iterator[tuple[str, Column]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in table.schema.names:
        column = table.column(name).combine_chunks()
        array = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
        rows, values = _flat(array)
        vocabulary = None
        if pa.types.is_null(values.type):
            numbers = np.zeros(0)
        elif pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
            numbers = np.asarray(values.cast(pa.float64(), safe=False))
        else:
            encoded = pc.dictionary_encode(values)
            numbers = np.asarray(encoded.indices.cast(pa.int64()))
            vocabulary = tuple(
                item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
                for item in encoded.dictionary.to_pylist()
            )
        yield name, Column(numbers, rows, table.num_rows, vocabulary)


def _flat(array: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """The row of each value, and the values; deeper lists are taken as one."""
    import pyarrow as pa

    rows = np.arange(len(array))
    while pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        rows = np.repeat(rows, _lengths(array))
        array = array.flatten()
    if pa.types.is_null(array.type):
        return np.zeros(0, np.int64), pa.nulls(0)
    if array.null_count:
        rows = rows[np.asarray(array.is_valid())]
        array = array.drop_null()
    return rows, array


def _lengths(array: pa.Array) -> np.ndarray:
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(pc.list_value_length(array), 0)).astype(np.int64)


def _column_hash(array: pa.Array) -> np.ndarray:
    """uint64 [rows]: equal for equal lists of values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(array)
    rows, values = _flat(array)
    if not len(values):
        return np.zeros(count, np.uint64)
    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        # Zero and minus zero are one value.
        bits = (np.asarray(values.cast(pa.float64(), safe=False)) + 0.0).view(np.uint64)
    else:
        encoded = pc.dictionary_encode(values)
        distinct = np.array([_text_hash(item) for item in encoded.dictionary.to_pylist()], "u8")
        bits = distinct[np.asarray(encoded.indices)]
    mixed = _mix(bits + np.uint64(1))
    if len(values) == count and (rows == np.arange(count)).all():
        return mixed
    starts = np.searchsorted(rows, np.arange(count + 1))
    positions = np.arange(len(values)) - starts[rows]
    sums = np.concatenate([[np.uint64(0)], np.cumsum(_mix(mixed + positions.astype(np.uint64)))])
    hashed: np.ndarray = sums[starts[1:]] - sums[starts[:-1]]
    single = (starts[1:] - starts[:-1]) == 1
    hashed[single] = mixed[starts[:-1][single]]
    return hashed


def _text_hash(item: bytes | str) -> int:
    data = item if isinstance(item, bytes) else str(item).encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _combined(made: dict[str, np.ndarray], names: Sequence[str], rows: int) -> np.ndarray:
    combined = np.zeros(rows, np.uint64)
    for name in names:
        combined = _mix(combined * np.uint64(31) + made.get(name, np.zeros(rows, np.uint64)))
    return combined


def _mix(bits: np.ndarray) -> np.ndarray:
    mixed = bits + np.uint64(_ODD[0])
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_ODD[1])
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_ODD[2])
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _kept(hashes: np.ndarray, one_in: int) -> np.ndarray:
    # Chosen by the hash itself: of equal rows all are kept or none.
    return hashes if one_in == 1 else hashes[hashes % np.uint64(one_in) == 0]
