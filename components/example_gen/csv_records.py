"""Blocks of CSV cut into records, and records cut into fields; slow, for few of them."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator

from components.example_gen.settings import IngestionSettings


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
