"""A batch of tf.Examples as columns, decoded with array operations.

All records of a batch are walked at once: each has a place to read at, and a step reads
the map entry that stands there. Records whose entries have the same name are read
together; writers put features in one order, or in few, so a step has few names. That is
several times faster than decoding one record after the other. It knows the usual form
only (a name, then a value; numbers packed; one value or none) and says so where a batch
has another; then tfx_bsl decodes it.

Wire format: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST, _SECOND = 0x0A, 0x12
_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 0x0A, 0x12, 0x1A
_LISTS = np.array([_BYTES_LIST, _FLOAT_LIST, _INT64_LIST], np.uint64)
# Bytes after the last record that may be looked at, and are never part of a value.
_MARGIN = 32
_MOST_LENGTH_BYTES = 4
_MOST_VARINT_BYTES = 10
# Names at one step, taken together over all steps; more is no table's usual form.
_MOST_GROUPS = 5_000
# From here on, joining slices is quicker than picking bytes.
_LONG_TEXT = 100


class UnusualFormError(Exception):
    """The batch has to be decoded by something that knows every form."""


@dataclasses.dataclass
class _Feature:
    """What was found of one feature so far.

    Attributes:
      kind: The tag of its list; 0 while no value was seen.
      valid: Which records have a value.
      numbers: int64 or float32 values; for texts, where they start.
      lengths: For texts, how long they are.
    """

    kind: int
    valid: np.ndarray
    numbers: np.ndarray
    lengths: np.ndarray


class _Walk:
    """The bytes of all records one after the other, seen as words at every place."""

    def __init__(self, records: Sequence[bytes]) -> None:
        self.data = b"".join(records)
        padded = self.data + bytes(_MARGIN)
        size = len(self.data) + _MARGIN - 8
        self.words: np.ndarray = np.ndarray((size,), "<u8", padded, strides=(1,))
        self.floats: np.ndarray = np.ndarray((size,), "<f4", padded, strides=(1,))

    def tagged(self, places: np.ndarray, tag: int) -> tuple[np.ndarray, np.ndarray]:
        """A tag and a length at each place: the lengths, and the places after them."""
        words = self.words[places]
        _insist((words & np.uint64(0xFF)) == tag)
        return self._length(words >> np.uint64(8), places + 1)

    def _length(self, words: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lengths = (words & np.uint64(0x7F)).astype(np.int64)
        longer = (words & np.uint64(0x80)) != 0
        after = places + 1
        for place in range(1, _MOST_LENGTH_BYTES):
            if not longer.any():
                return lengths, after
            part = words >> np.uint64(8 * place)
            seven = (part & np.uint64(0x7F)).astype(np.int64) << (7 * place)
            lengths += np.where(longer, seven, 0)
            after += longer
            longer &= (part & np.uint64(0x80)) != 0
        _insist(~longer)
        return lengths, after

    def same_text(self, places: np.ndarray, text: bytes) -> np.ndarray:
        """Where a text stands, which is not empty."""
        same = np.ones(len(places), bool)
        for start in range(0, len(text), 8):
            part = text[start : start + 8]
            mask = np.uint64((1 << (8 * len(part))) - 1)
            same &= (self.words[places + start] & mask) == int.from_bytes(part, "little")
        return same

    def whole_numbers(self, places: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """One varint at each place, which fills its length exactly."""
        _insist((lengths >= 1) & (lengths <= _MOST_VARINT_BYTES))
        numbers = np.zeros(len(places), np.uint64)
        words = self.words[places]
        for place in range(int(lengths.max(initial=0))):
            if place == 8:
                words = self.words[places + 8]
            part = words >> np.uint64(8 * (place % 8))
            inside = place < lengths
            more = (part & np.uint64(0x80)) != 0
            _insist(~inside | (more == (place < lengths - 1)))
            seven = (part & np.uint64(0x7F)) << np.uint64(7 * place)
            numbers |= np.where(inside, seven, np.uint64(0))
        return numbers.view(np.int64)


def decode_examples(records: Sequence[bytes]) -> dict[str, pa.Array]:
    """Decodes a batch.

    Args:
      records: Serialized tf.Examples, at least one.

    Returns:
      By feature, in the order of names: int64, float, binary or null, one value or null
      a record.

    Raises:
      UnusualFormError: If a record is not of the usual form, or a feature has more than
        one value, or its values are not of one kind.
    """
    walk = _Walk(records)
    sizes = np.fromiter(map(len, records), np.int64, len(records))
    ends = np.cumsum(sizes)
    rows = np.flatnonzero(sizes)
    lengths, places = walk.tagged((ends - sizes)[rows], _FIRST)
    _insist(places + lengths == ends[rows])
    found: dict[bytes, _Feature] = {}
    groups = 0
    while len(rows):
        open_ = places < ends[rows]
        rows, places = rows[open_], places[open_]
        if not len(rows):
            break
        sizes, names = walk.tagged(places, _FIRST)
        entry_ends = names + sizes
        _insist(entry_ends <= ends[rows])
        name_sizes, starts = walk.tagged(names, _FIRST)
        _insist((name_sizes > 0) & (starts + name_sizes <= entry_ends))
        left = np.arange(len(rows))
        while len(left):
            groups += 1
            if groups > _MOST_GROUPS:
                raise UnusualFormError
            start, size = int(starts[left[0]]), int(name_sizes[left[0]])
            name = walk.data[start : start + size]
            same = name_sizes[left] == size
            same[same] = walk.same_text(starts[left[same]], name)
            chosen = left[same]
            _take(
                walk,
                found,
                name,
                len(records),
                rows[chosen],
                starts[chosen] + size,
                entry_ends[chosen],
            )
            left = left[~same]
        places = entry_ends
    try:
        decoded = {name.decode(): feature for name, feature in found.items()}
    except UnicodeDecodeError as error:
        raise UnusualFormError from error
    return {name: _array(walk, decoded[name]) for name in sorted(decoded)}


def _take(
    walk: _Walk,
    found: dict[bytes, _Feature],
    name: bytes,
    count: int,
    rows: np.ndarray,
    places: np.ndarray,
    ends: np.ndarray,
) -> None:
    """Reads the values of one feature in some records."""
    sizes, places = walk.tagged(places, _SECOND)
    _insist(places + sizes == ends)
    if name not in found:
        zeros = np.zeros(count, np.int64)
        found[name] = _Feature(0, np.zeros(count, bool), zeros, np.zeros(0, np.int64))
    feature = found[name]
    # No kind at all, or a kind and an empty list: no value.
    held = sizes > 2
    if not held.all():
        empty_lists = np.isin(walk.words[places] & np.uint64(0xFFFF), _LISTS)
        _insist(held | (sizes == 0) | ((sizes == 2) & empty_lists))
    feature.valid[rows] = held
    rows, places, ends = rows[held], places[held], ends[held]
    if not len(rows):
        return
    kind = walk.data[int(places[0])]
    if feature.kind == 0:
        feature.kind = kind
        if kind == _FLOAT_LIST:
            feature.numbers = np.zeros(count, np.float32)
        elif kind == _BYTES_LIST:
            feature.lengths = np.zeros(count, np.int64)
    if kind != feature.kind or kind not in _LISTS:
        raise UnusualFormError
    sizes, places = walk.tagged(places, kind)
    _insist(places + sizes == ends)
    sizes, places = walk.tagged(places, _FIRST)
    _insist(places + sizes == ends)
    if kind == _FLOAT_LIST:
        _insist(sizes == 4)
        feature.numbers[rows] = walk.floats[places]
    elif kind == _INT64_LIST:
        feature.numbers[rows] = walk.whole_numbers(places, sizes)
    else:
        feature.numbers[rows], feature.lengths[rows] = places, sizes


def _array(walk: _Walk, feature: _Feature) -> pa.Array:
    import pyarrow as pa

    count = len(feature.valid)
    if feature.kind == 0:
        return pa.nulls(count)
    if feature.kind != _BYTES_LIST:
        return pa.array(feature.numbers, mask=None if feature.valid.all() else ~feature.valid)
    lengths = np.where(feature.valid, feature.lengths, 0)
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    starts, total = feature.numbers, int(offsets[-1])
    if total > _LONG_TEXT * count:
        ends = (starts + lengths).tolist()
        slices = zip(starts.tolist(), ends, strict=True)
        content = b"".join([walk.data[start:end] for start, end in slices])
    else:
        picked = np.repeat(starts - offsets[:-1], lengths) + np.arange(total)
        content = np.frombuffer(walk.data, np.uint8)[picked].tobytes()
    valid = pa.py_buffer(np.packbits(feature.valid, bitorder="little"))
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.binary(), count, buffers)


def _insist(holds: np.ndarray) -> None:
    if not holds.all():
        raise UnusualFormError
