"""TFRecord files of one split and its Arrow copy, written by a thread of their own.

A record is its length, a masked CRC-32C of the length, the data, and a masked
CRC-32C of the data. Compressing releases Python's lock, so the thread runs
beside the encoding of the next batch.

Format: https://www.tensorflow.org/tutorials/load_data/tfrecord
"""

from __future__ import annotations

import itertools
import queue
import threading
import zlib
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Protocol

import numpy as np

from components.example_gen.settings import Compression
from core.columnar_examples import ColumnarWriter

if TYPE_CHECKING:
    import pyarrow as pa

FILE_PREFIX = "data_tfrecord"
# Uncompressed bytes after which the next file of a split begins: several files let a
# reader interleave, many small ones cost it more than they give.
SHARD_BYTES = 256 * 1024**2
_QUEUED_BATCHES = 2
_MASK_DELTA = np.uint32(0xA282EAD8)
# zlib's code for a gzip header and trailer; its time stamp is zero, so equal input
# gives equal files.
_GZIP_WINDOW = 31
_FASTEST = 1


def frame_records(records: pa.Array, listed: list[bytes]) -> pa.Array:
    """Puts the TFRecord header and footer around each record.

    Args:
      records: large_binary, one record a row.
      listed: The same records as a list.

    Returns:
      large_binary, one framed record a row.
    """
    import google_crc32c
    import pyarrow as pa
    import pyarrow.compute as pc

    lengths = np.fromiter(map(len, listed), np.uint64, len(listed))
    distinct, places = np.unique(lengths, return_inverse=True)
    heads = []
    for length in distinct.astype("<u8"):
        packed = length.tobytes()
        heads.append(packed + masked_checksums(np.array([google_crc32c.value(packed)])).tobytes())
    headers = pa.array(heads, pa.large_binary()).take(pa.array(places.astype(np.int32)))
    checksums = np.fromiter(map(google_crc32c.value, listed), np.uint32, len(listed))
    offsets = np.arange(len(listed) + 1, dtype=np.int64) * 4
    footers = pa.Array.from_buffers(
        pa.large_binary(),
        len(listed),
        [None, pa.py_buffer(offsets), pa.py_buffer(masked_checksums(checksums))],
    )
    return pc.binary_join_element_wise(headers, records, footers, pa.scalar(b"", pa.large_binary()))


def record_list(records: pa.Array) -> list[bytes]:
    """The records of a large_binary array without nulls, one by one."""
    offsets = np.frombuffer(records.buffers()[1], np.int64)
    bounds = offsets[records.offset : records.offset + len(records) + 1]
    data = bytes(data_bytes(records))
    places = (bounds - bounds[0]).tolist()
    return [data[start:end] for start, end in itertools.pairwise(places)]


def data_bytes(array: pa.Array) -> memoryview:
    """The values of a large_binary array one after the other."""
    offsets = np.frombuffer(array.buffers()[1], np.int64)
    start, end = offsets[array.offset], offsets[array.offset + len(array)]
    return memoryview(array.buffers()[2])[start:end]


class SplitWriter:
    """Writes one split of an Examples artifact; a context manager.

    Args:
      uri: The Examples artifact's uri, a local path.
      split: The split's name.
      schema: The schema of the Arrow copy.
      compression: Of the TFRecord files.
      shard_bytes: Uncompressed bytes after which the next file begins.
    """

    def __init__(
        self,
        uri: str,
        split: str,
        schema: pa.Schema,
        compression: Compression,
        shard_bytes: int = SHARD_BYTES,
    ) -> None:
        self.split = split
        self.rows = 0
        self._columnar = ColumnarWriter(uri, split, schema)
        self._shards = _Shards(Path(uri) / f"Split-{split}", compression, shard_bytes)
        self._queue: queue.Queue[tuple[memoryview, pa.RecordBatch] | None] = queue.Queue(
            _QUEUED_BATCHES
        )
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, name=f"write-{split}", daemon=True)

    def __enter__(self) -> SplitWriter:
        self._columnar.__enter__()
        self._thread.start()
        return self

    def write(self, framed: memoryview, batch: pa.RecordBatch) -> None:
        """Hands over framed records and the same rows as columns.

        Raises:
          OSError: If an earlier batch could not be written.
        """
        self._raise_error()
        self.rows += batch.num_rows
        self._queue.put((framed, batch))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        self._columnar.__exit__(kind, error, trace)
        if error is None:
            self._raise_error()
            self._shards.finish()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._error is not None:
                continue  # Keep emptying the queue, so that nobody waits for room in it.
            try:
                framed, batch = item
                self._shards.write(framed)
                self._columnar.write(batch)
            except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
                self._error = error
        try:
            self._shards.close()
        except OSError as error:
            self._error = self._error or error


class _Compressor(Protocol):
    def compress(self, data: memoryview, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Plain:
    def compress(self, data: memoryview, /) -> bytes:
        return bytes(data)

    def flush(self) -> bytes:
        return b""


class _Shards:
    """The numbered files of one split; they get their final names when all are written."""

    def __init__(self, folder: Path, compression: Compression, shard_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._compression = compression
        self._shard_bytes = shard_bytes
        self._suffix = ".gz" if compression is Compression.GZIP else ""
        self._paths: list[Path] = []
        self._stream: IO[bytes] | None = None
        self._compressor: _Compressor = _Plain()
        self._written = 0
        self._open_next()

    def write(self, framed: memoryview) -> None:
        if self._written >= self._shard_bytes:
            self.close()
            self._open_next()
        assert self._stream is not None
        self._stream.write(self._compressor.compress(framed))
        self._written += len(framed)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.write(self._compressor.flush())
            self._stream.close()
            self._stream = None

    def finish(self) -> None:
        total = len(self._paths)
        for index, path in enumerate(self._paths):
            name = f"{FILE_PREFIX}-{index:05d}-of-{total:05d}{self._suffix}"
            path.rename(self._folder / name)

    def _open_next(self) -> None:
        path = self._folder / f".{FILE_PREFIX}-{len(self._paths):05d}{self._suffix}"
        self._paths.append(path)
        self._stream = path.open("wb")
        self._written = 0
        if self._compression is Compression.GZIP:
            self._compressor = zlib.compressobj(_FASTEST, zlib.DEFLATED, _GZIP_WINDOW)
        else:
            self._compressor = _Plain()


def masked_checksums(checksums: np.ndarray) -> np.ndarray:
    """TFRecord's masked form of CRC-32C checksums, little-endian uint32."""
    crc = checksums.astype(np.uint32)
    rotated = (crc >> np.uint32(15)) | (crc << np.uint32(17))
    return (rotated + _MASK_DELTA).astype("<u4")
