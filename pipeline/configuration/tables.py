"""What the configuration says about data in a database."""

from __future__ import annotations

import pydantic

from components.example_gen.bigquery import BigQuerySource, bigquery_source, is_bigquery
from components.example_gen.database.settings import DatabaseSource
from components.example_gen.database_address import check_address, is_database
from components.example_gen.secret_parts import check_remote
from core.errors import UserError, nearest
from core.settings import Settings

_SCHEMES = ("sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql", "bigquery")


class TableSettings(Settings):
    """The keys of the `data` section that only databases have."""

    table: str | None = pydantic.Field(
        None,
        min_length=1,
        description="The table or view of the database in `path`, as schema.table where the "
        "schema is not the user's own.",
    )
    query: str | None = pydantic.Field(
        None,
        min_length=1,
        description="A SELECT instead of `table`; it may hold @span_begin_timestamp, "
        "@span_end_timestamp and @span_yyyymmdd_utc (days since 1970 are spans).",
    )
    key_column: str | tuple[str, ...] | None = pydantic.Field(
        None,
        description="A unique column without nulls (or several, together unique) by whose "
        "ranges a table is read in batches; its primary key where it is left out.",
    )
    updated_column: str | None = pydantic.Field(
        None,
        min_length=1,
        description="A column that grows whenever a row changes, such as updated_at: with it, "
        "rows that were changed in place count as new data.",
    )

    @property
    def key_columns(self) -> tuple[str, ...]:
        """`key_column` as a list."""
        if self.key_column is None:
            return ()
        return (self.key_column,) if isinstance(self.key_column, str) else self.key_column


def database(path: str | None, tables: TableSettings) -> DatabaseSource | None:
    """The table or query of a database that is the data; None where `path` is none of one."""
    if path is None or not is_database(path):
        return None
    return DatabaseSource(
        address=path,
        table=tables.table,
        query=tables.query,
        key_columns=tables.key_columns,
        updated_column=tables.updated_column,
    )


def bigquery(path: str | None, tables: TableSettings) -> BigQuerySource | None:
    """The table or query of BigQuery that is the data; None where `path` is none of it."""
    return None if path is None or not is_bigquery(path) else bigquery_source(path, tables.query)


def check_tables(path: str | None, tables: TableSettings) -> None:
    """Refuses what does not go together; never repeats an address, which may hold a secret.

    Raises:
      ValueError: In a sentence for the configuration's author.
    """
    named = [
        name
        for name in ("table", "query", "key_column", "updated_column")
        if getattr(tables, name) is not None
    ]
    try:
        if path is not None and is_database(path):
            check_address(path)
            if tables.table is not None and tables.query is not None:
                raise ValueError("`table` and `query` are two sources; name one")
            if tables.table is None and tables.query is None:
                raise ValueError("a database needs `table` or `query`: what to read of it")
            return
        if path is not None and is_bigquery(path):
            bigquery_source(path, tables.query)
            named = [name for name in named if name != "query"]
            if named:
                raise ValueError(f"`{named[0]}` means nothing to BigQuery; write `query`")
            return
        if path is not None and "://" in path:
            check_remote(path)
    except UserError as error:
        raise ValueError(f"{error.headline}; {error.hint}") from None
    if named:
        scheme = (path or "").partition("://")[0] if "://" in (path or "") else ""
        close = nearest(scheme, _SCHEMES) if scheme else None
        raise ValueError(
            f"`{named[0]}` needs a database as `path`, such as sqlite:///trips.db"
            + (f"; did you mean {close}://?" if close else "")
        )
