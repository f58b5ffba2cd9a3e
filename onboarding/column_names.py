"""What a column's name tells: its words, and which of them speak of codes or of amounts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.errors import nearest

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")


def words(text: str) -> frozenset[str]:
    """The words of a text that blanks part."""
    return frozenset(text.split())


IDENTIFIERS = words(
    "id ids uuid guid key identifier hash md5 sha sha1 sha256 token serial barcode isbn ean "
    "imei iban ssn rowid row index idx nr no record reference ref vin passport phone telephone "
    "mobile email mail url uri href link ip mac account invoice receipt unnamed"
)
"""Words of names whose values name one thing each."""

PERSONS = words("name names firstname lastname fullname surname username author")
"""Words of names whose values name people or things."""

CALENDAR = {
    "month": (0, 12),
    "hour": (0, 24),
    "weekday": (0, 7),
    "dow": (0, 7),
    "dayofweek": (0, 7),
    "day": (0, 31),
    "quarter": (0, 4),
    "week": (0, 53),
    "season": (0, 5),
    "hr": (0, 24),
    "mnth": (0, 12),
}
"""Words of names whose whole numbers repeat with the calendar, with their range."""

CODES = words(
    "zip zipcode postal postcode plz region district tract code type kind category cat class "
    "subclass pclass group cluster store shop product sku brand department dept zone sector "
    "station terminal channel county state country city status segment branch route gate "
    "carrier vendor supplier warehouse team campaign ward precinct borough neighborhood "
    "neighbourhood community location area id ids key ratecode sic naics icd fips genre species "
    "variety method mode model make platform device browser os sex gender race religion "
    "nationality"
)
"""Words of names whose numbers are names: a larger one is not more."""

AMOUNTS = words(
    "age count counts cnt num number n total sum amount price cost fare tip tips seconds secs sec "
    "minutes mins hours days weeks months years miles km distance weight mass height length width "
    "depth size rate ratio score rating income salary balance duration temperature temp quantity "
    "qty percent pct percentage share rooms bedrooms bathrooms points volume pressure speed sqft "
    "feet mm cm kg lb lbs pounds usd eur dollars euros capacity value population avg mean median "
    "min max std var sqm m2 level grade plurality children kids dependents visits clicks views "
    "purchases orders sales revenue profit tax fee interest loan credit debit power energy "
    "humidity wind radius perimeter smoothness"
)
"""Words of names whose numbers measure or count."""

TIMES = words(
    "time timestamp date datetime ts epoch unix at on created updated modified start end started "
    "ended begin when dt moment pickup dropoff birth birthday dob opened closed since until due "
    "joined registered signup login expires expiry seen visited posted ordered"
    " shipped published"
)
"""Words of names whose values may be moments."""

BIRTHS = words("birth birthday birthdate dob born")
"""Words of names whose moments are of lives, where the year tells and the hour does not."""


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: `PULocationID` is pu, location, id."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, letters' case aside; None where nothing is close."""
    lowered = {other.casefold(): other for other in reversed(list(known))}
    found = nearest(name.strip().casefold(), lowered)
    return None if found is None else lowered[found]
