"""Which rows of which database are the data."""

from __future__ import annotations

import re
from pathlib import Path

from components.example_gen.database_address import below
from components.example_gen.settings import SplitMethod, SplitSettings
from core.errors import UserError
from core.settings import Settings

# TFX's placeholders in queries, see tfx.components.example_gen.utils.get_query_for_span.
_SPAN_PLACE = re.compile(r"@span_(?:begin_timestamp|end_timestamp|yyyymmdd_utc)\b")


class DatabaseSource(Settings):
    """A table or a query of one database.

    Attributes:
      address: SQLAlchemy's URL with ``${VARIABLE}`` for secrets, so it may be recorded.
      table: A table or view, a schema before it where needed; None with a query.
      query: A SELECT; None with a table.
      key_columns: Columns that are unique together, to read by; empty for the table's
        primary key, or for one pass where it has none.
      updated_column: A column that grows with every change of a row.
    """

    address: str
    table: str | None = None
    query: str | None = None
    key_columns: tuple[str, ...] = ()
    updated_column: str | None = None

    @property
    def name(self) -> str:
        """The source in an error or a reject, such as ``sqlite:///shop.db, table trips``."""
        return f"{self.address}, {f'table {self.table}' if self.table else 'query'}"

    def in_folder(self, folder: Path) -> DatabaseSource:
        """The same source, a relative SQLite file taken from a folder."""
        return self.model_copy(update={"address": below(self.address, folder)})

    def with_query(self, query: str) -> DatabaseSource:
        """The same source with the placeholders of its query filled in."""
        return self.model_copy(update={"query": query}) if self.query is not None else self


def check_split(split: SplitSettings) -> None:
    """Refuses to split by the number of the row, which a database does not promise to keep.

    Raises:
      UserError: If that is asked for.
    """
    if split.method is SplitMethod.ROW:
        raise UserError(
            "`data.split.method: row` means nothing to a database: its rows have no numbers",
            hint="name a unique column as `split.key` (and leave `method` out): each row then "
            "finds its split by itself, too",
            code="row-split-of-database",
        )


def has_span(query: str) -> bool:
    """Whether a query has one of TFX's placeholders for a span (``@span_begin_timestamp``…)."""
    return _SPAN_PLACE.search(query) is not None


def check_span(query: str | None, span: int | None) -> None:
    """Refuses a query with places for a span where none is given, and the other way round.

    TFX would silently take the first of January 1970.

    Raises:
      UserError: If the span is missing, or has no place.
    """
    wanted = query is not None and has_span(query)
    if wanted and span is None:
        raise UserError(
            "the query has a place for a span, and no span is given",
            evidence=[" ".join(str(query).split())[:200]],
            hint="say --set data.span=20778: the number of days since 1970-01-01",
            code="missing-span",
        )
    if span is not None and not wanted:
        raise UserError(
            f"span {span} is asked for, and neither a table nor this query has spans",
            hint="write @span_begin_timestamp and @span_end_timestamp (seconds since 1970) or "
            "@span_yyyymmdd_utc into `data.query`, or leave `data.span` out",
            code="span-without-place",
        )
