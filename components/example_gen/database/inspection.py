"""A quick look at a table: its columns, their types, its first rows."""

from __future__ import annotations

from components.example_gen.database.connection import connected
from components.example_gen.database.relation import find_relation
from components.example_gen.database.settings import DatabaseSource, check_split
from components.example_gen.database.snapshot import to_batch
from components.example_gen.formats.arrow_columns import declared_type
from components.example_gen.formats.detection import SourceFile
from components.example_gen.inspection import ColumnSummary, SourceSummary
from components.example_gen.settings import IngestionSettings, SourceFormat
from components.example_gen.writing.planning import check_named_columns
from core.errors import DataError

_LOOKED_AT_ROWS = 1_000
_FIRST_ROWS = 5


def inspect_table(
    source: DatabaseSource, settings: IngestionSettings | None = None
) -> SourceSummary:
    """Reads the first rows of a table or a query.

    Args:
      source: The table or query, its placeholders filled in.
      settings: How rows are typed and split.

    Raises:
      UserError: If the address, the login, the table or a column is wrong.
      DataError: If there is no row, or a column is of no type that examples hold.
      InfrastructureError: If the database does not answer.
    """
    settings = settings or IngestionSettings()
    check_split(settings.split)
    with connected(source.address) as engine, engine.connect() as connection:
        relation = find_relation(connection, source)
        check_named_columns(relation.columns, settings)
        rows = connection.execute(relation.rows().limit(_LOOKED_AT_ROWS)).fetchall()
    if not rows:
        raise DataError(
            f"{source.table or 'the query'} has no rows",
            evidence=[source.name, f"columns: {', '.join(relation.columns[:8])}"],
            hint="fill the table, or check the conditions of the query",
            code="empty-table",
        )
    file = SourceFile(source.name, SourceFormat.PARQUET, 0)
    batch = to_batch(relation, rows, settings.columns)
    types = {field.name: declared_type(file, field.name, field.type).kind for field in batch.schema}
    columns = tuple(
        ColumnSummary(name, settings.columns.get(name, kind), name in settings.columns)
        for name, kind in types.items()
    )
    first = tuple(
        {
            name: None if value is None else str(value)
            for name, value in zip(relation.columns, row, strict=True)
        }
        for row in rows[:_FIRST_ROWS]
    )
    return SourceSummary((file,), columns, first)
