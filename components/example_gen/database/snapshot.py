"""A local copy of what was read, which the two passes of ExampleGen then take.

A table is read from the database once, however often the rows are needed, and all passes
see the same rows whatever happens in the database meanwhile. The copy is Parquet: a
file for as long as the columns' types stay, which from one page to the next may widen
(nothing but nulls, then numbers; whole numbers, then decimals).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from pathlib import Path
from typing import IO, TYPE_CHECKING

from components.example_gen.database.connection import connected
from components.example_gen.database.paging import Pager, Rows
from components.example_gen.database.relation import Relation, find_relation, measure
from components.example_gen.database.settings import DatabaseSource
from components.example_gen.database.values import UnsuitableError, to_array
from components.example_gen.formats.detection import SourceFile
from components.example_gen.settings import IngestionSettings, SourceFormat
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST_PAGE_ROWS = 2_048
# Of a page in Arrow's form; as Python values it takes about five times as much.
_PAGE_BYTES = 8 * 1024**2
_FLOATS = re.compile(r"(?i)numeric|decimal|real|float|double")


@dataclasses.dataclass(frozen=True)
class SnapshotFile(SourceFile):
    """A part of the copy, named in errors and rejects as the table it was read from.

    Attributes:
      copy: Where the rows are.
    """

    copy: str = ""

    def open(self) -> IO[bytes]:
        """Opens the copy."""
        return Path(self.copy).open("rb")


def take_snapshot(
    source: DatabaseSource, settings: IngestionSettings, folder: Path
) -> tuple[SnapshotFile, ...]:
    """Reads a table or a query into files.

    Args:
      source: What to read.
      settings: The most rows of a page, and the columns whose type is fixed: those may
        hold numbers and texts.
      folder: Where the files go.

    Raises:
      UserError: If the address, the login, the table or a column is wrong.
      DataError: If there is no row, the key is not unique, or a column is of no type
        that examples hold.
      InfrastructureError: If the database goes away and stays away.
    """
    with connected(source.address) as engine:
        with engine.connect() as connection:
            relation = find_relation(connection, source)
            extent = measure(connection, relation)
        pager = Pager(engine, relation, extent, min(_FIRST_PAGE_ROWS, settings.batch_rows))
        with _Writer(relation, settings.columns, folder) as writer:
            for page in pager.pages():
                batch = to_batch(relation, page, settings.columns, first=writer.rows + 1)
                writer.write(batch)
                wide = max(1, batch.nbytes // batch.num_rows)
                pager.page_rows = max(1, min(settings.batch_rows, _PAGE_BYTES // wide))
    return writer.files()


def to_batch(
    relation: Relation, page: Rows, fixed: Collection[str], *, first: int = 1
) -> pa.RecordBatch:
    """A page of rows as columns.

    Args:
      relation: Where the rows come from.
      page: The rows, at least one.
      fixed: Columns whose type the configuration fixes.
      first: The number of the first row.

    Raises:
      DataError: If a column is of no type that examples hold.
    """
    import pyarrow as pa

    arrays = []
    columns = zip(relation.columns, relation.types, zip(*page, strict=True), strict=True)
    for name, declared, values in columns:
        try:
            array = to_array(values, as_text=name in fixed)
        except UnsuitableError as error:
            raise _unsuitable(relation, name, error.reason, first + error.row) from None
        # SQLite keeps a NUMERIC 5.0 as 5; whether all values are whole is chance.
        if pa.types.is_int64(array.type) and _FLOATS.match(declared):
            array = array.cast(pa.float64(), safe=False)
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, list(relation.columns))


class _Writer:
    """Writes batches into as few files as their types allow."""

    def __init__(self, relation: Relation, fixed: Collection[str], folder: Path) -> None:
        self._relation = relation
        self._fixed = fixed
        self._folder = folder
        self._schema: pa.Schema | None = None
        self._writer: pa.parquet.ParquetWriter | None = None
        self._parts: list[tuple[Path, int]] = []
        self.rows = 0

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        schema = self._wider(batch.schema)
        if schema != self._schema:
            self._start(schema)
        arrays = [
            array.cast(field.type, safe=False)
            for array, field in zip(batch.columns, schema, strict=True)
        ]
        assert self._writer is not None
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        self.rows += batch.num_rows

    def files(self) -> tuple[SnapshotFile, ...]:
        name = self._relation.source.name
        return tuple(
            SnapshotFile(
                path=name if first == 1 else f"{name} from row {first:,} on",
                format=SourceFormat.PARQUET,
                size=path.stat().st_size,
                copy=str(path),
            )
            for path, first in self._parts
        )

    def _start(self, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        if self._writer is not None:
            self._writer.close()
        path = self._folder / f"part-{len(self._parts):03}.parquet"
        self._parts.append((path, self.rows + 1))
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema)

    def _wider(self, schema: pa.Schema) -> pa.Schema:
        import pyarrow as pa

        if self._schema is None:
            return schema
        return pa.schema(
            [
                pa.field(new.name, self._common(new.name, old.type, new.type))
                for old, new in zip(self._schema, schema, strict=True)
            ]
        )

    def _common(self, name: str, old: pa.DataType, new: pa.DataType) -> pa.DataType:
        import pyarrow as pa

        if old == new or pa.types.is_null(new):
            return old
        if pa.types.is_null(old):
            return new
        for kinds, widest in (
            ({pa.int64(), pa.float64()}, pa.float64()),
            ({pa.string(), pa.binary()}, pa.binary()),
        ):
            if {old, new} <= kinds:
                return widest
        if name in self._fixed:
            return pa.string()
        raise _unsuitable(self._relation, name, f"it was {old}, now it is {new}", self.rows + 1)


def _unsuitable(relation: Relation, name: str, reason: str, row: int) -> DataError:
    return DataError(
        f"column {name!r} cannot be an example's feature: {reason}",
        evidence=[f"{relation.source.name}, row {row:,}, column {name!r}"],
        hint=f"fix its type under `data.columns`, or CAST it in `data.query`: {name}",
        code="unsuitable-column",
    )
