"""The kind of each column, and the role that it could have."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from onboarding.column_facts import ObservedColumn
from onboarding.numbers import number_verdict
from onboarding.places import Place, find_places
from onboarding.texts import text_verdict
from onboarding.verdict import Table, Verdict, share

_NEARLY_ALL = 0.9995


@dataclasses.dataclass(frozen=True)
class Verdicts:
    """What every column is.

    Attributes:
      columns: The verdict on each column, in the table's order.
      places: The pairs of columns that are places.
    """

    columns: Mapping[str, Verdict]
    places: tuple[Place, ...]


def judge(columns: Mapping[str, ObservedColumn], table: Table) -> Verdicts:
    """Judges every column by its name and its values.

    Args:
      columns: The columns, in the table's order.
      table: The table.
    """
    places = find_places(columns.values())
    verdicts = {name: judge_column(column, table) for name, column in columns.items()}
    for place in places:
        why = "degrees, one place with {}"
        verdicts[place.latitude] = Verdict("latitude", why.format(place.longitude))
        verdicts[place.longitude] = Verdict("longitude", why.format(place.latitude))
    return Verdicts(verdicts, places)


def judge_column(column: ObservedColumn, table: Table) -> Verdict:
    """Judges one column.

    Args:
      column: The column.
      table: The table.
    """
    facts = column.facts
    if not facts.distinct:
        return Verdict("empty", "no value in any row")
    flag: dict[str, Any] = {"role": "categorical"}
    commonest, count = facts.common[0]
    if facts.distinct == 1:
        if facts.missing and facts.present / facts.rows >= 0.01:
            why = f"{commonest!r} or nothing; {share(facts.missing, facts.rows)} missing"
            return Verdict("categorical", why, flag)
        where = "every row" if not facts.missing else f"{facts.present:,} rows, else missing"
        return Verdict("constant", f"{commonest!r} in {where}", None, flag)
    if facts.present < 10 and facts.rows >= 100:
        why = f"only {facts.present} of {facts.rows:,} rows have a value"
        return Verdict("empty", why, None, flag)
    if count >= _NEARLY_ALL * facts.rows:
        why = f"{commonest!r} in all but {facts.rows - count:,} of {facts.rows:,} rows"
        return Verdict("constant", why, None, flag)
    return text_verdict(column, table) if column.is_text else number_verdict(column, table)


def place_roles(places: Iterable[Place], rows: int) -> dict[str, dict[str, Any]]:
    """The features that places become, by name.

    Args:
      places: The pairs of columns.
      rows: Rows of the table.
    """
    buckets = 10 if rows >= 2_000 else 5
    return {
        place.name: {
            "role": "latitude_longitude",
            "latitude": place.latitude,
            "longitude": place.longitude,
            "buckets": buckets,
        }
        for place in places
    }
