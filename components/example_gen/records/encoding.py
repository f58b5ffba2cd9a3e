"""tf.Examples from Arrow columns, in the bytes of a deterministic serialization.

A serialized tf.Example is a length and a sequence of map entries, one for each
feature; ``SerializeToString(deterministic=True)`` puts them in the order of their
names. Each entry is a prefix, which depends only on the feature's name and on the
length of its value, and the value. So a batch is encoded column by column with
array operations, and the rows are put together by one element-wise join. The
bytes matter: TFX decides a row's split by their hash.

Wire format: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = b"\x0a", b"\x12", b"\x1a"
# Stands for a missing value where lengths of values are told apart.
_MISSING = -1


@dataclasses.dataclass(frozen=True)
class Column:
    """The values of one column in one batch, each row holding one value or none.

    Attributes:
      values: int64, float32, large_binary or null. The rows themselves where
        `indices` is None, else the distinct values, none of them null.
      indices: int32, one a row, null where the value is missing.
    """

    values: pa.Array
    indices: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.values) if self.indices is None else len(self.indices)

    def slice(self, start: int, length: int) -> Column:
        """Some of the rows, without copying."""
        if self.indices is None:
            return Column(self.values.slice(start, length))
        return Column(self.values, self.indices.slice(start, length))

    def filter(self, mask: pa.Array) -> Column:
        """The rows where the boolean `mask` is true."""
        if self.indices is None:
            return Column(self.values.filter(mask))
        return Column(self.values, self.indices.filter(mask))

    def text_bytes(self) -> int:
        """How many bytes the texts of all rows have together; 0 for numbers."""
        if not len(self) or not _is_text(self.values.type):
            return 0
        lengths = np.diff(_offsets(self.values))
        if self.indices is None:
            return int(lengths.sum())
        return int(lengths[np.asarray(self.indices.drop_null())].sum())

    def rows(self) -> pa.Array:
        """One value a row, null where it is missing."""
        return self.values if self.indices is None else self.values.take(self.indices)


def varint(number: int) -> bytes:
    """The base-128 varint of a number from 0 up."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def encode_examples(columns: Mapping[str, Column]) -> pa.Array:
    """Encodes a batch.

    Args:
      columns: Feature names and their columns, of equal length, at least one.

    Returns:
      large_binary, a serialized tf.Example a row, equal to what
      ``tf.train.Example.SerializeToString(deterministic=True)`` gives.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    pieces = []
    for name in sorted(columns):
        pieces.extend(_entry_pieces(name.encode(), columns[name]))
    lengths = np.zeros(len(pieces[0]), np.int64)
    for piece in pieces:
        lengths += np.diff(_offsets(piece))
    heads = _chosen(lengths, lambda length: b"\x0a" + varint(length))
    return pc.binary_join_element_wise(heads, *pieces, pa.scalar(b"", pa.large_binary()))


def encode_features(column: Column) -> list[bytes]:
    """The serialized tf.train.Feature of each row of a column, as a list of bytes."""
    distinct, indices = _payloads(column)
    tag = _tag(column.values.type)
    encoded = [
        tag + b"\x00"
        if payload is None
        else tag + varint(len(inner := b"\x0a" + varint(len(payload)) + payload)) + inner
        for payload in distinct.to_pylist()
    ]
    if indices is None:
        return encoded
    return [tag + b"\x00" if i is None else encoded[i] for i in indices.to_pylist()]


def _entry_pieces(name: bytes, column: Column) -> list[pa.Array]:
    """Arrays of bytes whose row-wise concatenation is the map entry of each row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_null(column.values.type):
        # Nothing is known of the column: a Feature that says not even its kind.
        field = b"\x0a" + varint(len(name)) + name + b"\x12\x00"
        entry = b"\x0a" + varint(len(field)) + field
        return [_repeated(entry, len(column))]
    tag = _tag(column.values.type)
    payloads, indices = _payloads(column)
    lengths = np.diff(_offsets(payloads))
    if payloads.null_count:
        lengths = np.where(np.asarray(payloads.is_valid()), lengths, _MISSING)
        payloads = payloads.fill_null(b"")
    prefixes = _chosen(lengths, lambda length: _entry_prefix(name, tag, length))
    if indices is None:
        return [prefixes, payloads]
    entries = pc.binary_join_element_wise(prefixes, payloads, pa.scalar(b"", pa.large_binary()))
    missing = pa.array([_entry_prefix(name, tag, _MISSING)], pa.large_binary())
    places = indices.fill_null(len(entries)) if indices.null_count else indices
    return [pa.concat_arrays([entries, missing]).take(places)]


