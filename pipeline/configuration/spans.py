"""What the configuration says about spans, checked before anything runs."""

from __future__ import annotations

from components.example_gen.bigquery import is_bigquery
from components.example_gen.database import settings as database
from components.example_gen.database_address import is_database
from components.example_gen.spans import patterns
from core.errors import UserError


def check_spans(path: str | None, query: str | None, span: int | None, window: int) -> None:
    """Refuses wishes for spans of data that have none.

    Args:
      path: Where the data are; None for bundled data.
      query: The query, where the data are in a database.
      span: The span that is wanted; None for the newest.
      window: On how many spans to train.

    Raises:
      UserError: If the places for spans make no sense, or a span or several are wanted of
        data that have none.
    """
    in_database = path is not None and (is_database(path) or is_bigquery(path))
    if in_database:
        has_spans = query is not None and database.has_span(query)
    else:
        # The query of a database is checked with its span when the node is built.
        patterns.check_span(path or "the bundled data", span)
        has_spans = path is not None and patterns.has_span(path)
    if window > 1 and not has_spans:
        raise UserError(
            f"a window of {window} spans is wanted, and the data have no spans",
            evidence=["data.query" if in_database else f"data.path: {path or 'bundled data'}"],
            hint="leave data.window out, or give the data a place for a span, such as "
            + ("@span_begin_timestamp" if in_database else "trips/span-{SPAN}/*.csv"),
            code="window-without-spans",
        )
