"""Columns that hold moments: counted since 1970, or written as text."""

from __future__ import annotations

import calendar
import re
from typing import Any

import numpy as np

from onboarding.column_facts import ObservedColumn
from onboarding.column_names import AMOUNTS, BIRTHS, IDENTIFIERS, TIMES, words_of
from onboarding.verdict import Verdict, share
from preprocessing import time_format

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_UNITS = frozenset(("seconds", "secs", "sec"))
_DAY = 86_400
_YEAR = 365.25 * _DAY
# 1985 to 2045: what the clocks of data say. Numbers without a telling name must lie closer.
_NAMED = (15 * _YEAR, 75 * _YEAR)
_UNNAMED = (30 * _YEAR, 60 * _YEAR)
_LOOKED_AT = 2_000
_FITTING = 0.98
_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d-%m-%Y", "%Y.%m.%d",
    "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y",
    "%d-%b-%Y", "%d-%b-%y", "%Y%m%d", "%b %d %Y", "%a, %d %b %Y", "%a %d %b %Y", "%d. %B %Y",
)  # fmt: skip
_CLOCKS = (
    "%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H:%M:%S%z",
    "%H:%M:%S.%f%z", "%H:%M:%S %z", "%H:%M:%S %Z", "%H:%M%z", "%H%M%S",
)  # fmt: skip
_DIGIT = re.compile(r"[0-9]")
_SHAPE = re.compile(
    r"(?:[\d\s:./,+\-]|"
    + "|".join(
        f"{name[:3]}(?:{name[3:]})?" for name in (*calendar.month_name[1:], *calendar.day_name)
    )
    + r"|[ap]m|utc|gmt|t|z)+",
    re.IGNORECASE,
)
FORMATS = (
    *_DATES,
    *(f"{date} {clock}" for date in _DATES for clock in _CLOCKS),
    *(f"{date}T{clock}" for date in _DATES[:1] for clock in _CLOCKS),
    "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%S%z", "%Y%m%d%H%M%S", "%Y-%m", "%Y/%m", "%b %Y", "%m/%Y",
    "%a %b %d %H:%M:%S %Y", *_CLOCKS[:6],
)  # fmt: skip
"""The patterns that are tried, in this order."""


def epoch_verdict(column: ObservedColumn) -> Verdict | None:
    """Judges whether numbers are moments since 1970.

    Args:
      column: A column of numbers.

    Returns:
      The verdict, None where they are none.
    """
    words = set(words_of(column.name))
    if words & (IDENTIFIERS | (AMOUNTS - _UNITS)):
        return None
    if len(column.distinct) < 2:
        return None
    if column.is_whole and (dates := _digits_of_days(column)) is not None:
        return dates
    if len(column.distinct) > 20 and column.is_whole and _are_midnights(column.distinct):
        return _of_moments(column, column.distinct, {"unit": "s"}, "s since 1970, whole days")
    low, high = np.quantile(column.distinct, (0.01, 0.99))
    named = bool(words & TIMES)
    for unit, factor in _SECONDS.items():
        earliest, latest = _NAMED if named else _UNNAMED
        if not earliest <= low * factor <= high * factor <= latest:
            continue
        return _of_moments(column, column.distinct * factor, {"unit": unit}, f"{unit} since 1970")
    return None


def _are_midnights(seconds: np.ndarray) -> bool:
    """Whether numbers are whole days in seconds, such as the days of births in Parquet."""
    return bool((seconds % _DAY == 0).all() and (np.abs(seconds) < _NAMED[1]).all())


def _digits_of_days(column: ObservedColumn) -> Verdict | None:
    """Whole numbers such as 20240131."""
    low, high = float(column.distinct.min()), float(column.distinct.max())
    if not (low >= 19_000_101 and high <= 21_001_231):
        return None
    texts = [str(int(number)) for number in column.spread(_LOOKED_AT)]
    seconds = [time_format.parse("%Y%m%d", text) for text in texts]
    found = np.array([second for second in seconds if second is not None], float)
    if len(found) < _FITTING * len(texts):
        return None
    return _of_moments(
        column, found, {"format": "%Y%m%d"}, "days written as digits, such as " + texts[0], True
    )


