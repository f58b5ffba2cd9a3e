"""A CSV file as blocks of whole records, each block knowing its line numbers.

Arrow parses fast but says little about where a row stands in its file. So the file is
cut here, at line ends outside quotes (an even number of quotes lies before them,
which is also how TFX's CsvExampleGen tells records apart), and everything that
would make the rest of the file meaningless is refused here: bytes that are no text,
a compressed stream that breaks off, a quote that never closes.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import zlib
from collections.abc import Iterator

import numpy as np

from components.example_gen.formats.csv_header import CsvHeader, take_header
from components.example_gen.formats.csv_records import (
    RECORD_BYTES,
    Block,
    parse_record,
    trim_fields,
)
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.reader import damaged
from components.example_gen.settings import IngestionSettings
from core.errors import DataError, UserError

BLOCK_BYTES = 8 * 1024**2
_LINE_END = 0x0A
_EXCERPT_BYTES = 100_000
# A byte in eight of a compressed or compiled file is one of these; of a text hardly any,
# unless one serves as the delimiter.
_CONTROLS = bytes(byte for byte in range(1, 32) if byte not in b"\t\n\r\x01\x1f")
_CONTROL_SHARE = 0.02
_HALF_ZEROS = 0.3


def read_blocks(
    source: SourceFile, settings: IngestionSettings, block_bytes: int = BLOCK_BYTES
) -> Iterator[CsvHeader | Block]:
    """Reads one CSV file: first its header, then its blocks.

    Args:
      source: The file.
      settings: Delimiter and quote, and the columns' names where the file has no header.
      block_bytes: The size of a block.

    Yields:
      One `CsvHeader`, then blocks.

    Raises:
      DataError: If the file is truncated, is not text, has no proper header or no rows.
      UserError: If `column_names` do not fit the file.
    """
    quote = settings.quote.encode() if settings.quote is not None else None
    header: CsvHeader | None = None
    line, rest, rows = 1, b"", False
    for chunk in text_chunks(source, block_bytes):
        data = rest + chunk
        if (zero := chunk.find(0)) >= 0:
            raise _zero_byte(source, line, data[: len(rest) + zero], header, settings)
        end = _end_of_records(data, quote)
        rest, data = data[end:], data[:end]
        if len(rest) > RECORD_BYTES:
            line += data.count(b"\n")
            raise _unclosed(source, line, rest, _column_of_open_quote(rest, header, settings))
        if settings.trim:
            data = trim_fields(data, settings.delimiter, settings.quote)
        if header is None and data:
            header, data = take_header(source, data, settings)
            line = header.line
            yield header
        if data:
            if not _is_blank(data):
                rows = True
                yield Block(source.path, line, data, quote is not None and quote in data)
            line += data.count(b"\n")
    if quote is not None and rest.count(quote) % 2:
        raise _unclosed(source, line, rest, _column_of_open_quote(rest, header, settings))
    if settings.trim:
        rest = trim_fields(rest, settings.delimiter, settings.quote)
    if header is None:
        header, rest = take_header(source, rest, settings)
        yield header
        line = header.line
    if not _is_blank(rest):
        rows = True
        yield Block(source.path, line, rest, quote is not None and quote in rest)
    if not rows:
        raise DataError(
            f"{source.name} {'has no rows' if header.given else 'has a header but no rows'}",
            evidence=[f"{source.path}: columns {', '.join(header.names[:8])}"],
            hint="write the file again, or take it out of the folder",
            code="no-rows",
        )


def _is_blank(data: bytes) -> bool:
    # isspace looks no further than the first other character; strip copies everything.
    return not data or (data.isspace() and not data.strip(b"\r\n"))


def text_chunks(source: SourceFile, size: int) -> Iterator[bytes]:
    """The bytes of a text file, decompressed, without a byte order mark.

    Args:
      source: The file.
      size: The most bytes of a chunk.

    Raises:
      DataError: If the file is empty, truncated, or its start is not that of UTF-8 text.
    """
    first = True
    try:
        with source.open() as stream:
            while chunk := stream.read(size):
                if first:
                    chunk = _checked_start(source, chunk)
                    first = False
                yield chunk
    except (EOFError, zlib.error, OSError) as error:
        raise damaged(source, error) from error
    if first:
        raise DataError(
            f"{source.name} is empty",
            evidence=[f"{source.path}: no bytes after decompression"],
            hint="write the file again, or take it out of the folder",
            code="empty-file",
        )


def _checked_start(source: SourceFile, chunk: bytes) -> bytes:
    """The first bytes without a byte order mark, if they are those of a text."""
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if chunk.startswith(mark):
            raise DataError(
                f"{source.name} is UTF-16, not UTF-8",
                evidence=[f"{source.path} starts with the bytes {mark.hex(' ')}"],
                hint="save the file as UTF-8, for instance with: iconv -f UTF-16 -t UTF-8",
                code="not-utf-8",
            )
    head = chunk[:_EXCERPT_BYTES]
    for start, order in ((0, "big"), (1, "little")):
        # In a Western text every other byte is zero then.
        if head[start::2].count(0) > len(head) * _HALF_ZEROS > head[1 - start :: 2].count(0):
            raise DataError(
                f"{source.name} is UTF-16, not UTF-8",
                evidence=[f"{source.path}: every other byte is zero ({order}-endian)"],
                hint="save the file as UTF-8, for instance with: iconv -f UTF-16 -t UTF-8",
                code="not-utf-8",
            )
    controls = len(head) - len(head.translate(None, _CONTROLS))
    # One zero byte may be a slip in a text; where there are many, it is none.
    zeros = head.count(0)
    controls += zeros if zeros > 1 else 0
    if controls > _CONTROL_SHARE * len(head):
        raise _binary(source, f"{controls:,} control characters in {len(head):,} bytes")
    return chunk.removeprefix(codecs.BOM_UTF8)


def _end_of_records(data: bytes, quote: bytes | None) -> int:
    """Where the last whole record of `data` ends."""
    if quote is None or quote not in data:
        return data.rfind(b"\n") + 1
    characters = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(characters == _LINE_END)
    quotes = np.flatnonzero(characters == quote[0])
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _column_of_open_quote(
    rest: bytes, header: CsvHeader | None, settings: IngestionSettings
) -> str | None:
    """The column in which the quote that never closes was opened, where it can be told."""
    if header is None:
        return None
    start = rest[:_EXCERPT_BYTES].decode("utf-8", "replace")
    try:
        place = len(parse_record(start, settings))
    except csv.Error:
        return None
    return header.names[place - 1] if 0 < place <= len(header.names) else None


def _zero_byte(
    source: SourceFile,
    line: int,
    before: bytes,
    header: CsvHeader | None,
    settings: IngestionSettings,
) -> DataError:
    """The error that a zero byte is, after `before`, which starts at `line`."""
    start = before.rfind(b"\n") + 1
    if header is None and start:
        with contextlib.suppress(DataError, UserError):
            header, _ = take_header(source, before[:start], settings)
    column = _column_of_open_quote(before[start:] + b"x", header, settings)
    line += before.count(b"\n")
    return DataError(
        f"row {line:,} of {source.name} holds a zero byte, which no text has",
        evidence=[f"{source.path}, row {line:,}" + (f", column {column!r}" if column else "")],
        hint="take it out, for instance with: tr -d '\\000' < FILE > REPAIRED",
        code="zero-byte",
    )


def _unclosed(source: SourceFile, line: int, rest: bytes, column: str | None) -> DataError:
    place = f"{source.path}, row {line:,}" + (f", column {column!r}" if column else "")
    first = rest.split(b"\n", 1)[0].decode("utf-8", "backslashreplace")
    return DataError(
        f"a quote in {source.name} never closes",
        evidence=[
            place,
            f"the row: {first[:160]}",
        ],
        hint="the file may be cut short; close the quote, or set `quote: null` "
        "where quotes mean nothing",
        code="unclosed-quote",
    )


def _binary(source: SourceFile, found: str) -> DataError:
    return DataError(
        f"{source.name} is not a text file",
        evidence=[f"{source.path}: {found}"],
        hint="CSV, JSON lines, TFRecord, Avro and Parquet files can be read",
        code="binary-file",
    )
