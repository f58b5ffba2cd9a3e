"""The names of a CSV file's columns: from its first line, or from the configuration."""

from __future__ import annotations

import csv
import dataclasses
import itertools
from collections.abc import Sequence

from components.example_gen.formats.csv_records import (
    Block,
    error_text,
    parse_record,
    split_records,
)
from components.example_gen.formats.detection import SourceFile
from components.example_gen.settings import IngestionSettings
from core.errors import DataError, UserError

# So many rows decide whether a header or given names fit the file at all.
_ROWS_TO_ASK = 5
_SHOWN = 12
# What pandas calls the column in which it wrote its index.
_INDEX = "Unnamed: 0"


@dataclasses.dataclass(frozen=True)
class CsvHeader:
    """The column names of one file and where its data starts.

    Attributes:
      names: The columns in the file's order.
      line: The number of the first line of data.
      given: Whether the names are those of `column_names`.
    """

    names: tuple[str, ...]
    line: int
    given: bool = False

    @property
    def described(self) -> str:
        """Who names the columns, for messages about rows that do not fit."""
        return "`column_names`" if self.given else "the header"


def take_header(
    source: SourceFile, data: bytes, settings: IngestionSettings
) -> tuple[CsvHeader, bytes]:
    """Takes the header from the first records of a file.

    Args:
      source: The file.
      data: Its first records.
      settings: Delimiter, quote, and the names where the file has none.

    Returns:
      The header, and the records after it.

    Raises:
      DataError: If the first line is no proper header, or does not fit the rows.
      UserError: If given names do not fit the rows, or the file has a header as well.
    """
    block = Block(source.path, 1, data, True)
    if settings.column_names is not None:
        _check_given_names(source, block, settings.column_names, settings)
        return CsvHeader(settings.column_names, 1, given=True), data
    line, start = 1, 0
    for record_line, record in split_records(block, settings.quote):
        start = data.index(record, start) + len(record)
        line = record_line + max(1, record.count(b"\n"))
        header = CsvHeader(_names(source, record, settings), line)
        _check_fit(source, header, data[start:], settings)
        return header, data[start:]
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
            hint="save the file as UTF-8, for instance with: iconv -f LATIN1 -t UTF-8",
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
    names = _with_index_name(names)
    _check_names(source, names, settings)
    return tuple(names)


def _with_index_name(names: list[str]) -> list[str]:
    """Calls a first column without a name as pandas does, which writes its index so.

    A first line of numbers is rather a row whose first value is missing.
    """
    others = names[1:]
    if names[0].strip() or not all(name.strip() for name in others):
        return names
    if all(_is_number(name) for name in others):
        return names
    called, copies = _INDEX, 0
    while called in others:
        copies += 1
        called = f"{_INDEX}.{copies}"
    return [called, *others]


def _check_names(source: SourceFile, names: list[str], settings: IngestionSettings) -> None:
    shown = f"{source.path}, row 1: {', '.join(names[:_SHOWN])}"
    others = [mark for mark in ",;\t|" if mark != settings.delimiter and mark in names[0]]
    if len(names) == 1 and others:
        raise DataError(
            f"the header of {source.name} has one column: {names[0]!r}",
            evidence=[f"{source.path}, row 1", f"`delimiter` is {settings.delimiter!r}"],
            hint=f"set `delimiter` to {others[0]!r}",
            code="wrong-delimiter",
        )
    # A table without a header most often shows itself by numbers in its first line.
    values = any(_is_number(name) for name in names)
    no_header = "if the first line is a row, name the columns in `column_names`"
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if not name.strip():
            raise DataError(
                f"column {place} of {source.name} has no name",
                evidence=[shown],
                hint=no_header if values else _hint_for_unnamed(place, names, settings),
                code="unnamed-column",
            )
        if name in seen:
            raise DataError(
                f"column {name!r} stands twice in {source.name}",
                evidence=[f"{source.path}, row 1: columns {seen[name]} and {place}"],
                hint=no_header if values else "rename or remove one of them",
                code="duplicate-column",
            )
        seen[name] = place


def _hint_for_unnamed(place: int, names: Sequence[str], settings: IngestionSettings) -> str:
    if len(names) > 2 and sum(bool(name.strip()) for name in names) <= 1:
        return "lines seem to stand above the header, such as a title: take them away"
    if place == len(names) > 1:
        return f"take the {settings.delimiter!r} away with which the lines end"
    return "the first line must name every column"


def _check_fit(
    source: SourceFile, header: CsvHeader, data: bytes, settings: IngestionSettings
) -> None:
    """Refuses a first line that is a title or a comment, where all rows tell the same."""
    counts = _field_counts(Block(source.path, header.line, data, True), settings)
    fields = len(header.names)
    if len(counts) < 2 or len(set(counts)) > 1 or counts[0] == fields:
        return
    if header.names[0].startswith(("#", "//", "%")):
        hint = "take the comment lines away"
    elif fields == 1 and counts[0] > 2:
        hint = "lines seem to stand above the header, such as a title: take them away"
    elif counts[0] == fields + 1:
        hint = "name every column; a delimiter at the end of a row starts one more field"
    else:
        hint = "the first line must be the header; check `delimiter` and `quote`, too"
    raise DataError(
        f"the first line of {source.name} is not a header for its rows",
        evidence=[
            f"{source.path}, row 1: {_counted(fields)}: {', '.join(header.names[:_SHOWN])}",
            f"rows {header.line} to {header.line + len(counts) - 1}: {_counted(counts[0])} each",
        ],
        hint=hint,
        code="header-does-not-fit",
    )


def _check_given_names(
    source: SourceFile, block: Block, names: Sequence[str], settings: IngestionSettings
) -> None:
    counts = _field_counts(block, settings)
    if counts and len(names) not in counts:
        raise UserError(
            f"`column_names` has {_counted(len(names), 'name')}, and the rows of {source.name} "
            f"have {_counted(counts[0])}",
            evidence=[f"{source.path}, row {block.line}", f"names: {', '.join(names[:_SHOWN])}"],
            hint="name every column in order; check `delimiter`, too",
            code="column-names-do-not-fit",
        )
    rows = _first_rows(block, settings)
    if not rows:
        return
    same = {name.strip().casefold() for name in names}
    first = [field.strip() for field in rows[0]]
    if {field.casefold() for field in first} == same or _names_numbers(first, rows[1:]):
        raise UserError(
            f"the first line of {source.name} names the columns already",
            evidence=[f"{source.path}, row 1: {', '.join(first[:_SHOWN])}"],
            hint="leave `column_names` out; to call columns otherwise, change that line",
            code="header-is-there",
        )


def _names_numbers(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a line without a number stands above a column of nothing but numbers."""
    if len(rows) < 2 or any(not field or _is_number(field) for field in first):
        return False
    if not any(any(c.isalpha() for c in field) for field in first):
        return False
    whole = [row for row in rows if len(row) == len(first)]
    columns = zip(*whole, strict=True)
    return len(whole) > 1 and any(all(map(_is_number, column)) for column in columns)


def _field_counts(block: Block, settings: IngestionSettings) -> list[int]:
    """How many fields the first records have; empty where they cannot be read."""
    return [len(row) for row in _first_rows(block, settings)]


def _first_rows(block: Block, settings: IngestionSettings) -> list[list[str]]:
    records = itertools.islice(split_records(block, settings.quote), _ROWS_TO_ASK)
    try:
        return [
            parse_record(record.decode("utf-8", "replace").rstrip("\r\n"), settings)
            for _, record in records
        ]
    except csv.Error:
        return []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _counted(count: int, what: str = "field") -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
