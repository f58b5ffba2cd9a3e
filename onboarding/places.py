"""Pairs of columns that are places: degrees north and east."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from onboarding.column_facts import ObservedColumn

_LATITUDE = re.compile(r"(?:^|(?<=[^a-z]))(?:latitude|lat)(?=$|[^a-z])|latitude|Lat(?=$|[^a-z])")
_LONGITUDE = re.compile(
    r"(?:^|(?<=[^a-z]))(?:longitude|long|lon|lng)(?=$|[^a-z])|longitude|(?:Lon|Lng|Long)(?=$|[^a-z])"
)


@dataclasses.dataclass(frozen=True)
class Place:
    """Two columns that are one place.

    Attributes:
      name: The feature's name.
      latitude: The column of degrees north.
      longitude: The column of degrees east.
    """

    name: str
    latitude: str
    longitude: str


def find_places(columns: Iterable[ObservedColumn]) -> tuple[Place, ...]:
    """Finds columns whose names differ in latitude and longitude alone, and hold degrees.

    Args:
      columns: All columns.
    """
    columns = list(columns)
    taken = {column.name for column in columns}
    norths = {
        rest: column.name
        for column in columns
        if (rest := _rest(_LATITUDE, column.name)) is not None and _within(column, 90)
    }
    places = []
    for column in columns:
        rest = _rest(_LONGITUDE, column.name)
        if rest is None or rest not in norths or not _within(column, 180):
            continue
        name = rest.strip("@_-. ").replace("@", "").strip("_-. ") or "place"
        while name in taken:
            name = f"{name}_place"
        taken.add(name)
        places.append(Place(name, norths[rest], column.name))
    return tuple(places)


def _rest(pattern: re.Pattern[str], name: str) -> str | None:
    """The name with its word for the coordinate replaced, the rest in lower case."""
    for text in (name, name.lower()):
        replaced, count = pattern.subn("@", text, count=1)
        if count:
            return replaced.lower()
    return None


def _within(column: ObservedColumn, degrees: float) -> bool:
    low, high = column.facts.lowest, column.facts.highest
    if column.is_text or low is None or high is None or column.facts.distinct < 5:
        return False
    return -degrees <= low and high <= degrees
