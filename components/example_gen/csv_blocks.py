"""A CSV file as blocks of whole records, each block knowing its line numbers.

Arrow parses fast but says little about where a row stands in its file. So the file is
cut here, at line ends outside quotes (an even number of quotes lies before them,
which is also how TFX's CsvExampleGen tells records apart), and everything that
would make the rest of the file meaningless is refused here: bytes that are no text,
a compressed stream that breaks off, a quote that never closes.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import zlib
from collections.abc import Iterator

import numpy as np

from components.example_gen.detection import SourceFile
from components.example_gen.reader import damaged
from components.example_gen.settings import IngestionSettings
from core.errors import DataError

BLOCK_BYTES = 8 * 1024**2
# One record longer than this is a quote that was never closed, not a row.
RECORD_BYTES = 64 * 1024**2
_LINE_END = 0x0A
_EXCERPT_BYTES = 100_000
# A byte in eight of a compressed or compiled file is one of these; of a text hardly any,
# unless one serves as the delimiter.
_CONTROLS = bytes(byte for byte in range(1, 32) if byte not in b"\t\n\r\x01\x1f")
_CONTROL_SHARE = 0.02


@dataclasses.dataclass(frozen=True)
class Block:
    """Some whole records of one file.

    Attributes:
      file: The file's path.
      line: The number of the line on which the first record starts, from 1.
      data: The records as they stand in the file; the last line end may be missing.
      quoted: Whether any quote occurs in the data.
    """

    file: str
    line: int
    data: bytes
    quoted: bool


@dataclasses.dataclass(frozen=True)
class CsvHeader:
    """The column names of one file and where its data starts.

    Attributes:
      names: The columns in the file's order.
      line: The number of the first line after the header.
    """

    names: tuple[str, ...]
    line: int


def read_blocks(
    source: SourceFile, settings: IngestionSettings, block_bytes: int = BLOCK_BYTES
) -> Iterator[CsvHeader | Block]:
    """Reads one CSV file: first its header, then its blocks.

    Args:
      source: The file.
      settings: Delimiter and quote.
      block_bytes: The size of a block.

    Yields:
      One `CsvHeader`, then blocks.

    Raises:
      DataError: If the file is truncated, is not text, has no proper header or no rows.
    """
    quote = settings.quote.encode() if settings.quote is not None else None
    header: CsvHeader | None = None
    line, rest, rows = 1, b"", False
    for chunk in text_chunks(source, block_bytes):
        data = rest + chunk
        if (zero := chunk.find(0)) >= 0:
            line += data.count(b"\n", 0, len(rest) + zero)
            raise _binary(source, f"row {line:,} holds a zero byte")
        end = _end_of_records(data, quote)
        rest, data = data[end:], data[:end]
        if len(rest) > RECORD_BYTES:
            line += data.count(b"\n")
            raise _unclosed(source, line, rest, _column_of_open_quote(rest, header, settings))
        if header is None and data:
            header, data = _take_header(source, data, settings)
            line = header.line
            yield header
        if data:
            if not _is_blank(data):
                rows = True
                yield Block(source.path, line, data, quote is not None and quote in data)
            line += data.count(b"\n")
    if quote is not None and rest.count(quote) % 2:
        raise _unclosed(source, line, rest, _column_of_open_quote(rest, header, settings))
    if header is None:
        header, rest = _take_header(source, rest, settings)
        yield header
        line = header.line
    if not _is_blank(rest):
        rows = True
        yield Block(source.path, line, rest, quote is not None and quote in rest)
    if not rows:
        raise DataError(
            f"{source.name} has a header but no rows",
            evidence=[f"{source.path}: columns {', '.join(header.names[:8])}"],
            hint="write the file again, or take it out of the folder",
            code="no-rows",
        )


def split_records(block: Block, quote: str | None) -> Iterator[tuple[int, bytes]]:
    """Cuts a block into records; slow, for saying where something is wrong.

    Args:
      block: The block.
      quote: The quote character, None where quotes mean nothing.

    Yields:
      The number of the line on which a record starts, and its bytes. Blank lines are
      left out, as every CSV reader does.
    """
    mark = quote.encode() if quote is not None else None
    line, start, held, quotes = block.line, block.line, b"", 0
    for text in _lines(block.data):
        held += text
        quotes += text.count(mark) if mark is not None else 0
        line += 1
        if quotes % 2 == 0:
            if held.strip(b"\r\n"):
                yield start, held
            start, held, quotes = line, b"", 0
    if held:
        yield start, held


def _is_blank(data: bytes) -> bool:
    # isspace looks no further than the first other character; strip copies everything.
    return not data or (data.isspace() and not data.strip(b"\r\n"))


def _lines(data: bytes) -> Iterator[bytes]:
    """Lines that end in a line feed; unlike splitlines, a carriage return ends none."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end


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
                hint="save the file as UTF-8",
                code="not-utf-8",
            )
    head = chunk[:_EXCERPT_BYTES]
    controls = len(head) - len(head.translate(None, _CONTROLS))
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


