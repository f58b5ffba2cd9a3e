"""How many columns a file has, told from its first or last bytes before anything is read.

What cannot be told so is counted when the file is read (`check_width`).
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator

from components.example_gen.formats.detection import SourceFile
from components.example_gen.settings import IngestionSettings, SourceFormat
from core.errors import DataError

_HEAD_BYTES = 4096
_LONGEST_LINE = 64 * 1024**2
_DELIMITERS = b",;\t|"
_LIST_OF_STRUCTS, _LONG_LIST = 0x0C, 0xF0
_MAP_ENTRY = 0x0A


def check_first_bytes(source: SourceFile, settings: IngestionSettings) -> None:
    """Refuses a file on this machine that is seen to have too many columns.

    Args:
      source: The file.
      settings: How many there may be, and the delimiter of CSV files.

    Raises:
      DataError: If there are more.
    """
    if "://" in source.path:
        return
    if source.format is SourceFormat.PARQUET:
        check_width(source, _parquet_columns(source), settings)
    elif source.format is SourceFormat.TFRECORD:
        check_width(source, _example_features(source, settings.max_columns), settings)
    elif source.format in (SourceFormat.CSV, SourceFormat.JSONL):
        try:
            line = _long_first_line(source)
        except (OSError, EOFError, zlib.error):
            return  # the reader says what is wrong, and where
        if source.format is SourceFormat.JSONL:
            # Not the quotes within texts, which are written \".
            check_width(source, line.count(b'":') - line.count(b'\\":'), settings)
        elif max(map(line.count, _delimiters(settings))) >= settings.max_columns:
            check_width(source, _csv_fields(line, settings), settings)


def check_width(source: SourceFile, columns: int, settings: IngestionSettings) -> None:
    """Refuses more columns than are allowed.

    Args:
      source: The file.
      columns: How many columns were counted.
      settings: How many there may be.

    Raises:
      DataError: If there are more.
    """
    if columns > settings.max_columns:
        raise DataError(
            f"{source.name} has more than {settings.max_columns:,} columns",
            evidence=[f"{source.path}: at least {columns:,}"],
            hint="names are columns; put what differs from row to row into values, or raise"
            " `data.max_columns`",
            code="too-many-columns",
        )


def _delimiters(settings: IngestionSettings) -> Iterator[bytes]:
    yield settings.delimiter.encode()
    for code in _DELIMITERS:
        yield bytes([code])


def _long_first_line(source: SourceFile) -> bytes:
    """The first line, where it has room for thousands of columns; else nothing."""
    with source.open() as stream:
        head = stream.read(_HEAD_BYTES)
        if b"\n" in head or len(head) < _HEAD_BYTES:
            return head.split(b"\n", 1)[0]
        return head + stream.readline(_LONGEST_LINE)


def _csv_fields(line: bytes, settings: IngestionSettings) -> int:
    """The fields of a line, cut at the delimiter that cuts it most; others may stand in texts."""
    text = line.decode("utf-8", "replace")
    delimiter = max(_delimiters(settings), key=line.count).decode()
    try:
        return len(next(csv.reader([text], delimiter=delimiter)))
    except (csv.Error, StopIteration):
        return 0


def _example_features(source: SourceFile, most: int) -> int:
    """The features of the first example, counted up to one more than `most`."""
    try:
        with source.open() as stream:
            size = int.from_bytes(stream.read(12)[:8], "little")
            data = stream.read(min(size, _LONGEST_LINE))
        place, found = 0, 0
        for _ in range(2):  # the example's only field, and the length of its features
            place = _varint(data, place)[1]
        while place < len(data) and data[place] == _MAP_ENTRY and found <= most:
            length, place = _varint(data, place + 1)
            place, found = place + length, found + 1
    except (OSError, EOFError, IndexError, zlib.error):
        return 0
    return found


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number in protobuf's variable length, and where it ends."""
    value, shift = 0, 0
    while True:
        byte = data[place]
        value, shift, place = value | (byte & 0x7F) << shift, shift + 7, place + 1
        if byte < 0x80 or shift > 63:
            return value, place


def _parquet_columns(source: SourceFile) -> int:
    """The length of the schema's list at the start of the footer; 0 where that is not there.

    The footer is a struct in Thrift's compact protocol: the version, a small number, then the
    schema, a list of structs, the first of which is the root.
    Source: https://github.com/apache/parquet-format, parquet.thrift (FileMetaData).
    """
    try:
        with source.open() as stream:
            stream.seek(-8, 2)
            size = int.from_bytes(stream.read(4), "little")
            stream.seek(-8 - size, 2)
            footer = stream.read(16)
    except (OSError, ValueError):
        return 0
    if len(footer) < 16 or footer[0] != 0x15 or footer[1] > 0x7F or footer[2] != 0x19:
        return 0
    if footer[3] != _LONG_LIST | _LIST_OF_STRUCTS:
        return 0  # fewer than fifteen
    count, shift = 0, 0
    for byte in footer[4:14]:
        count |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return count - 1
    return 0
