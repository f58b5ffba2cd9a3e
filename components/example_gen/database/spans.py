"""The placeholders for a span in a query, as TFX fills them in, without TFX's imports."""

from __future__ import annotations

import datetime

from components.example_gen.database.settings import DatabaseSource, check_span

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def for_span(source: DatabaseSource, span: int | None) -> DatabaseSource:
    """The source with its query for one span.

    Args:
      source: The table or query.
      span: Days since 1970; None for a source that has no place for it.

    Raises:
      UserError: If the query needs a span and none is given, or the other way round.
    """
    check_span(source.query, span)
    if source.query is None or span is None:
        return source
    begin = _EPOCH + datetime.timedelta(days=span)
    end = begin + datetime.timedelta(days=1)
    values = {
        "@span_begin_timestamp": str(int(begin.timestamp())),
        "@span_end_timestamp": str(int(end.timestamp())),
        "@span_yyyymmdd_utc": begin.strftime("'%Y%m%d'"),
    }
    query = source.query
    for place, value in values.items():
        query = query.replace(place, value)
    return source.with_query(query)
