"""What a file is, by its first bytes and its name; nothing of TensorFlow here."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import os
import re
import zlib
from collections.abc import Iterable
from typing import IO, cast

import numpy as np

from components.example_gen.records.tfrecords import masked_checksums
from components.example_gen.settings import ColumnType, SourceFormat
from core.errors import DataError, UserError

GZIP_MAGIC = b"\x1f\x8b"
PARQUET_MAGIC = b"PAR1"
AVRO_MAGIC = b"Obj\x01"
TITLES = {
    SourceFormat.CSV: "CSV",
    SourceFormat.PARQUET: "Parquet",
    SourceFormat.TFRECORD: "TFRecord",
    SourceFormat.AVRO: "Avro",
    SourceFormat.JSONL: "JSON lines",
}
# By these a folder's files are chosen; .json is not among them, since a .json file beside
# the data is more often a description of it.
SUFFIXES = {
    SourceFormat.CSV: (".csv", ".csv.gz", ".tsv", ".tsv.gz"),
    SourceFormat.PARQUET: (".parquet",),
    SourceFormat.TFRECORD: (".tfrecord", ".tfrecord.gz", ".tfrecords", ".tfrecords.gz"),
    SourceFormat.AVRO: (".avro",),
    SourceFormat.JSONL: (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"),
}
# These compress within the file, so that a part of it can be read.
_NEVER_GZIPPED = (SourceFormat.PARQUET, SourceFormat.AVRO)
_HEAD_BYTES = 4096
# An object, or a list of them: one that is a single line long is refused in plain words.
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[?\s*\{\s*[\"}]")
_LENGTH_BYTES, _LENGTH_HEAD_BYTES = 8, 12


@dataclasses.dataclass(frozen=True)
class Partition:
    """What the name of a folder, ``region=north``, says of all rows of a file.

    Attributes:
      name: The column.
      text: The value; None where it is missing.
      type: The column's type, learned from the folders of all files; None where the value is
        missing in all of them.
    """

    name: str
    text: str | None
    type: ColumnType | None


@dataclasses.dataclass(frozen=True)
class SourceFile:
    """One file to read.

    Attributes:
      path: Where it lies.
      format: What it is, never auto.
      size: Bytes on disk.
      gzipped: Whether it is to be decompressed first.
      place: The path below the folder of the data, without the suffixes: the same wherever
        the data lie and whatever their format.
      partitions: The columns that lie in the names of its folders.
    """

    path: str
    format: SourceFormat
    size: int
    gzipped: bool = False
    place: str = ""
    partitions: tuple[Partition, ...] = ()

    @property
    def name(self) -> str:
        """The path's last part, for headlines."""
        return self.path.rsplit("/", 1)[-1]

    def open(self) -> IO[bytes]:
        """Opens the file's content, decompressed."""
        stream = _open(self.path)
        return cast("IO[bytes]", gzip.open(stream, "rb")) if self.gzipped else stream


def identify(path: str, wanted: SourceFormat) -> SourceFile:
    """Looks at a file's first bytes.

    Args:
      path: The file, local or remote.
      wanted: What it is to be; auto for what it is.

    Raises:
      UserError: If the file cannot be opened.
      DataError: If it is empty or surely of another format than the wanted one.
    """
    name = os.path.basename(path)
    try:
        with _open(path) as stream:
            head = stream.read(_HEAD_BYTES)
            size = stream.seek(0, os.SEEK_END)
    except OSError as error:
        raise UserError(
            f"{name} cannot be opened: {error.strerror}",
            evidence=[path],
            hint="check the file's permissions",
            code="unreadable-file",
        ) from error
    if not size:
        raise DataError(
            f"{name} is empty",
            evidence=[f"{path}: 0 bytes"],
            hint="write the file again, or take it out of the folder",
            code="empty-file",
        )
    gzipped = head.startswith(GZIP_MAGIC)
    content = _inflated(head) if gzipped else head
    sure = _by_magic(content)
    if wanted is SourceFormat.AUTO:
        wanted = sure or _by_start_or_name(content, name)
    elif sure is not None and sure is not wanted:
        raise DataError(
            f"{name} is {_a_file(sure)}, not {TITLES[wanted]}",
            evidence=[f"{path} starts with {content[:12]!r}"],
            hint=f"set `format: {sure.value}`, or auto",
            code="wrong-format",
        )
    if gzipped and wanted in _NEVER_GZIPPED:
        raise DataError(
            f"{name} is {_a_file(wanted)} inside gzip",
            evidence=[path],
            hint=f"unpack it with gunzip: {TITLES[wanted]} files are compressed within",
            code="gzip-around",
        )
    return SourceFile(path, wanted, size, gzipped)


def formats_of(names: Iterable[str]) -> dict[SourceFormat, list[str]]:
    """The formats that some file names tell, each with the suffixes that tell it."""
    names = list(names)
    found = {
        kind: [suffix for suffix in suffixes if any(n.endswith(suffix) for n in names)]
        for kind, suffixes in SUFFIXES.items()
    }
    return {kind: sorted(suffixes) for kind, suffixes in found.items() if suffixes}


def _by_magic(content: bytes) -> SourceFormat | None:
    """The format, where the bytes leave no doubt."""
    if content.startswith(PARQUET_MAGIC):
        return SourceFormat.PARQUET
    if content.startswith(AVRO_MAGIC):
        return SourceFormat.AVRO
    return SourceFormat.TFRECORD if _starts_record(content) else None


def _by_start_or_name(content: bytes, name: str) -> SourceFormat:
    # A file that lacks its first bytes is called damaged, not CSV.
    for kind in (SourceFormat.PARQUET, SourceFormat.AVRO, SourceFormat.TFRECORD):
        if name.endswith(SUFFIXES[kind]):
            return kind
    if name.endswith(SUFFIXES[SourceFormat.CSV]):
        return SourceFormat.CSV
    if name.endswith(SUFFIXES[SourceFormat.JSONL]) or _JSON_START.match(content):
        return SourceFormat.JSONL
    return SourceFormat.CSV


def _a_file(kind: SourceFormat) -> str:
    article = "an" if TITLES[kind][0] in "AEIOU" else "a"
    return f"{article} {TITLES[kind]} file"


def _starts_record(content: bytes) -> bool:
    """Whether bytes start as a TFRecord does: a length, and the checksum of the length."""
    length = content[:_LENGTH_BYTES]
    # What is text has no zero byte here, and needs no checksum.
    if len(content) < _LENGTH_HEAD_BYTES or length[4:] != bytes(4):
        return False
    import google_crc32c

    checksum = masked_checksums(np.array([google_crc32c.value(length)])).tobytes()
    return content[_LENGTH_BYTES:_LENGTH_HEAD_BYTES] == checksum


def _inflated(head: bytes) -> bytes:
    with contextlib.suppress(zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _HEAD_BYTES)
    return b""


def _open(path: str) -> IO[bytes]:
    if "://" not in path:
        return open(path, "rb")
    from tfx.dsl.io import fileio

    return cast("IO[bytes]", fileio.open(path, "rb"))
