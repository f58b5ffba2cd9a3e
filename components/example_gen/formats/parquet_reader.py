"""Parquet files as batches of the types that tf.Examples know."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from components.example_gen.formats.arrow_columns import declared_field, plain_column
from components.example_gen.formats.declared_type import DeclaredType
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.reader import Reader, check_same_columns, damaged, no_rows
from components.example_gen.formats.typed_batches import BATCH_BYTES, TypedBatch
from components.example_gen.settings import IngestionSettings
from core.arrow_files import open_parquet
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_HEAD_ROWS = 100
# Of a row group, uncompressed; a larger one is read in parts.
_HELD_BYTES = 2 * BATCH_BYTES


class ParquetReader(Reader):
    """Parquet files; their schema names the columns and gives their types."""

    def columns(self, source: SourceFile, settings: IngestionSettings) -> tuple[str, ...]:
        """The schema's names."""
        del settings
        return tuple(read_schema(source))

    def types(self, source: SourceFile) -> dict[str, DeclaredType]:
        """The schema."""
        return read_schema(source)

    def count_rows(self, source: SourceFile) -> int:
        """How many rows the file says it has."""
        return int(_open(source).metadata.num_rows)

    def read(
        self,
        source: SourceFile,
        names: Sequence[str] | None,
        settings: IngestionSettings,
        *,
        only: Sequence[str] | None = None,
        head: bool = False,
    ) -> Iterator[TypedBatch]:
        """Batches of rows, whatever the row groups."""
        if head:
            settings = settings.model_copy(update={"batch_rows": _HEAD_ROWS})
        return _read(source, names, settings, only=only)


def read_schema(source: SourceFile) -> dict[str, DeclaredType]:
    """The columns of a Parquet file and their types.

    Raises:
      DataError: If the file is damaged, has no rows, a column twice, or a column of a
        type that has no place in a tf.Example.
    """
    file = _open(source)
    schema = file.schema_arrow
    for name, count in collections.Counter(schema.names).items():
        if count > 1:
            raise DataError(
                f"column {name!r} stands twice in {source.name}",
                evidence=[source.path],
                hint="rename or remove one of them",
                code="duplicate-column",
            )
    if not file.metadata.num_rows:
        raise no_rows(source, schema.names)
    return {field.name: declared_field(source, field) for field in schema}


def _read(
    source: SourceFile,
    names: Sequence[str] | None,
    settings: IngestionSettings,
    *,
    only: Sequence[str] | None = None,
) -> Iterator[TypedBatch]:
    """Reads one Parquet file batch by batch.

    Args:
      source: The file.
      names: The columns that the file must have, in any order; None for its own.
      settings: Null markers and the size of a batch.
      only: The columns to return; None for all.

    Yields:
      Batches with their columns in the order of `names`.

    Raises:
      DataError: If the file cannot be read or has other columns.
    """
    import pyarrow as pa

    found = list(read_schema(source))
    check_same_columns(source, names, found)
    wanted = list(only if only is not None else names or found)
    file = _open(source)
    _check_chunks(source, file, wanted)
    row = 1
    batches = _batches(source, file, wanted, _batch_size(file, settings.batch_rows))
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise damaged(source, error, row) from error
        if batch is None:
            return
        columns = {
            name: plain_column(source, row, name, batch.column(name), settings) for name in wanted
        }
        yield TypedBatch(columns, source.path, range(row, row + batch.num_rows))
        row += batch.num_rows


def _batches(
    source: SourceFile, file: pa.parquet.ParquetFile, names: list[str], size: int
) -> Iterator[pa.RecordBatch]:
    """Batches of at most `size` rows.

    Row groups are read whole, one by one: where the pages of a damaged file hold other
    numbers of values than its footer says, that shows then, and Arrow 10 crashes when it
    goes on. `iter_batches`, which goes on, is for row groups that are too large to be held.
    """
    import pyarrow as pa

    for groups in _gathered(file, size):
        if sum(map(_bytes_of(file), groups)) > _HELD_BYTES:
            yield from file.iter_batches(batch_size=size, row_groups=groups, columns=names)
            continue
        tables = [file.read_row_group(group, columns=names) for group in groups]
        for group, table in zip(groups, tables, strict=True):
            if table.num_rows != file.metadata.row_group(group).num_rows:
                raise damaged(source, f"row group {group} holds {table.num_rows:,} rows only")
        whole = pa.concat_tables(tables).combine_chunks()
        yield from whole.to_batches(max_chunksize=size)


def _gathered(file: pa.parquet.ParquetFile, size: int) -> Iterator[list[int]]:
    """The numbers of row groups, so many at once as make a batch."""
    groups, rows, held = list[int](), 0, 0
    size_of = _bytes_of(file)
    for group in range(file.metadata.num_row_groups):
        groups.append(group)
        rows += file.metadata.row_group(group).num_rows
        held += size_of(group)
        if rows >= size or held >= BATCH_BYTES:
            yield groups
            groups, rows, held = [], 0, 0
    if groups:
        yield groups


def _bytes_of(file: pa.parquet.ParquetFile) -> Callable[[int], int]:
    return lambda group: int(file.metadata.row_group(group).total_byte_size)


def _check_chunks(source: SourceFile, file: pa.parquet.ParquetFile, names: Sequence[str]) -> None:
    """Refuses a footer whose parts do not fit together: Arrow 10 crashes over some."""
    known = {name: place for place, name in enumerate(file.schema_arrow.names)}
    places = [known[name] for name in names]
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        for name, place in zip(names, places, strict=True):
            chunk = group.column(place)
            try:
                fits = chunk.path_in_schema == name and chunk.num_values == group.num_rows
            except UnicodeDecodeError:
                fits = False
            if not fits:
                what = f"row group {number} has no {group.num_rows:,} values of column {name!r}"
                raise damaged(source, what)


def _batch_size(file: pa.parquet.ParquetFile, most: int) -> int:
    """How many rows to read at once, so that large texts do not fill the memory."""
    metadata = file.metadata
    total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    return max(1, min(most, BATCH_BYTES * metadata.num_rows // max(1, total)))


def _open(source: SourceFile) -> pa.parquet.ParquetFile:
    import pyarrow as pa

    try:
        return open_parquet(source.path, source.open)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise damaged(source, error) from error
