"""Which split a row goes to: by a hash of its values, key or place in its file, or by time."""

from __future__ import annotations

import datetime
import hashlib
import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from components.example_gen.records.encoding import Column, encode_features
from preprocessing import time_format

_DIGEST_WORDS = 8
# The bits of a number that is none, and that no calculation gives.
_MISSING = 0x7FF8_0000_0000_0001
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def hash_splits(keys: Sequence[bytes], weights: Sequence[int]) -> np.ndarray:
    """Assigns by the SHA-256 of each key, as TFX's example generators do.

    The split of a key depends on nothing but the key and the weights. Source:
    `_PartitionFn` in tfx/components/example_gen/base_example_gen_executor.py.

    Args:
      keys: Bytes, one a row.
      weights: The splits' weights, in order.

    Returns:
      The index of the split of each row, int64.
    """
    bounds = np.cumsum(np.asarray(weights, np.uint64))
    total = int(bounds[-1])
    sha256 = hashlib.sha256
    digests = b"".join([sha256(key).digest() for key in keys])
    words = np.frombuffer(digests, ">u4").reshape(-1, _DIGEST_WORDS).astype(np.uint64)
    # The 256-bit number modulo the total, word by word: totals below 2**32 never overflow.
    buckets = np.zeros(len(words), np.uint64)
    for place in range(_DIGEST_WORDS):
        buckets = ((buckets << np.uint64(32)) | words[:, place]) % np.uint64(total)
    return np.asarray(np.searchsorted(bounds, buckets, side="right"))


def key_splits(column: Column, weights: Sequence[int]) -> np.ndarray:
    """Assigns by the SHA-256 of one column's serialized feature.

    Rows without a value all go to the same split.

    Args:
      column: The key column, int64 or large_binary.
      weights: The splits' weights, in order.

    Returns:
      The index of the split of each row, int64.
    """
    import pyarrow as pa

    distinct = column if column.indices is not None else _encoded(column)
    assert distinct.indices is not None
    keys = encode_features(Column(distinct.values))
    keys += encode_features(Column(pa.nulls(1, distinct.values.type)))
    places = np.asarray(distinct.indices.fill_null(len(keys) - 1))
    return hash_splits(keys, weights)[places]


def value_splits(columns: Mapping[str, Column], weights: Sequence[int]) -> np.ndarray:
    """Assigns by the SHA-256 of the values of some columns: equal values, equal split.

    Args:
      columns: The columns to hash, at least one; their order and how they are held mean
        nothing, nor whether a whole number comes as an integer or a float.
      weights: The splits' weights, in order.

    Returns:
      The index of the split of each row, int64.
    """
    names = sorted(columns)
    cells = np.empty((len(columns[names[0]]), len(names)), "<u8")
    for place, name in enumerate(names):
        cells[:, place] = _cells(columns[name])
    data, width = cells.tobytes(), 8 * len(names)
    return hash_splits([data[at : at + width] for at in range(0, len(data), width)], weights)


def cell(value: float | bytes | None) -> bytes:
    """The eight bytes that `value_splits` hashes of one value.

    Args:
      value: A number, a text, or None where it is missing.
    """
    if value is None:
        return struct.pack("<Q", _MISSING)
    if isinstance(value, bytes):
        return _text_digest(value)
    return struct.pack("<d", math.nan if math.isnan(value) else float(value) + 0.0)


def _cells(column: Column) -> np.ndarray:
    """The cell of each row as a number, uint64."""
    import pyarrow as pa

    values = column.values
    if pa.types.is_null(values.type):
        return np.full(len(column), _MISSING, np.uint64)
    if pa.types.is_large_binary(values.type):
        distinct = column if column.indices is not None else _encoded(column)
        assert distinct.indices is not None
        digests = [_text_digest(text) for text in distinct.values.to_pylist()]
        known = np.frombuffer(b"".join([*digests, cell(None)]), "<u8")
        return known[np.asarray(distinct.indices.fill_null(len(digests)))]
    rows = column.rows()
    if pa.types.is_floating(rows.type):
        rows = rows.cast(pa.float32())
    # Zero and minus zero are one value, and so are all that is no number.
    numbers = np.asarray(rows.cast(pa.float64(), safe=False).fill_null(0.0)) + 0.0
    numbers[np.isnan(numbers)] = math.nan
    return np.where(np.asarray(rows.is_valid()), numbers.view(np.uint64), np.uint64(_MISSING))


def _text_digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=8).digest()


