"""Avro's object container files: the header, and the blocks of records within.

The blocks are found and decompressed here and not by fastavro, which knows Snappy and
Zstandard only with packages of their own; Arrow has both. It also lets a reader count
rows without decoding them, and say where a file breaks off.

Format: https://avro.apache.org/docs/1.11.1/specification/#object-container-files
"""

from __future__ import annotations

import bz2
import dataclasses
import json
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from components.example_gen.formats.detection import AVRO_MAGIC, SourceFile
from components.example_gen.formats.reader import damaged
from components.example_gen.records.encoding import varint
from core.errors import DataError

_SYNC_BYTES = 16
_MOST_VARINT_BYTES = 10
# Larger than any writer makes them; a length beyond it is damage, not data.
_MOST_BYTES = 256 * 1024**2
_CHECKSUM_BYTES = 4


@dataclasses.dataclass(frozen=True)
class AvroHeader:
    """What a container file says before its blocks.

    Attributes:
      schema: The writer's schema, as parsed JSON.
      codec: How blocks are compressed.
      sync: The sixteen bytes after each block.
    """

    schema: Any
    codec: str
    sync: bytes


@dataclasses.dataclass(frozen=True)
class AvroBlock:
    """Some records.

    Attributes:
      rows: How many.
      data: The records one after the other, decompressed; empty where not asked for.
    """

    rows: int
    data: bytes


def read_header(source: SourceFile) -> AvroHeader:
    """The header of a container file.

    Raises:
      DataError: If it is damaged or names a codec that is not known.
    """
    with source.open() as stream:
        return _header(source, stream)


def read_blocks(source: SourceFile, *, count_only: bool = False) -> Iterator[AvroBlock]:
    """The blocks of a container file, one at a time.

    Args:
      source: The file.
      count_only: Whether the records are passed over, not read.

    Raises:
      DataError: If the file breaks off or is damaged; the message says from which row on.
    """
    row = 1
    try:
        with source.open() as stream:
            header = _header(source, stream)
            while (rows := _long(stream, end_allowed=True)) is not None:
                size = _long(stream)
                if rows < 0 or size is None or not 0 <= size <= _MOST_BYTES:
                    raise ValueError(f"a block of {rows} rows and {size} bytes")
                data = b""
                packed = _exactly(stream, size)
                if _exactly(stream, _SYNC_BYTES) != header.sync:
                    raise ValueError("a block does not end where it says")
                if not count_only:
                    data = _CODECS[header.codec](packed)
                yield AvroBlock(rows, data)
                row += rows
    except (EOFError, ValueError, OSError, zlib.error, lzma.LZMAError) as error:
        raise damaged(source, error, row) from error


def _header(source: SourceFile, stream: IO[bytes]) -> AvroHeader:
    try:
        if stream.read(len(AVRO_MAGIC)) != AVRO_MAGIC:
            raise ValueError("it does not start as Avro files do")
        metadata: dict[str, bytes] = {}
        while count := _long(stream) or 0:
            if count < 0:
                count = -count
                _long(stream)
            for _ in range(count):
                key = _exactly(stream, _size(stream)).decode()
                metadata[key] = _exactly(stream, _size(stream))
        sync = _exactly(stream, _SYNC_BYTES)
        schema = json.loads(metadata["avro.schema"])
        codec = metadata.get("avro.codec", b"null").decode()
    except (EOFError, ValueError, KeyError, RecursionError) as error:
        raise damaged(source, error) from error
    if codec not in _CODECS:
        raise DataError(
            f"{source.name} is compressed with {codec!r}",
            evidence=[f"{source.path}: avro.codec is {codec}"],
            hint=f"write it with one of {', '.join(_CODECS)}",
            code="unknown-codec",
        )
    return AvroHeader(schema, codec, sync)


def encode_long(number: int) -> bytes:
    """A number as Avro writes it: zig-zag, in groups of seven bits."""
    return varint((number << 1) ^ (number >> 63))


def _long(stream: IO[bytes], *, end_allowed: bool = False) -> int | None:
    """The next number; None at the end of the file, where that may be."""
    zigzag = 0
    for place in range(_MOST_VARINT_BYTES):
        byte = stream.read(1)
        if not byte:
            if end_allowed and place == 0:
                return None
            raise EOFError("the file ends too early")
        zigzag |= (byte[0] & 0x7F) << (7 * place)
        if byte[0] < 0x80:
            return (zigzag >> 1) ^ -(zigzag & 1)
    raise ValueError("a length has no end")


def _size(stream: IO[bytes]) -> int:
    size = _long(stream)
    assert size is not None
    if not 0 <= size <= _MOST_BYTES:
        raise ValueError(f"a length of {size}")
    return size


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError("the file ends too early")
    return data


def _inflate(packed: bytes) -> bytes:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    return _bounded(engine.decompress(packed, _MOST_BYTES + 1))


def _unbzip2(packed: bytes) -> bytes:
    return _bounded(bz2.BZ2Decompressor().decompress(packed, _MOST_BYTES + 1))


def _unxz(packed: bytes) -> bytes:
    return _bounded(lzma.LZMADecompressor().decompress(packed, _MOST_BYTES + 1))


def _unsnap(packed: bytes) -> bytes:
    """One Snappy block, which starts with its length, and a checksum of what it holds."""
    import pyarrow as pa

    size, shift = 0, 0
    for byte in packed[:_MOST_VARINT_BYTES]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if size > _MOST_BYTES:
        raise ValueError(f"a block of {size} bytes")
    body, checksum = packed[:-_CHECKSUM_BYTES], packed[-_CHECKSUM_BYTES:]
    data: bytes = pa.decompress(body, decompressed_size=size, codec="snappy", asbytes=True)
    if zlib.crc32(data) != int.from_bytes(checksum, "big"):
        raise ValueError("a block's checksum is wrong")
    return data


def _unzstd(packed: bytes) -> bytes:
    import pyarrow as pa

    with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
        return _bounded(bytes(stream.read(_MOST_BYTES + 1)))


def _bounded(data: bytes) -> bytes:
    if len(data) > _MOST_BYTES:
        raise ValueError(f"a block of more than {_MOST_BYTES} bytes")
    return data


_CODECS: dict[str, Callable[[bytes], bytes]] = {
    "null": bytes,
    "deflate": _inflate,
    "snappy": _unsnap,
    "bzip2": _unbzip2,
    "xz": _unxz,
    "zstandard": _unzstd,
}
