"""Blocks of CSV as Arrow columns of texts, with the rows that cannot be read set aside."""

from __future__ import annotations

import csv
import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.example_gen.formats.csv_blocks import BLOCK_BYTES, read_blocks
from components.example_gen.formats.csv_header import CsvHeader
from components.example_gen.formats.csv_records import (
    Block,
    error_text,
    parse_record,
    split_records,
)
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.reader import Reader, check_same_columns
from components.example_gen.formats.rejects import Reject
from components.example_gen.settings import IngestionSettings

if TYPE_CHECKING:
    import pyarrow as pa

_WORTH_THREADS = 256 * 1024
_HEAD_BYTES = 1024**2


@dataclasses.dataclass(frozen=True)
class TextBatch:
    """Rows of a CSV file, nothing converted yet.

    Attributes:
      columns: A string array per column, null where the field is missing.
      block: The good records as they stand in the file.
      rejects: The records of the block that are no rows.
    """

    columns: dict[str, pa.Array]
    block: Block
    rejects: tuple[Reject, ...]
    quote: str | None

    @property
    def typed(self) -> bool:
        """False: all values are texts, and those that look like numbers are numbers."""
        return False

    @property
    def num_rows(self) -> int:
        """How many good rows there are."""
        return len(next(iter(self.columns.values())))

    @functools.cached_property
    def _records(self) -> list[tuple[int, bytes]]:
        gone = {reject.row for reject in self.rejects}
        records = split_records(self.block, self.quote)
        return [(line, text) for line, text in records if line not in gone]

    def line(self, row: int) -> int:
        """The line on which a row (from 0) starts in the file, from 1."""
        return self._records[row][0]

    def text(self, row: int) -> str:
        """A row (from 0) as it stands in the file."""
        return self._records[row][1].decode("utf-8", "backslashreplace")

    @property
    def file(self) -> str:
        """The file's path."""
        return self.block.file


class CsvReader(Reader):
    """CSV and what is like it; the first record or `column_names` names the columns."""

    def columns(self, source: SourceFile, settings: IngestionSettings) -> tuple[str, ...]:
        """The header."""
        return read_header(source, settings)

    def read(
        self,
        source: SourceFile,
        names: Sequence[str] | None,
        settings: IngestionSettings,
        *,
        only: Sequence[str] | None = None,
        head: bool = False,
    ) -> Iterator[TextBatch]:
        """Blocks of records."""
        size = _HEAD_BYTES if head else BLOCK_BYTES
        return read_csv(source, names, settings, only=only, block_bytes=size)


def read_csv(
    source: SourceFile,
    names: Sequence[str] | None,
    settings: IngestionSettings,
    *,
    only: Sequence[str] | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[TextBatch]:
    """Reads one CSV file block by block.

    Args:
      source: The file.
      names: The columns that the file must have, in any order; None for its own.
      settings: How the data is read.
      only: The columns to return; None for all.
      block_bytes: The size of a block.

    Yields:
      Batches with their columns in the order of `names`.

    Raises:
      DataError: If the file as a whole cannot be read or has other columns.
    """
    header: CsvHeader | None = None
    for part in read_blocks(source, settings, block_bytes):
        if isinstance(part, CsvHeader):
            header = part
            check_same_columns(source, names, header.names)
            continue
        assert header is not None
        wanted = only if only is not None else (names if names is not None else header.names)
        yield _parse(part, header, wanted, settings)


def read_header(source: SourceFile, settings: IngestionSettings) -> tuple[str, ...]:
    """The column names of a CSV file, from its first bytes.

    Raises:
      DataError: If the file has no proper header.
    """
    for part in read_blocks(source, settings, 64 * 1024):
        assert isinstance(part, CsvHeader)
        return part.names
    raise AssertionError("read_blocks gives a header or raises")


def _parse(
    block: Block, header: CsvHeader, wanted: Sequence[str], settings: IngestionSettings
) -> TextBatch:
    import pyarrow as pa

    rejects: tuple[Reject, ...] = ()
    data = block.data
    suspicious = not is_utf8(data) or _has_lone_return(data)
    table = None
    if not suspicious:
        try:
            table = _arrow_read(block, header.names, wanted, settings)
        except pa.ArrowInvalid:
            suspicious = True
    if suspicious:
        rejects, good = _sift(block, header, settings)
        if good.data:
            table = _arrow_read(good, header.names, wanted, settings)
    if table is None:
        empty = {name: pa.array([], pa.string()) for name in wanted}
        return TextBatch(empty, block, rejects, settings.quote)
    columns = {name: table.column(name).combine_chunks() for name in wanted}
    columns = {
        name: column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)
        for name, column in columns.items()
    }
    return TextBatch(columns, block, rejects, settings.quote)


def _arrow_read(
    block: Block, names: Sequence[str], wanted: Sequence[str], settings: IngestionSettings
) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    # One Arrow block: rows are cut already, and each column is one chunk.
    reading = arrow_csv.ReadOptions(
        column_names=list(names),
        block_size=max(len(block.data) + 1, 1024),
        use_threads=len(block.data) > _WORTH_THREADS,
    )
    parsing = arrow_csv.ParseOptions(
        delimiter=settings.delimiter,
        quote_char=settings.quote if settings.quote is not None else False,
        double_quote=True,
        newlines_in_values=block.quoted,
    )
    converting = arrow_csv.ConvertOptions(
        check_utf8=False,
        column_types={name: pa.string() for name in names},
        include_columns=list(wanted),
        null_values=["", *settings.null_markers],
        strings_can_be_null=True,
    )
    return arrow_csv.read_csv(pa.BufferReader(block.data), reading, parsing, converting)


def _has_lone_return(data: bytes) -> bool:
    return b"\r" in data and data.count(b"\r") != data.count(b"\r\n")


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8."""
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _sift(
    block: Block, header: CsvHeader, settings: IngestionSettings
) -> tuple[tuple[Reject, ...], Block]:
    """Tells good records from bad ones, one at a time."""
    rejects, good = [], []
    for line, record in split_records(block, settings.quote):
        found = _reason(record, header, settings)
        if found is None:
            good.append(record)
            continue
        column, reason, code = found
        text = record.decode("utf-8", "backslashreplace")
        rejects.append(Reject(block.file, line, column, reason, text, code))
    return tuple(rejects), dataclasses.replace(block, data=b"".join(good))


def _reason(
    record: bytes, header: CsvHeader, settings: IngestionSettings
) -> tuple[str | None, str, str] | None:
    names = header.names
    try:
        text = record.decode("utf-8")
    except UnicodeDecodeError as error:
        column = _column_after(record[: error.start].decode("utf-8", "replace"), names, settings)
        byte = record[error.start]
        return column, f"byte {error.start + 1} (0x{byte:02x}) is not UTF-8", "not-utf-8"
    try:
        fields = parse_record(text.rstrip("\r\n"), settings)
    except csv.Error as error:
        return None, error_text(error), "unreadable-row"
    if len(fields) == len(names):
        return None
    reason = f"{_fields(len(fields))} where {header.described} has {len(names)}"
    lines = record.rstrip(b"\r\n").count(b"\n") + 1
    if lines > 1:
        reason += f", over {lines:,} lines: is a quote not closed?"
    column = names[min(len(fields), len(names) - 1)]
    return column, reason, "ragged-row"


def _column_after(start: str, names: Sequence[str], settings: IngestionSettings) -> str | None:
    """The column in which a record goes on after its start, where that can be told."""
    try:
        place = len(parse_record(start, settings)) if start else 1
    except csv.Error:
        return None
    return names[place - 1] if place <= len(names) else None


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count:,} fields"
