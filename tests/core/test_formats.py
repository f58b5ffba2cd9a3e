"""Numbers and times are written as people read them."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import formats


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\N{EN DASH}"),
        (0, "0"),
        (12, "12"),
        (1234567, "1,234,567"),
        (17031980100.0, "17,031,980,100"),
        (0.123456, "0.1235"),
        (12.3456, "12.35"),
        (1234.56, "1,235"),
        (-87.65432, "-87.65"),
        (0.00001234, "1.234e-05"),
        (2e15, "2.000e+15"),
        (math.nan, formats.NONE),
        (math.inf, "inf"),
        (True, "true"),
    ],
)
def test_numbers_have_few_digits(value: float | None, text: str) -> None:
    assert formats.number(value) == text


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_a_written_number_is_close_to_it(value: float) -> None:
    written = float(formats.number(value).replace(",", ""))

    assert math.isclose(written, value, rel_tol=1e-3, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 5, 10], ["0", "5", "10"]),
        ([41.7, 41.85, 42.0], ["41.7", "41.9", "42"]),
        ([17031010100, 17031020100], ["17,031,010,000", "17,031,020,000"]),
    ],
)
def test_labels_have_as_many_digits_as_tell_them_apart(
    values: list[float], labels: list[str]
) -> None:
    assert formats.distinct(values) == labels


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50.0 %"),
        (0.0001, "<0.1 %"),
        (0.9999, ">99.9 %"),
        (None, "\N{EN DASH}"),
    ],
)
def test_a_tiny_share_is_not_none(share: float | None, text: str) -> None:
    assert formats.percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.004, "4 ms"),
        (1.25, "1.2 s"),
        (185, "3 min 05 s"),
        (3720, "1 h 02 min"),
        (59.97, "1 min 00 s"),
        (None, "\N{EN DASH}"),
    ],
)
def test_durations_have_their_unit(seconds: float | None, text: str) -> None:
    assert formats.seconds(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(999, "999 B"), (1500, "1.5 kB"), (2.5e9, "2.5 GB"), (3e12, "3 TB")]
)
def test_sizes_have_decimal_units(count: float, text: str) -> None:
    assert formats.size(count) == text


def test_times_are_written_in_utc() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))

    assert formats.time(datetime.datetime(2026, 5, 4, 12, tzinfo=zone)) == "2026-05-04 10:00:00 UTC"
    assert formats.time("2026-05-04T10:00:00+00:00") == "2026-05-04 10:00:00 UTC"


@given(st.text(), st.integers(min_value=2, max_value=40))
def test_a_shortened_text_fits_and_keeps_its_ends(text: str, length: int) -> None:
    short = formats.shorten(text, length)

    assert len(short) <= length
    assert short[:1] == text[:1] or length == 2
    assert len(text) > length or short == text


@pytest.mark.parametrize(("value", "text"), [(0.5, "+0.5000"), (-0.01, "\N{MINUS SIGN}0.0100")])
def test_a_difference_has_its_sign(value: float, text: str) -> None:
    assert formats.signed(value) == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 way"), (2, "2 ways"), (1500, "1,500 ways")])
def test_counts_agree_with_their_noun(count: int, text: str) -> None:
    assert formats.plural(count, "way") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1500, "1,500"), ((8, 4), "8, 4"), (True, "true"), ("cosine", "cosine")],
)
def test_a_setting_is_written_as_it_was_chosen(value: object, text: str) -> None:
    assert formats.setting(value) == text
