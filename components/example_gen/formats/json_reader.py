"""JSON lines: one object a line, as batches of typed columns.

Arrow parses a block of lines a good ten times faster than Python, but it guesses times
from texts, reads whole numbers beyond 64 bits as floats, and does not say which line is
wrong. So a block counts as read by Arrow only where none of that can have happened;
every other block is read line by line (`json_rows.py`), with the same result where both
can read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from components.example_gen.conversion import plain_numbers
from components.example_gen.formats.arrow_columns import plain
from components.example_gen.formats.csv_blocks import BLOCK_BYTES, text_chunks
from components.example_gen.formats.csv_reader import is_utf8
from components.example_gen.formats.csv_records import RECORD_BYTES
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.json_rows import read_rows
from components.example_gen.formats.reader import Reader, check_known_columns, no_rows
from components.example_gen.formats.typed_batches import TypedBatch, batches_of_rows
from components.example_gen.settings import ColumnType, IngestionSettings
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_HEAD_BYTES = 1024**2
_WORTH_THREADS = 256 * 1024
# Doubles from here on may be whole numbers that int64 cannot hold.
_INT64_REACH = 9.2e18
_LISTS_BYTES = 64
# Arrow's parser calls itself for each level: thousands of them end the process.
_MOST_DEPTH = 64
_LINE_END, _OPENING = 0x0A, (ord("["), ord("{"))


class JsonLinesReader(Reader):
    """A JSON object a line; a name that an object lacks is a missing value, as null is."""

    def columns(self, source: SourceFile, settings: IngestionSettings) -> None:
        """Unknown before the rows."""
        del source, settings

    def read(
        self,
        source: SourceFile,
        names: Sequence[str] | None,
        settings: IngestionSettings,
        *,
        only: Sequence[str] | None = None,
        head: bool = False,
    ) -> Iterator[TypedBatch]:
        """Blocks of lines."""
        parser = _Parser(source, names, settings, only)
        rows = False
        for line, data in _blocks(source, _HEAD_BYTES if head else BLOCK_BYTES):
            for batch in parser.parse(line, data):
                rows = rows or bool(batch.num_rows or batch.rejects)
                yield batch
        if not rows:
            raise no_rows(source)


class _Parser:
    def __init__(
        self,
        source: SourceFile,
        names: Sequence[str] | None,
        settings: IngestionSettings,
        only: Sequence[str] | None,
    ) -> None:
        self._source = source
        self._names = names
        self._wanted = only if only is not None else names
        self._settings = settings
        # Columns of texts so far, in which Arrow is not to look for times.
        self._texts: dict[str, None] = {}

    def parse(self, line: int, data: bytes) -> Iterator[TypedBatch]:
        """The batches of one block whose first line has the number `line`."""
        table = self._by_arrow(data)
        if table is not None:
            check_known_columns(self._source, self._names, table.column_names, line)
            yield self._batch(table, line, data)
            return
        rows, rejects = read_rows(self._source.path, line, data, self._settings)
        for row in rows:
            check_known_columns(self._source, self._names, row.values, row.line)
        yield from batches_of_rows(
            self._source.path, rows, self._wanted, self._settings, tuple(rejects)
        )

    def _batch(self, table: pa.Table, line: int, data: bytes) -> TypedBatch:
        import pyarrow as pa

        found = set(table.column_names)
        columns = {}
        for name in self._wanted if self._wanted is not None else table.column_names:
            if name not in found:
                columns[name] = pa.nulls(table.num_rows)
                continue
            chunks = table.column(name).chunks
            whole = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)
            columns[name] = plain(whole, self._settings)

        def show(row: int) -> str:
            return data.split(b"\n", row + 1)[row].decode()

        lines = range(line, line + table.num_rows)
        return TypedBatch(columns, self._source.path, lines, show=show)

    def _by_arrow(self, data: bytes) -> pa.Table | None:
        """A block as a table with a row for each line; None where Arrow may be wrong."""
        from pyarrow import types

        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        # No blank line, no object over two lines; a line start within a text is no JSON.
        if not data.startswith(b"{") or data.count(b"\n{") != lines - 1 or not is_utf8(data):
            return None
        if _may_be_deep(data, lines):
            return None
        table = self._table(data)
        if table is not None and (times := _columns(table, types.is_timestamp)):
            self._texts.update(times)
            table = self._table(data)
        if table is None or table.num_rows != lines or "" in table.column_names:
            return None
        self._texts.update(_columns(table, types.is_string))
        return table if all(map(self._is_sure, table.schema, table.columns)) else None

    def _is_sure(self, field: pa.Field, column: pa.ChunkedArray) -> bool:
        """Whether Arrow surely read a column as it stands in the file."""
        from pyarrow import types

        kind = field.type
        if types.is_string(kind) or types.is_null(kind):
            return True
        if self._settings.columns.get(field.name) is ColumnType.TEXT:
            return False  # As a text, 1.0 is not 1.
        if types.is_float64(kind):
            # Not a whole number beyond int64, and not a constant such as Infinity.
            numbers = [np.abs(plain_numbers(chunk)) for chunk in column.chunks]
            return not any((found >= _INT64_REACH).any() for found in numbers)
        return bool(types.is_int64(kind) or types.is_boolean(kind))

    def _table(self, data: bytes) -> pa.Table | None:
        import pyarrow as pa
        from pyarrow import json as arrow_json

        reading = arrow_json.ReadOptions(
            use_threads=len(data) > _WORTH_THREADS, block_size=len(data) + 1
        )
        schema = pa.schema([pa.field(name, pa.string()) for name in self._texts])
        parsing = arrow_json.ParseOptions(explicit_schema=schema, newlines_in_values=False)
        try:
            return arrow_json.read_json(pa.BufferReader(data), reading, parsing)
        except pa.ArrowInvalid:
            return None


def _may_be_deep(data: bytes, lines: int) -> bool:
    """Whether a line has so many brackets that its values may be nested deeply."""
    if data.count(b"[") + data.count(b"{") <= lines + _MOST_DEPTH:
        return False
    characters = np.frombuffer(data, np.uint8)
    opening = np.flatnonzero(np.isin(characters, _OPENING))
    ends = np.flatnonzero(characters == _LINE_END)
    before = np.searchsorted(opening, [0, *ends.tolist(), len(data)])
    return bool(np.diff(before).max() > _MOST_DEPTH)


def _columns(table: pa.Table, is_wanted: Callable[[pa.DataType], bool]) -> dict[str, None]:
    return {field.name: None for field in table.schema if is_wanted(field.type)}


def _blocks(source: SourceFile, size: int) -> Iterator[tuple[int, bytes]]:
    """Whole lines: the number of the first one, and their bytes."""
    line, rest, first = 1, b"", True
    for chunk in text_chunks(source, size):
        if first and chunk.lstrip()[:1] == b"[":
            raise _is_list(source, chunk)
        first = False
        end = chunk.rfind(b"\n") + 1
        if not end:
            rest += chunk
            if len(rest) > RECORD_BYTES:
                raise _long_line(source, line, len(rest))
            continue
        data, rest = rest + chunk[:end], chunk[end:]
        yield line, data
        line += data.count(b"\n")
    if rest:
        yield line, rest


def _is_list(source: SourceFile, chunk: bytes) -> DataError:
    start = chunk[:_LISTS_BYTES].decode("utf-8", "backslashreplace")
    return DataError(
        f"{source.name} is one JSON list, not an object a line",
        evidence=[f"{source.path} starts with {start!r}"],
        hint="write one object a line, for instance with: jq -c '.[]'",
        code="not-json-lines",
    )


def _long_line(source: SourceFile, line: int, size: int) -> DataError:
    return DataError(
        f"row {line:,} of {source.name} has more than {RECORD_BYTES // 1024**2} MiB",
        evidence=[f"{source.path}, row {line:,}: no line end within {size:,} bytes"],
        hint="JSON lines have one object a line",
        code="not-json-lines",
    )