def _take_header(
    source: SourceFile, data: bytes, settings: IngestionSettings
) -> tuple[CsvHeader, bytes]:
    line, start = 1, 0
    for record_line, record in split_records(Block(source.path, 1, data, True), settings.quote):
        start = data.index(record, start) + len(record)
        line = record_line + max(1, record.count(b"\n"))
        return CsvHeader(_names(source, record, settings), line), data[start:]
    raise DataError(
        f"{source.name} is empty",
        evidence=[f"{source.path} holds blank lines only"],
        hint="write the file again, or take it out of the folder",
        code="empty-file",
    )


def _names(source: SourceFile, record: bytes, settings: IngestionSettings) -> tuple[str, ...]:
    try:
        text = record.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DataError(
            f"the header of {source.name} is not UTF-8",
            evidence=[f"{source.path}, row 1: {error.reason} at byte {error.start + 1}"],
            hint="save the file as UTF-8",
            code="not-utf-8",
        ) from error
    try:
        names = parse_record(text, settings)
    except csv.Error as error:
        raise DataError(
            f"the header of {source.name} cannot be read",
            evidence=[f"{source.path}, row 1: {error_text(error)}"],
            hint="lines must end in a line feed, with or without a carriage return before it",
            code="unreadable-header",
        ) from error
    _check_names(source, names, settings)
    return tuple(names)


def _check_names(source: SourceFile, names: list[str], settings: IngestionSettings) -> None:
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if not name.strip():
            raise DataError(
                f"column {place} of {source.name} has no name",
                evidence=[f"{source.path}, row 1: {', '.join(names[:12])}"],
                hint="the first line must name every column",
                code="unnamed-column",
            )
        if name in seen:
            raise DataError(
                f"column {name!r} stands twice in {source.name}",
                evidence=[f"{source.path}, row 1: columns {seen[name]} and {place}"],
                hint="rename or remove one of them",
                code="duplicate-column",
            )
        seen[name] = place
    others = [mark for mark in ",;\t|" if mark != settings.delimiter and mark in names[0]]
    if len(names) == 1 and others:
        raise DataError(
            f"the header of {source.name} has one column: {names[0]!r}",
            evidence=[f"{source.path}, row 1", f"`delimiter` is {settings.delimiter!r}"],
            hint=f"set `delimiter` to {others[0]!r}",
            code="wrong-delimiter",
        )


def parse_record(text: str, settings: IngestionSettings) -> list[str]:
    """The fields of one record, as Python's csv module reads them.

    Args:
      text: The record, without its line end.
      settings: Delimiter and quote.

    Raises:
      csv.Error: If the csv module cannot read it.
    """
    if settings.quote is None:
        return next(csv.reader([text], delimiter=settings.delimiter, quoting=csv.QUOTE_NONE))
    return next(csv.reader([text], delimiter=settings.delimiter, quotechar=settings.quote))


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


def error_text(error: csv.Error) -> str:
    """What the csv module says, in words that fit a table and not a Python program."""
    text = str(error)
    return "a carriage return inside an unquoted field" if "new-line" in text else text


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
