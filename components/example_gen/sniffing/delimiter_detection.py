"""Which character delimits the fields of a CSV file, and which one encloses them."""

from __future__ import annotations

import collections
import csv
import dataclasses
import re
from collections.abc import Iterator, Sequence

from components.example_gen.formats.csv_records import Block, parse_fields, split_records
from components.example_gen.sniffing.cell_kinds import cell_kind

# In the order of preference where nothing else tells them apart.
_DELIMITERS = (",", "\t", ";", "|", "\x1f", "\x01", "^", "~")
# These stand within values so often that every row must have the same number of them.
_WEAK_DELIMITERS = (" ", ":")
_WEAK_FIELDS, _WEAK_ROWS = 3, 5
_ROWS = 300
_CELLS = 20_000
_ONE_COLUMN = 1e-3


@dataclasses.dataclass(frozen=True)
class Layout:
    """Records cut into fields by one delimiter and one quote.

    Attributes:
      delimiter: Between fields.
      quote: Around fields; None where quotes mean nothing.
      rows: The first records.
      score: How much they look like a table, from 0 to 1.
    """

    delimiter: str
    quote: str | None
    rows: tuple[tuple[str, ...], ...]
    score: float

    @property
    def fields(self) -> int:
        """How many fields most rows have."""
        counts = collections.Counter(len(row) for row in self.rows)
        return counts.most_common(1)[0][0] if counts else 0

    @property
    def regular(self) -> bool:
        """Whether all rows have equally many fields."""
        return len({len(row) for row in self.rows}) == 1


def find_layout(data: bytes) -> Layout:
    """Tries delimiters and quotes on the first records of a file.

    A layout is the better, the more fields it finds, the fewer different numbers of them,
    and the more fields look like a number, a time or a text without delimiters. Source:
    van den Burg, Nazabal, Sutton: Wrangling messy CSV files by detecting row and type
    patterns (2019), https://arxiv.org/abs/1811.11242.

    Args:
      data: Whole records, UTF-8.

    Returns:
      The best layout; a comma where there is only one column.
    """
    best: Layout | None = None
    for quote in _quotes(data):
        records = list(_records(data, quote))
        for delimiter in _DELIMITERS:
            if delimiter != "," and delimiter.encode() not in data:
                continue
            layout = _layout(records, delimiter, quote)
            if layout is not None and (best is None or layout.score > best.score * 1.000001):
                best = layout
    if best is None:
        return Layout(",", '"', (), 0.0)
    if best.fields > 1:
        return best
    return _weak_layout(list(_records(data, '"'))) or best


def _records(data: bytes, quote: str | None) -> Iterator[str]:
    taken = 0
    for count, (_, record) in enumerate(split_records(Block("", 1, data, True), quote)):
        taken += len(record)
        # Half of the bytes may be delimiters; each layout costs its cells.
        if count >= _ROWS or (count >= 20 and taken > 2 * _CELLS):
            return
        yield record.decode("utf-8", "replace").rstrip("\r\n")


def _quotes(data: bytes) -> list[str | None]:
    quotes: list[str | None] = ['"']
    if re.search(rb"(?:^|[,;\t| \n])'(?:[^'\n]|'')*'(?:[,;\t|\r\n]|$)", data):
        quotes.append("'")
    if b'"' in data:
        quotes.append(None)
    return quotes


def _layout(records: Sequence[str], delimiter: str, quote: str | None) -> Layout | None:
    try:
        rows = tuple(tuple(parse_fields(record, delimiter, quote)) for record in records)
    except csv.Error:
        return None
    return Layout(delimiter, quote, rows, _pattern_score(rows) * _kind_score(rows))


def _pattern_score(rows: Sequence[Sequence[str]]) -> float:
    counts = collections.Counter(len(row) for row in rows)
    total = sum(count * (max(_ONE_COLUMN, fields - 1) / fields) for fields, count in counts.items())
    return total / len(counts) / max(1, len(rows))


def _kind_score(rows: Sequence[Sequence[str]]) -> float:
    cells = known = 0
    for row in rows:
        cells += len(row)
        known += sum(cell_kind(cell) != "unknown" for cell in row)
    # Free text has delimiters of all kinds; it must not outweigh rows of equal length.
    return 0.1 + 0.9 * known / max(1, cells)


def _weak_layout(records: Sequence[str]) -> Layout | None:
    """Fields between blanks or colons, where no row is a number or a time as a whole."""
    if len(records) < _WEAK_ROWS or any(cell_kind(r) in ("number", "time") for r in records):
        return None
    for delimiter in _WEAK_DELIMITERS:
        layout = _layout(records, delimiter, '"')
        if layout is None or not layout.regular or layout.fields < _WEAK_FIELDS:
            continue
        body = layout.rows[1:]
        columns = list(zip(*body, strict=True))
        numbers = sum(all(cell_kind(cell) == "number" for cell in column) for column in columns)
        if numbers and not any(cell == "" for row in body for cell in row):
            return layout
    return None
