"""What is to be read: the columns of a table or a query, and by which key."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.example_gen.database.settings import DatabaseSource
from core.errors import DataError, UserError, nearest

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select
    from sqlalchemy.engine import Connection

# What SQLAlchemy's text() would take for a parameter, such as the :b of '{a :b}'.
_PARAMETER = re.compile(r"(?<![:\w$\\]):([\w$]+)(?![:\w$])")


@dataclasses.dataclass(frozen=True)
class Relation:
    """Something that rows can be selected from.

    Attributes:
      source: The table or query.
      selectable: The same for SQLAlchemy.
      columns: Its columns, in order.
      types: What the database says they hold; empty texts for a query.
      keys: Unique columns to read by; empty to read in one pass.
    """

    source: DatabaseSource
    selectable: FromClause
    columns: tuple[str, ...]
    types: tuple[str, ...]
    keys: tuple[str, ...]

    def select(self, *columns: Any) -> Select:
        """A SELECT of something from it."""
        import sqlalchemy

        return sqlalchemy.select(*columns).select_from(self.selectable)

    def rows(self) -> Select:
        """A SELECT of all columns."""
        return self.select(*(column(name) for name in self.columns))


@dataclasses.dataclass(frozen=True)
class Extent:
    """How much there is, now.

    Attributes:
      rows: How many rows.
      last: The greatest key; empty where there is none.
    """

    rows: int
    last: tuple[Any, ...]


def column(name: str) -> ColumnElement:
    """A column by name, always quoted, its values as the driver gives them."""
    import sqlalchemy
    from sqlalchemy.sql import quoted_name

    return sqlalchemy.column(quoted_name(name, True))


def find_relation(connection: Connection, source: DatabaseSource) -> Relation:
    """Looks up the columns and the key.

    Args:
      connection: To the database.
      source: What is asked for.

    Raises:
      UserError: If there is no such table or column, with the nearest one.
      DataError: If two columns have the same name.
    """
    if source.query is not None:
        relation = _of_query(connection, source)
    else:
        relation = _of_table(connection, source)
    for name in relation.columns:
        if relation.columns.count(name) > 1:
            raise DataError(
                f"column {name!r} stands twice in the query",
                evidence=[source.name],
                hint="give one of them another name with AS",
                code="duplicate-column",
            )
    named = [("data.key_column", name) for name in source.key_columns]
    if source.updated_column is not None:
        named.append(("data.updated_column", source.updated_column))
    for key, name in named:
        if name not in relation.columns:
            close = nearest(name, relation.columns)
            raise UserError(
                f"`{key}` names the column {name!r}, which the data does not have",
                evidence=[f"its columns: {', '.join(relation.columns)}"],
                hint=f"did you mean {close!r}?" if close else "check the name",
                code="unknown-column",
            )
    return relation


def measure(connection: Connection, relation: Relation) -> Extent:
    """Counts the rows and looks up the greatest key.

    Raises:
      DataError: If there is no row, or the key has nulls.
    """
    import sqlalchemy

    counts = [sqlalchemy.func.count(column(name)) for name in relation.keys]
    rows, *held = connection.execute(relation.select(sqlalchemy.func.count(), *counts)).one()
    if not rows:
        raise DataError(
            f"{relation.source.table or 'the query'} has no rows",
            evidence=[relation.source.name, f"columns: {', '.join(relation.columns[:8])}"],
            hint="fill the table, or check the conditions of the query",
            code="empty-table",
        )
    for name, count in zip(relation.keys, held, strict=True):
        if count < rows:
            raise DataError(
                f"the key column {name!r} is null in {rows - count:,} of {rows:,} rows",
                evidence=[relation.source.name],
                hint="name a unique column without nulls as `data.key_column`",
                code="null-key",
            )
    if not relation.keys:
        return Extent(rows, ())
    keys = [column(name) for name in relation.keys]
    last = relation.select(*keys).order_by(*(key.desc() for key in keys)).limit(1)
    return Extent(rows, tuple(connection.execute(last).one()))


def fingerprint(connection: Connection, relation: Relation) -> str:
    """What tells changed data from unchanged data, without reading them.

    Rows that come or go change the count or the greatest key. A row that is changed in
    place shows in `updated_column` where there is one, and in a SQLite file's size and
    time.

    Raises:
      DataError: If there is no row, or the key has nulls.
    """
    import sqlalchemy

    source = relation.source
    extent = measure(connection, relation)
    updated = None
    if source.updated_column is not None:
        newest = sqlalchemy.func.max(column(source.updated_column))
        updated = connection.execute(relation.select(newest)).scalar()
    parts = {
        "source": [source.address, source.table, source.query],
        "schema": [relation.columns, relation.types],
        "last": [str(part) for part in extent.last],
        "updated": str(updated),
        "file": _file_state(connection),
    }
    digests = (f"{name}:{_digest(value)}" for name, value in parts.items())
    return ",".join((f"rows:{extent.rows}", *digests))


def _of_query(connection: Connection, source: DatabaseSource) -> Relation:
    import sqlalchemy

    assert source.query is not None
    # A line end, so that a comment at the end does not swallow the closing bracket.
    statement = _PARAMETER.sub(r"\\:\1", source.query.strip().rstrip(";").rstrip()) + "\n"
    text = sqlalchemy.text(statement)
    probe = sqlalchemy.select(sqlalchemy.text("*")).select_from(text.columns().subquery("data"))
    names = tuple(connection.execute(probe.limit(0)).keys())
    plain = text.columns(*(sqlalchemy.column(name) for name in names)).subquery("data")
    return Relation(source, plain, names, ("",) * len(names), source.key_columns)


def _of_table(connection: Connection, source: DatabaseSource) -> Relation:
    import sqlalchemy
    from sqlalchemy.sql import quoted_name

    assert source.table is not None
    inspector = sqlalchemy.inspect(connection)
    schema, _, name = source.table.rpartition(".")
    if inspector.has_table(source.table):
        schema, name = "", source.table
    elif not schema or not inspector.has_table(name, schema=schema):
        known = [*inspector.get_table_names(), *inspector.get_view_names()]
        close = nearest(source.table, known) or nearest(name, known)
        raise UserError(
            f"the database has no table {source.table!r}",
            evidence=[source.address, f"its tables: {_listed(known)}"],
            hint=f"did you mean {close!r}?" if close else "check `data.table`",
            code="unknown-table",
        )
    found = inspector.get_columns(name, schema=schema or None)
    columns = tuple(str(item["name"]) for item in found)
    keys = source.key_columns
    if not keys:
        primary = inspector.get_pk_constraint(name, schema=schema or None)
        keys = tuple(primary["constrained_columns"])
    table = sqlalchemy.table(
        quoted_name(name, True), schema=quoted_name(schema, True) if schema else None
    )
    return Relation(source, table, columns, tuple(str(item["type"]) for item in found), keys)


def _file_state(connection: Connection) -> list[list[int]]:
    """Sizes and times of a SQLite file and of what is not yet written into it."""
    path = connection.engine.url.database
    if connection.dialect.name != "sqlite" or not path:
        return []
    states = []
    for name in (path, f"{path}-wal"):
        # An empty log comes and goes with connections.
        if Path(name).is_file() and (status := Path(name).stat()).st_size:
            states.append([status.st_size, status.st_mtime_ns])
    return states


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:8]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(sorted(names)[:10])
    return f"{shown} and {len(names) - 10:,} more" if len(names) > 10 else shown or "(none)"