def _entry_prefix(name: bytes, tag: bytes, length: int) -> bytes:
    """All of a map entry that comes before a value of `length` bytes."""
    key = b"\x0a" + varint(len(name)) + name
    if length == _MISSING:
        field = key + b"\x12\x02" + tag + b"\x00"
        return b"\x0a" + varint(len(field)) + field
    inner = b"\x0a" + varint(length)
    feature = tag + varint(len(inner) + length) + inner
    head = key + b"\x12" + varint(len(feature) + length) + feature
    return b"\x0a" + varint(len(head) + length) + head


def _tag(kind: pa.DataType) -> bytes:
    import pyarrow as pa

    if pa.types.is_int64(kind):
        return _INT64_LIST
    return _FLOAT_LIST if pa.types.is_float32(kind) else _BYTES_LIST


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_large_binary(kind))


def _payloads(column: Column) -> tuple[pa.Array, pa.Array | None]:
    """The wire bytes of each value without any prefix, and the rows' indices into them."""
    import pyarrow as pa

    values = column.values
    if _is_text(values.type):
        return values, column.indices
    valid = np.asarray(values.is_valid())
    numbers = np.asarray(values.drop_null()) if values.null_count else np.asarray(values)
    if pa.types.is_float32(values.type):
        data = numbers.astype("<f4", copy=False).view(np.uint8)
        lengths = np.where(valid, 4, 0)
    else:
        data, widths = _varints(numbers)
        lengths = np.zeros(len(values), np.int64)
        lengths[valid] = widths
    mask = None if not values.null_count else np.packbits(valid, bitorder="little")
    return _binary(data, lengths, mask), column.indices


def _varints(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Varints of int64 numbers one after the other, and the width of each."""
    unsigned = numbers.astype(np.int64, copy=False).view(np.uint64)
    widths = np.ones(len(unsigned), np.int64)
    for place in range(1, 10):
        widths += unsigned >= np.uint64(1 << (7 * place))
    widest = int(widths.max(initial=1))
    places = np.arange(widest)
    groups = (unsigned[:, None] >> (places * 7).astype(np.uint64)).astype(np.uint8) & 0x7F
    groups |= np.where(places < widths[:, None] - 1, 0x80, 0).astype(np.uint8)
    return groups[places < widths[:, None]], widths


def _chosen(lengths: np.ndarray, make: Callable[[int], bytes]) -> pa.Array:
    """For each length what `make` gives for it, made once for each distinct length."""
    import pyarrow as pa

    distinct, places = np.unique(lengths, return_inverse=True)
    made = pa.array([make(int(length)) for length in distinct], pa.large_binary())
    return made.take(pa.array(places.astype(np.int32)))


def _repeated(value: bytes, count: int) -> pa.Array:
    data = np.frombuffer(value * count, np.uint8)
    return _binary(data, np.full(count, len(value)), None)


def _binary(data: np.ndarray, lengths: np.ndarray, validity: np.ndarray | None) -> pa.Array:
    """A large_binary array of values that lie one after the other in `data`."""
    import pyarrow as pa

    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    mask = None if validity is None else pa.py_buffer(validity)
    buffers = [mask, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.large_binary(), len(lengths), buffers)


def _offsets(array: pa.Array) -> np.ndarray:
    """Where each value of a large_binary array starts in its data, and where the last ends."""
    offsets = np.frombuffer(array.buffers()[1], np.int64)
    return offsets[array.offset : array.offset + len(array) + 1]
