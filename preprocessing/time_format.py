"""Moments written as text, read by a pattern such as ``%d.%m.%Y %H:%M``.

The directives are those of Python's ``datetime.strptime`` in English, whatever the
machine's language: ``%Y %y %m %d %j %b %B %H %I %M %S %f %p %z %Z %a %A %%``. Numbers may
lack their leading zeros, names are read in any case, blanks around the text do not count
and blanks in the pattern stand for one or more. A fraction of a second is read over,
a weekday's name as well; ``%Z`` knows UTC, GMT and Z. What the pattern does not say is
that of 1970-01-01T00:00Z. Days that the calendar lacks (February 30) are no moments.

A pattern becomes one regular expression in the common part of Python's and RE2's
syntax, so that the same expression reads the texts here and in the transform graph
(`preprocessing.timestamps.seconds_from_text`).
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import functools
import re

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BLANKS = r"[ \t\r\n]"
_EPOCH = datetime.date(1970, 1, 1).toordinal()


@dataclasses.dataclass(frozen=True)
class ParsedFormat:
    """A pattern as a regular expression.

    Attributes:
      expression: The regular expression, to be matched with the whole text.
      parts: What each of its groups holds: year, short_year, month, month_name, day,
        day_of_year, hour, half_day_hour, minute, second, half_day, zone_hour, zone_minute.
    """

    expression: str
    parts: tuple[str, ...]


def _any_case(words: tuple[str, ...]) -> str:
    # Written out: ignoring case would let RE2 take letters of other scripts for ours.
    return "|".join("".join(f"[{c.upper()}{c.lower()}]" for c in word) for word in words)


def _short(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word[:3] for word in words)


# Each directive's expression; its groups hold the parts. The order of the alternatives
# is strptime's: it decides what texts without separators mean.
_DIRECTIVES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Y": ("([0-9]{4})", ("year",)),
    "y": ("([0-9]{2})", ("short_year",)),
    "m": ("(1[0-2]|0[1-9]|[1-9])", ("month",)),
    "b": (f"({_any_case(_short(MONTHS))})", ("month_name",)),
    "B": (f"({_any_case(MONTHS)})", ("month_name",)),
    "d": ("(3[01]|[12][0-9]|0[1-9]|[1-9])", ("day",)),
    "j": (
        "(36[0-6]|3[0-5][0-9]|[12][0-9][0-9]|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])",
        ("day_of_year",),
    ),
    "H": ("(2[0-3]|[01][0-9]|[0-9])", ("hour",)),
    "I": ("(1[0-2]|0[1-9]|[1-9])", ("half_day_hour",)),
    "M": ("([0-5][0-9]|[0-9])", ("minute",)),
    "S": ("([0-5][0-9]|[0-9])", ("second",)),
    "p": ("([AaPp])[Mm]", ("half_day",)),
    "f": ("[0-9]{1,9}", ()),
    "z": (
        "(?:([+-](?:[01][0-9]|2[0-3]))(?::?([0-5][0-9]))?|[Zz])",
        ("zone_hour", "zone_minute"),
    ),
    "Z": (f"(?:{_any_case(('UTC', 'GMT', 'Z'))})", ()),
    "a": (f"(?:{_any_case(_short(_WEEKDAYS))})", ()),
    "A": (f"(?:{_any_case(_WEEKDAYS)})", ()),
}
_EXCLUSIVE = ("Yy", "mbB", "HI", "zZ", "jm", "jb", "jB", "jd")


def check_format(time_format: str) -> None:
    """Refuses a pattern that cannot be read.

    Raises:
      ValueError: With what is wrong with it.
    """
    parse_format(time_format)


@functools.lru_cache(maxsize=256)
def parse_format(time_format: str) -> ParsedFormat:
    """Turns a pattern into a regular expression.

    Raises:
      ValueError: If a directive is not known, stands there twice or beside one that
        says the same; or if there is none.
    """
    if not time_format.strip().isprintable():
        raise ValueError(f"{time_format!r} has characters that cannot be printed")
    expression = ""
    parts: list[str] = []
    seen: list[str] = []
    for text in re.findall(r"%.?|\s+|[^%\s]+", time_format.strip(), re.DOTALL):
        if text.isspace():
            expression += f"{_BLANKS}+"
        elif not text.startswith("%"):
            expression += re.escape(text)
        elif text == "%%":
            expression += "%"
        elif text[1:] not in _DIRECTIVES:
            known = " ".join(f"%{letter}" for letter in _DIRECTIVES)
            raise ValueError(f"{time_format!r}: {text!r} is not a directive; known: {known} %%")
        else:
            seen.append(text[1])
            expression += _DIRECTIVES[text[1]][0]
            parts += _DIRECTIVES[text[1]][1]
    _check_directives(time_format, seen)
    return ParsedFormat(f"{_BLANKS}*{expression}{_BLANKS}*", tuple(parts))


def _check_directives(time_format: str, seen: list[str]) -> None:
    if not set(seen) - set("aAfpzZ"):
        raise ValueError(
            f"{time_format!r} says no date and no time of day; an example: %Y-%m-%d %H:%M:%S"
        )
    for letter in seen:
        if seen.count(letter) > 1:
            raise ValueError(f"{time_format!r}: %{letter} stands there twice")
    for letters in _EXCLUSIVE:
        both = [f"%{letter}" for letter in letters if letter in seen]
        if len(both) > 1:
            raise ValueError(f"{time_format!r}: {' and '.join(both)} say the same")
    if "I" in seen and "p" not in seen:
        raise ValueError(f"{time_format!r}: %I needs %p (AM or PM); 24 hours are %H")


def parse(time_format: str, text: str | bytes) -> int | None:
    """Reads one text.

    Args:
      time_format: The pattern.
      text: What is written; bytes are UTF-8.

    Returns:
      Whole seconds since 1970-01-01T00:00Z, fractions cut off, or None if the text is
      not of this pattern or names no real day.

    Raises:
      ValueError: If the pattern is wrong (see `check_format`).
    """
    expression, parts = _compiled(time_format)
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError:
            return None
    match = expression.fullmatch(text)
    if match is None:
        return None
    found = {part: value for part, value in zip(parts, match.groups(), strict=True) if value}
    days = _days(found)
    if days is None:
        return None
    return days * 86_400 + _seconds_of_day(found) - _zone_seconds(found)


@functools.lru_cache(maxsize=256)
def _compiled(time_format: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    parsed = parse_format(time_format)
    return re.compile(parsed.expression), parsed.parts


def _days(found: dict[str, str]) -> int | None:
    year = int(found.get("year", 1970))
    if "short_year" in found:
        short = int(found["short_year"])
        year = short + (1900 if short >= 69 else 2000)  # as POSIX has it
    month = int(found.get("month", 1))
    if "month_name" in found:
        month = 1 + _short(MONTHS).index(found["month_name"][:3].capitalize())
    try:
        days = datetime.date(year, month, int(found.get("day", 1))).toordinal() - _EPOCH
        if "day_of_year" in found:
            day = int(found["day_of_year"])
            return days + day - 1 if day < 366 or calendar.isleap(year) else None
    except ValueError:
        return None
    return days


def _seconds_of_day(found: dict[str, str]) -> int:
    hour = int(found.get("hour", 0))
    if "half_day_hour" in found:
        hour = int(found["half_day_hour"]) % 12 + 12 * (found["half_day"] in "Pp")
    return hour * 3_600 + int(found.get("minute", 0)) * 60 + int(found.get("second", 0))


def _zone_seconds(found: dict[str, str]) -> int:
    zone = found.get("zone_hour", "+00")
    seconds = int(zone[1:]) * 3_600 + int(found.get("zone_minute", 0)) * 60
    return -seconds if zone[0] == "-" else seconds
