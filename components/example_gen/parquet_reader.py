"""Parquet files as batches of the types that tf.Examples know."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.example_gen.csv_reader import check_same_columns
from components.example_gen.rejects import Reject
from components.example_gen.settings import ColumnType, IngestionSettings
from components.example_gen.sources import SourceFile
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


# Of a batch as Parquet stores it, uncompressed.
BATCH_BYTES = 16 * 1024**2


@dataclasses.dataclass(frozen=True)
class TypedBatch:
    """Rows of a Parquet file.

    Attributes:
      columns: An array per column: int64, double, string or null typed.
      file: The file's path.
      first_row: The number of the first row in the file, from 1.
    """

    columns: dict[str, pa.Array]
    file: str
    first_row: int
    rejects: tuple[Reject, ...] = ()

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values())))

    def line(self, row: int) -> int:
        """The number of a row (from 0) in the file, from 1."""
        return self.first_row + row

    def text(self, row: int) -> str:
        """A row (from 0) as text."""
        return str({name: column[row].as_py() for name, column in self.columns.items()})


def read_schema(source: SourceFile) -> dict[str, ColumnType | None]:
    """The columns of a Parquet file and their types; None where all values are null.

    Raises:
      DataError: If the file is damaged, has no rows, a column twice, or a column of a
        type that has no place in a tf.Example.
    """
    file = _open(source)
    schema = file.schema_arrow
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise DataError(
                f"column {name!r} stands twice in {_name(source)}",
                evidence=[source.path],
                hint="rename or remove one of them",
                code="duplicate-column",
            )
    if not file.metadata.num_rows:
        raise DataError(
            f"{_name(source)} has columns but no rows",
            evidence=[f"{source.path}: columns {', '.join(schema.names[:8])}"],
            hint="write the file again, or take it out of the folder",
            code="no-rows",
        )
    return {field.name: _column_type(source, field) for field in schema}


def count_rows(source: SourceFile) -> int:
    """How many rows a Parquet file says it has."""
    return int(_open(source).metadata.num_rows)


def read_parquet(
    source: SourceFile,
    names: Sequence[str],
    settings: IngestionSettings,
    *,
    only: Sequence[str] | None = None,
) -> Iterator[TypedBatch]:
    """Reads one Parquet file batch by batch.

    Args:
      source: The file.
      names: The columns that the file must have, in any order.
      settings: Null markers and the size of a batch.
      only: The columns to return; None for all.

    Yields:
      Batches with their columns in the order of `names`.

    Raises:
      DataError: If the file cannot be read or has other columns.
    """
    import pyarrow as pa

    check_same_columns(source, names, list(read_schema(source)))
    wanted = list(only if only is not None else names)
    file = _open(source)
    row = 1
    size = _batch_size(file, settings.batch_rows)
    batches = file.iter_batches(batch_size=size, columns=wanted)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(source, error, row) from error
        if batch is None:
            return
        columns = {name: _plain(batch.column(name), settings) for name in wanted}
        yield TypedBatch(columns, source.path, row)
        row += batch.num_rows


def _batch_size(file: pa.parquet.ParquetFile, most: int) -> int:
    """How many rows to read at once, so that large texts do not fill the memory."""
    metadata = file.metadata
    total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    return max(1, min(most, BATCH_BYTES * metadata.num_rows // max(1, total)))


def _open(source: SourceFile) -> pa.parquet.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not memory-mapped: a mapped file that shrinks kills the process.
        return pq.ParquetFile(source.path if "://" not in source.path else source.open())
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source, error) from error


def _damaged(source: SourceFile, error: Exception, row: int = 1) -> DataError:
    return DataError(
        f"{_name(source)} is truncated or damaged",
        evidence=[f"{source.path}, from row {row:,} on: {str(error).splitlines()[0]}"],
        hint="copy or write the file again",
        code="truncated-file",
    )


def _column_type(source: SourceFile, field: pa.Field) -> ColumnType | None:
    from pyarrow import types

    kind = field.type.value_type if types.is_dictionary(field.type) else field.type
    if types.is_null(kind):
        return None
    if types.is_integer(kind) or types.is_boolean(kind) or types.is_temporal(kind):
        return ColumnType.INTEGER
    if types.is_float32(kind) or types.is_float64(kind) or types.is_decimal(kind):
        return ColumnType.FLOAT
    if types.is_string(kind) or types.is_large_string(kind):
        return ColumnType.TEXT
    if types.is_binary(kind) or types.is_large_binary(kind):
        return ColumnType.TEXT
    raise DataError(
        f"column {field.name!r} of {_name(source)} holds {field.type}",
        evidence=[source.path],
        hint="columns may hold numbers, truth values, times and text; one value a row",
        code="unsupported-type",
    )


def _plain(column: pa.Array, settings: IngestionSettings) -> pa.Array:
    """The column as int64, double, string or null; times in seconds since 1970 (UTC)."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if types.is_null(kind):
        return column
    if types.is_timestamp(kind) or types.is_date(kind):
        return column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    if types.is_time(kind) or types.is_duration(kind):
        return column.cast(pa.int64() if kind.bit_width == 64 else pa.int32()).cast(pa.int64())
    if types.is_integer(kind) or types.is_boolean(kind):
        return column.cast(pa.int64())
    if types.is_floating(kind) or types.is_decimal(kind):
        return column.cast(pa.float64())
    # A tf.Example holds any bytes, so nobody asks whether they are UTF-8.
    text = column.cast(pa.string(), safe=False)
    missing = pc.is_in(text, value_set=pa.array(["", *settings.null_markers]))
    return pc.if_else(missing, pa.scalar(None, pa.string()), text)


def _name(source: SourceFile) -> str:
    return source.path.rsplit("/", 1)[-1]
