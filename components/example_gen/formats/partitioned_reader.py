"""A file of any format with the columns that lie in the names of its folders."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.example_gen.conversion import text_type
from components.example_gen.formats.declared_type import DeclaredType
from components.example_gen.formats.detection import Partition, SourceFile
from components.example_gen.formats.reader import RawBatch, Reader
from components.example_gen.formats.rejects import Reject
from components.example_gen.records.encoding import Column
from components.example_gen.settings import ColumnType, IngestionSettings
from components.example_gen.splitting import time_values
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_MICROSECONDS = 1_000_000


@dataclasses.dataclass(frozen=True)
class PartitionedBatch:
    """Rows of a file, with the columns of its folders.

    Attributes:
      rows: The rows as the file's own reader gives them.
      columns: Its columns and those of the folders.
    """

    rows: RawBatch
    columns: dict[str, pa.Array]

    @property
    def typed(self) -> bool:
        """Whether the file's own values carry their types."""
        return self.rows.typed

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that could not be read."""
        return self.rows.rejects

    @property
    def file(self) -> str:
        """The file's path."""
        return self.rows.file

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self.rows.num_rows

    def line(self, row: int) -> int:
        """Where a row (from 0) stands in the file, from 1."""
        return self.rows.line(row)

    def text(self, row: int) -> str:
        """A row (from 0) as text."""
        return self.rows.text(row)


class PartitionedReader(Reader):
    """Adds the columns of a file's folders, after its own, to what another reader reads.

    A key may also stand in the file: then each value there must be the folder's, or missing.

    Args:
      reader: The reader of the file's format.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def columns(self, source: SourceFile, settings: IngestionSettings) -> tuple[str, ...] | None:
        """The file's columns, then those of its folders."""
        own = self._reader.columns(source, settings)
        if own is None:
            return None
        return tuple(dict.fromkeys([*own, *(part.name for part in source.partitions)]))

    def types(self, source: SourceFile) -> dict[str, DeclaredType] | None:
        """The types that the file declares, and those learned from the folders."""
        own = self._reader.types(source)
        if own is None:
            return None
        folders = {
            part.name: DeclaredType(part.type, "what its folders are called", "a folder's name")
            for part in source.partitions
        }
        return {**own, **folders}

    def count_rows(self, source: SourceFile) -> int:
        """How many rows the file has, after its values of the folders' keys were compared."""
        own = self._reader.types(source) or {}
        if any(part.name in own for part in source.partitions):
            for _ in self.read(source, None, IngestionSettings(), only=()):
                pass
        return self._reader.count_rows(source)

    def read(
        self,
        source: SourceFile,
        names: Sequence[str] | None,
        settings: IngestionSettings,
        *,
        only: Sequence[str] | None = None,
        head: bool = False,
    ) -> Iterator[PartitionedBatch]:
        """Batches of the file's rows, to each of which its folders' values belong."""
        own = self._reader.columns(source, settings)
        keys = {part.name for part in source.partitions}
        if own is not None:
            # Of the folders' columns a file has those that stand in it as well.
            names = None if names is None else [n for n in names if n not in keys or n in own]
            if only is not None:
                kept = [name for name in only if name not in keys]
                only = [*kept, *(name for name in own if name in keys)] or list(own[:1])
        for batch in self._reader.read(source, names, settings, only=only, head=head):
            columns = dict(batch.columns)
            for part in source.partitions:
                if part.name in columns:
                    _check_same(source, part, batch)
                columns[part.name] = _array(part, batch.num_rows, settings)
            yield PartitionedBatch(batch, columns)


def _array(part: Partition, rows: int, settings: IngestionSettings) -> pa.Array:
    """One value for all rows; as a text where it is not of the type that is fixed."""
    import pyarrow as pa

    kind = settings.columns.get(part.name, part.type)
    if part.text is None or kind is None:
        return pa.nulls(rows)
    found = text_type(part.text)
    if kind is ColumnType.TEXT or found is ColumnType.TEXT:
        return pa.repeat(pa.scalar(part.text, pa.string()), rows)
    if kind is ColumnType.INTEGER and found is ColumnType.INTEGER:
        return pa.repeat(pa.scalar(int(part.text), pa.int64()), rows)
    return pa.repeat(pa.scalar(float(part.text), pa.float64()), rows)


def _check_same(source: SourceFile, part: Partition, batch: RawBatch) -> None:
    """Refuses a file whose own values of a key are not its folder's.

    Raises:
      DataError: Naming the key, both values and the row.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = batch.columns[part.name]
    if pa.types.is_string(values.type):
        values = values.cast(pa.binary())  # not all formats promise UTF-8
    for found in pc.unique(pc.drop_null(values)):
        value = found.as_py()
        value = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
        if not _is_same(part.text, value):
            row = batch.line(pc.index(values, found).as_py())
            raise DataError(
                f"the column {part.name!r} of {source.name} has other values than its folder",
                evidence=[
                    f"{source.path}, row {row:,}: {value!r}",
                    f"the folder says {part.text!r}",
                ],
                hint="repair the file or the folder's name, or set `data.partitions: off` to"
                " take the file's values",
                code="partition-conflict",
            )


def _is_same(text: str | None, value: object) -> bool:
    """Whether a file's value is what the folder's name says, as text, number or time."""
    import pyarrow as pa

    if text is None or str(value) == text:
        return text is not None
    try:
        if float(str(value)) == float(text):
            return True
    except ValueError:
        pass
    # Readers give the times of files that know times as seconds since 1970.
    moments, none = time_values(Column(pa.array([text.encode()], pa.large_binary())))
    return isinstance(value, int) and not none[0] and moments[0] == value * _MICROSECONDS