def text_moment_verdict(column: ObservedColumn) -> Verdict | None:
    """Judges whether texts are moments.

    Args:
      column: A column of texts.

    Returns:
      The verdict, None where they are none.
    """
    texts = [str(text) for text in column.spread(_LOOKED_AT)]
    if not all(_DIGIT.search(text) and _SHAPE.fullmatch(text) for text in texts[:5]):
        return None
    fitting = [pattern for pattern in FORMATS if _fits(pattern, texts[:20])]
    fitting = [pattern for pattern in fitting if _fits(pattern, texts)]
    if not fitting:
        return None
    parsed = {pattern: _parse(pattern, texts) for pattern in fitting}
    # Where day and month could change places, the reading whose days lie closer together.
    pattern = min(fitting, key=lambda each: (round(np.ptp(parsed[each]) / _DAY), each not in texts))
    verdict = _of_moments(
        column, parsed[pattern], {"format": pattern}, f"moments such as {texts[0]!r}"
    )
    others = [p for p in fitting if sorted(p) == sorted(pattern) and p != pattern]
    if others:
        return _with_remark(
            verdict,
            f"{column.name} reads as {pattern} and as {others[0]} alike; {pattern} was taken.",
        )
    return verdict


def _with_remark(verdict: Verdict, remark: str) -> Verdict:
    return Verdict(
        verdict.kind, verdict.why, verdict.role, verdict.fallback, remark, verdict.as_text
    )


def _fits(pattern: str, texts: list[str]) -> bool:
    read = sum(time_format.parse(pattern, text) is not None for text in texts)
    return read >= _FITTING * len(texts)


def _parse(pattern: str, texts: list[str]) -> np.ndarray:
    read = (time_format.parse(pattern, text) for text in texts)
    return np.array([seconds for seconds in read if seconds is not None], float)


def _of_moments(
    column: ObservedColumn,
    seconds: np.ndarray,
    how: dict[str, Any],
    what: str,
    as_text: bool = False,
) -> Verdict:
    parts = calendar_parts(seconds, is_birth=bool(BIRTHS & set(words_of(column.name))))
    first, last = (_day(moment) for moment in (seconds.min(), seconds.max()))
    why = what if first == last else f"{what}, from {first} to {last}"
    if column.facts.missing:
        why += f"; {share(column.facts.missing, column.facts.rows)} missing"
    role: dict[str, Any] = {"role": "timestamp", **how, "parts": parts}
    return Verdict("timestamp", why, role, as_text=as_text)


def calendar_parts(seconds: np.ndarray, *, is_birth: bool = False) -> list[str]:
    """The parts of moments that can tell something.

    A part needs moments that differ in it, and a cycle that the data see whole: with
    three months of data the month would only be a name for "later".

    Args:
      seconds: Seconds since 1970, of the different moments.
      is_birth: Whether they are of lives, where the year tells.
    """
    span = float(np.ptp(seconds))
    of_day = np.floor(seconds) % _DAY
    parts = []
    if len(np.unique(of_day // 3_600)) > 1 and not is_birth:
        parts.append("hour")
    if span < 3 * 3_600 and len(np.unique(of_day // 60)) > 1:
        parts.append("minute")
    if span >= 7 * _DAY and len(np.unique(seconds // _DAY % 7)) > 1 and not is_birth:
        parts.append("weekday")
    if span >= 330 * _DAY:
        parts.append("month")
    if span >= 1.5 * _YEAR or is_birth:
        parts.append("year")
    return parts or ["hour"]


def _day(seconds: float) -> str:
    return str(np.datetime64(int(seconds), "s").astype("datetime64[D]"))