def row_splits(file: str, numbers: np.ndarray, weights: Sequence[int]) -> np.ndarray:
    """Assigns by the SHA-256 of where a row stands.

    Args:
      file: The file's name below the folder of the data, without what tells its format.
      numbers: int64, the place of each row in the file, from 0.
      weights: The splits' weights, in order.

    Returns:
      The index of the split of each row, int64.
    """
    start = file.encode("utf-8", "surrogateescape") + b"\0"
    return hash_splits([start + b"%d" % number for number in numbers.tolist()], weights)


def time_splits(times: np.ndarray, cuts: Sequence[float]) -> np.ndarray:
    """Assigns by time: before the first cut the first split, and so on.

    Args:
      times: int64 or float64, one a row.
      cuts: The first time of each split but the first, rising.

    Returns:
      The index of the split of each row, int64.
    """
    return np.asarray(np.searchsorted(np.asarray(cuts, times.dtype), times, side="right"))


def time_values(column: Column, pattern: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The times in a column as numbers, and where there is none.

    Args:
      column: int64 or double (numbers are taken as they are), or large_binary with texts,
        which become microseconds since 1970.
      pattern: How texts are written (`preprocessing.time_format`); None for ISO 8601.

    Returns:
      int64 or float64 values, and a boolean mask of the rows that hold no time.
    """
    import pyarrow as pa

    if not pa.types.is_large_binary(column.values.type):
        rows = column.rows()
        missing = np.asarray(rows.is_null())
        wide = pa.int64() if pa.types.is_int64(rows.type) else pa.float64()
        numbers = np.asarray(rows.cast(wide).fill_null(0))
        if wide == pa.float64():
            missing = missing | np.isnan(numbers)
        return numbers, missing
    distinct = column if column.indices is not None else _encoded(column)
    assert distinct.indices is not None
    read = _iso_microseconds if pattern is None else _reader(pattern)
    parsed = [read(text) for text in distinct.values.to_pylist()] + [None]
    places = np.asarray(distinct.indices.fill_null(len(parsed) - 1))
    times = np.array([0 if time is None else time for time in parsed], np.int64)
    gone = np.array([time is None for time in parsed])
    return times[places], gone[places]


def time_cuts(times: Iterable[np.ndarray], weights: Sequence[int], scratch: Path) -> list[float]:
    """Finds the cuts between splits, exactly, by rank.

    The times go through a file, so that memory holds one batch of them. Rows of equal
    time stay together: the cut before a split is the time of the first row that rank
    gives it, and every row of that time belongs to it.

    Args:
      times: Batches of int64 or float64 values, all of one type.
      weights: The splits' weights, in order, oldest first.
      scratch: A file to write, which is removed.

    Returns:
      The first time of each split but the first.
    """
    scratch.parent.mkdir(parents=True, exist_ok=True)
    kind, count = np.dtype(np.int64), 0
    try:
        with scratch.open("wb") as stream:
            for batch in times:
                kind, count = batch.dtype, count + len(batch)
                stream.write(np.ascontiguousarray(batch).data)
        if not count or len(weights) == 1:
            return [0] * (len(weights) - 1)
        bounds = np.cumsum(weights)
        ranks = [min(count - 1, round(count * int(b) / int(bounds[-1]))) for b in bounds[:-1]]
        stored: np.ndarray = np.memmap(scratch, kind, "r+", shape=(count,))
        stored.partition(sorted(set(ranks)))
        return [stored[rank].item() for rank in ranks]
    finally:
        scratch.unlink(missing_ok=True)


def _iso_microseconds(text: bytes) -> int | None:
    # Python 3.10 reads no Z; any other zone, and none (which is UTC here), it does read.
    iso = text.strip()
    iso = iso[:-1] + b"+00:00" if iso[-1:] in (b"Z", b"z") else iso
    try:
        moment = datetime.datetime.fromisoformat(iso.decode())
    except ValueError:
        return None
    zoned = moment.replace(tzinfo=datetime.timezone.utc) if moment.tzinfo is None else moment
    return (zoned - _EPOCH) // datetime.timedelta(microseconds=1)


def _reader(pattern: str) -> Callable[[bytes], int | None]:
    def read(text: bytes) -> int | None:
        seconds = time_format.parse(pattern, text)
        return None if seconds is None else seconds * 1_000_000

    return read


def _encoded(column: Column) -> Column:
    encoded = column.values.dictionary_encode()
    return Column(encoded.dictionary, encoded.indices)
