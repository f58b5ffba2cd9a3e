"""Moments in columns: their format, and the parts that can tell something."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.moments import calendar_parts
from tests.onboarding.observed import judged

START = datetime.datetime(2021, 1, 1, 8, 30, tzinfo=datetime.timezone.utc)
FORMATS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%m/%d/%Y",
    "%m/%d/%Y %I:%M %p", "%d/%m/%Y", "%d %b %Y", "%B %d, %Y", "%Y-%m-%d %H:%M:%S.%f",
)  # fmt: skip
_HOUR, _DAY, _YEAR = 3_600, 86_400, 365 * 86_400


@pytest.mark.parametrize("pattern", FORMATS)
def test_the_format_of_texts_is_found(pattern: str) -> None:
    moments = [START + datetime.timedelta(hours=31 * n) for n in range(400)]

    verdict = judged("when", [moment.strftime(pattern) for moment in moments])

    assert verdict.kind == "timestamp"
    assert verdict.role is not None
    assert verdict.role["format"] == pattern


@pytest.mark.parametrize(
    "text", ["3.1.2", "Section 12", "A-2021-01", "12-34", "+49 30 1234", "no date"]
)
def test_other_texts_with_digits_are_no_moments(text: str) -> None:
    assert judged("when", [text, f"{text}9"] * 50).kind != "timestamp"


@pytest.mark.parametrize(
    ("step", "count", "expected"),
    [
        (_HOUR, 30, ["hour"]),
        (_HOUR, 24 * 30, ["hour", "weekday"]),
        (_DAY, 60, ["weekday"]),
        (_DAY, 400, ["weekday", "month"]),
        (7 * _DAY, 60, ["month"]),
        (_DAY, 1_000, ["weekday", "month", "year"]),
        (60, 100, ["hour", "minute"]),
    ],
    ids=["day", "month", "two-months-of-days", "year-of-days", "weekly", "three-years", "minutes"],
)
def test_parts_fit_the_span_of_time(step: int, count: int, expected: list[str]) -> None:
    assert calendar_parts(1_600_000_000 // _DAY * _DAY + step * np.arange(count)) == expected


def test_of_births_the_year_tells() -> None:
    births = [1_950 + n % 50 for n in range(300)]

    verdict = judged("birth_date", [f"{year}-0{1 + n % 9}-11" for n, year in enumerate(births)])

    assert verdict.role is not None
    assert verdict.role["parts"] == ["month", "year"]


@given(st.lists(st.integers(0, 4_000_000_000), min_size=2, unique=True))
def test_there_is_always_a_part(seconds: list[int]) -> None:
    parts = calendar_parts(np.array(seconds, float))

    assert parts
    assert len(set(parts)) == len(parts)


def test_seconds_since_1970_need_to_be_of_this_time() -> None:
    assert judged("start", [5_000 + n for n in range(100)]).kind != "timestamp"
    assert judged("start", [1_500_000_000 + 50 * n for n in range(100)]).role is not None
