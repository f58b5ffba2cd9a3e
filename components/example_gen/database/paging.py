"""The rows of a table or a query, a page at a time."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from components.example_gen.database.connection import is_outage, message
from components.example_gen.database.relation import Extent, Relation, column
from core import progress
from core.errors import DataError, InfrastructureError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import Engine

Rows = Sequence[Sequence[Any]]
"""Values of rows as the driver gives them."""
RETRY_SECONDS = (0.5, 2.0, 8.0)


class Pager:
    """Reads rows in order of their key, so that a broken connection costs one page.

    Each page is a statement of its own, ``WHERE key > last ORDER BY key LIMIT n``, which
    an index answers wherever the last page ended (keyset pagination). Rows that are
    appended beyond the greatest key of the start are left for the next span. Without a
    key one statement gives all rows and nothing can be tried again.

    Args:
      engine: The database.
      relation: What to read.
      extent: How much there was at the start.
      page_rows: Rows of the first page; `page_rows` may be set between pages.
      retry_seconds: How long to wait before each new attempt.
    """

    def __init__(
        self,
        engine: Engine,
        relation: Relation,
        extent: Extent,
        page_rows: int,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self._engine = engine
        self._relation = relation
        self._extent = extent
        self._retry_seconds = retry_seconds
        self._places = [relation.columns.index(name) for name in relation.keys]
        self.page_rows = page_rows
        self.rows = 0

    def pages(self) -> Iterator[Rows]:
        """Yields the rows.

        Raises:
          DataError: If the key is not unique, or rows were inserted among the others or
            deleted meanwhile.
          InfrastructureError: If the database goes away and stays away.
        """
        pages = self._by_key() if self._relation.keys else self._in_one_pass()
        for page in pages:
            self.rows += len(page)
            progress.report(f"{self.rows:,} of {self._extent.rows:,} rows read")
            yield page
        if self._relation.keys and self.rows != self._extent.rows:
            raise self._changed()

    def _by_key(self) -> Iterator[Rows]:
        last: tuple[Any, ...] | None = None
        while True:
            limit = self.page_rows
            # One row more than wanted: it shows a key that goes on behind the page's end.
            page = self._fetch(self._page(last, limit + 1))
            keys = [tuple(row[place] for place in self._places) for row in page]
            self._check_unique(keys)
            if len(page) <= limit:
                if page:
                    yield page
                return
            yield page[:limit]
            last = keys[limit - 1]

    def _page(self, last: tuple[Any, ...] | None, limit: int) -> Select:
        keys = [column(name) for name in self._relation.keys]
        statement = self._relation.rows().where(_up_to(keys, self._extent.last))
        if last is not None:
            statement = statement.where(_after(keys, last))
        return statement.order_by(*keys).limit(limit)

    def _fetch(self, statement: Select) -> Rows:
        from sqlalchemy.exc import DBAPIError

        waits = iter(self._retry_seconds)
        while True:
            try:
                with self._engine.connect() as connection:
                    result = connection.execute(statement)
                    # The driver's own rows: SQLAlchemy's take a third longer.
                    assert result.cursor is not None
                    return result.cursor.fetchall()
            except (DBAPIError, self._engine.dialect.loaded_dbapi.Error) as error:
                if not is_outage(error):
                    raise
                self._wait(error, waits)

    def _wait(self, error: Exception, waits: Iterator[float]) -> None:
        seconds = next(waits, None)
        if seconds is None:
            raise self._lost(error) from None
        progress.report(f"the database went away after {self.rows:,} rows; trying again")
        time.sleep(seconds)

    def _in_one_pass(self) -> Iterator[Rows]:
        from sqlalchemy.exc import DBAPIError

        with self._engine.connect().execution_options(stream_results=True) as connection:
            result = connection.execute(self._relation.rows())
            try:
                while page := result.fetchmany(self.page_rows):
                    yield page
            except DBAPIError as error:
                if not is_outage(error):
                    raise
                raise self._lost(error) from None

    def _check_unique(self, keys: Sequence[tuple[Any, ...]]) -> None:
        for before, key in itertools.pairwise(keys):
            if before == key:
                names = ", ".join(self._relation.keys)
                raise DataError(
                    f"the key column {names} is not unique",
                    evidence=[self._relation.source.name, f"twice: {', '.join(map(str, key))}"],
                    hint="name a unique column as `data.key_column`, or several that are unique "
                    "together, such as [day, trip]",
                    code="repeated-key",
                )

    def _lost(self, error: Exception) -> InfrastructureError:
        source = self._relation.source
        tried = len(self._retry_seconds) if self._relation.keys else 0
        return InfrastructureError(
            f"the database went away after {self.rows:,} of {self._extent.rows:,} rows",
            evidence=[source.name, message(error, source.address)]
            + ([f"tried {tried} times more"] if tried else []),
            hint="run again when it is back"
            if self._relation.keys
            else "run again when it is back; with a `data.key_column` reading can go on where "
            "it stopped",
            code="database-lost",
        )

    def _changed(self) -> DataError:
        return DataError(
            "the table changed while it was being read",
            evidence=[
                self._relation.source.name,
                f"{self._extent.rows:,} rows at the start, {self.rows:,} were read",
            ],
            hint="run again; rows may only be appended meanwhile, and text keys must differ "
            "in more than upper and lower case",
            code="data-changed",
        )


def _after(keys: Sequence[ColumnElement], last: Sequence[Any]) -> ColumnElement:
    """Keys that come after another, compared column by column."""
    import sqlalchemy

    found = keys[-1] > last[-1]
    for key, value in zip(reversed(keys[:-1]), reversed(last[:-1]), strict=True):
        found = sqlalchemy.or_(key > value, sqlalchemy.and_(key == value, found))
    return found


def _up_to(keys: Sequence[ColumnElement], last: Sequence[Any]) -> ColumnElement:
    """Keys that do not come after another."""
    import sqlalchemy

    found = keys[-1] <= last[-1]
    for key, value in zip(reversed(keys[:-1]), reversed(last[:-1]), strict=True):
        found = sqlalchemy.or_(key < value, sqlalchemy.and_(key == value, found))
    return found
