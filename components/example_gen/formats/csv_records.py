"""Blocks of CSV cut into records, and records cut into fields; slow, for few of them."""

from __future__ import annotations

import csv
import dataclasses
import functools
import re
from collections.abc import Iterator

from components.example_gen.settings import IngestionSettings

# One record longer than this is a quote that was never closed, not a row.
RECORD_BYTES = 64 * 1024**2


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


def trim_fields(data: bytes, delimiter: str, quote: str | None) -> bytes:
    """Takes away the blanks and tabs around fields; those within quotes stay.

    Args:
      data: Whole records.
      delimiter: Between fields; it is no blank itself.
      quote: Around fields; None where quotes mean nothing.

    Returns:
      The same records on the same lines.
    """
    blanks = b" \t".replace(delimiter.encode(), b"")
    before, after = _around_fields(delimiter)

    def trimmed(text: bytes) -> bytes:
        return before.sub(b"", after.sub(rb"\1", text))

    if quote is None or quote.encode() not in data:
        return trimmed(data).strip(blanks)
    # Every second part stands within quotes; between a doubled quote there is nothing.
    parts = data.split(quote.encode())
    parts[::2] = [trimmed(part) for part in parts[::2]]
    parts[0] = parts[0].lstrip(blanks)
    if len(parts) % 2:
        parts[-1] = parts[-1].rstrip(blanks)
    return quote.encode().join(parts)


@functools.lru_cache
def _around_fields(delimiter: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Blanks before the end of a field, and blanks after it with the end."""
    mark = re.escape(delimiter)
    blank = "[" + "".join({" ", "\t"} - {delimiter}) + "]"
    # Only the first of many blanks is tried, or long runs of them would cost their square.
    before = rf"(?<!{blank}){blank}+(?=[{mark}\n]|\r\n)"
    after = rf"([{mark}\n]){blank}+"
    return re.compile(before.encode()), re.compile(after.encode())


def parse_record(text: str, settings: IngestionSettings) -> list[str]:
    """The fields of one record, as Python's csv module reads them.

    Args:
      text: The record, without its line end.
      settings: Delimiter and quote.

    Raises:
      csv.Error: If the csv module cannot read it.
    """
    return parse_fields(text, settings.delimiter, settings.quote)


def parse_fields(text: str, delimiter: str, quote: str | None) -> list[str]:
    """The fields of one record with a delimiter and a quote.

    Args:
      text: The record, without its line end.
      delimiter: One character.
      quote: One character; None where quotes mean nothing.

    Raises:
      csv.Error: If the csv module cannot read it.
    """
    # The csv module refuses fields of more than 128 KiB unless it is told otherwise.
    csv.field_size_limit(RECORD_BYTES)
    if quote is None:
        return next(csv.reader([text], delimiter=delimiter, quoting=csv.QUOTE_NONE))
    return next(csv.reader([text], delimiter=delimiter, quotechar=quote))


def error_text(error: csv.Error) -> str:
    """What the csv module says, in words that fit a table and not a Python program."""
    text = str(error)
    return "a carriage return inside an unquoted field" if "new-line" in text else text


def _lines(data: bytes) -> Iterator[bytes]:
    """Lines that end in a line feed; unlike splitlines, a carriage return ends none."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end
