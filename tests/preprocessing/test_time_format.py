"""Moments in text, in Python and in TensorFlow."""

from __future__ import annotations

import datetime
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preprocessing.time_format import check_format, parse

FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%d.%m.%Y",
    "%m/%d/%Y %I:%M %p",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%d %b %Y",
    "%a, %d %B %y %H:%M:%S %Z",
    "%d/%m/%y %I:%M:%S %p",
    "%Y-%j",
    "%d%%%m %Y年",
    "%b %Y",
)
LATEST = int(datetime.datetime(2068, 12, 31, tzinfo=datetime.timezone.utc).timestamp())
EARLIEST = int(datetime.datetime(1969, 1, 1, tzinfo=datetime.timezone.utc).timestamp())


def in_tensorflow(time_format: str, texts: list[bytes]) -> list[int | None]:
    import tensorflow as tf

    from preprocessing.timestamps import seconds_from_text

    seconds, missing = seconds_from_text(tf.constant(texts, tf.string), time_format, 0.0)
    pairs = zip(seconds.numpy().tolist(), missing.numpy().tolist(), strict=True)
    return [None if gone else value for value, gone in pairs]


def strptime(time_format: str, text: str) -> int:
    moment = datetime.datetime.strptime(text, time_format)  # noqa: DTZ007 (%z may be there)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // (
        datetime.timedelta(seconds=1)
    )


@pytest.mark.parametrize("time_format", FORMATS)
@settings(max_examples=15, deadline=None)
@given(moments=st.lists(st.integers(EARLIEST, LATEST), min_size=1, max_size=20))
def test_moments_are_read_as_strptime_reads_them(time_format: str, moments: list[int]) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
    if "%Z" in time_format:
        zone = datetime.timezone.utc
    texts = [datetime.datetime.fromtimestamp(each, zone).strftime(time_format) for each in moments]
    expected = [strptime(time_format, text) for text in texts]
    assert [parse(time_format, text) for text in texts] == expected
    assert in_tensorflow(time_format, [text.encode() for text in texts]) == expected


def _spoiled(text: str, draw: random.Random) -> str:
    """The text with a few characters changed, most of them into others of its kind."""
    characters = list(text)
    for _ in range(draw.randint(0, 3)):
        place = draw.randrange(len(characters) + 1)
        characters[place : place + draw.randint(0, 1)] = draw.choice(
            '0123456789 -:/.+ZzPpmMay٣é,"\n'
        )
    return "".join(characters)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(FORMATS), st.integers(EARLIEST, LATEST), st.integers(0, 2**32))
def test_python_and_tensorflow_agree_about_any_text(
    time_format: str, moment: int, seed: int
) -> None:
    text = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime(time_format)
    draw = random.Random(seed)
    texts = [_spoiled(text, draw) for _ in range(20)]
    assert in_tensorflow(time_format, [each.encode() for each in texts]) == [
        parse(time_format, each) for each in texts
    ]


@pytest.mark.parametrize(
    ("time_format", "text", "expected"),
    [
        ("%d.%m.%Y", " 7.3.2021 ", "2021-03-07T00:00:00"),
        ("%d %b %Y", "07 MAR 2021", "2021-03-07T00:00:00"),
        ("%d %B %Y", "7  march\t2021", "2021-03-07T00:00:00"),
        ("%m/%d/%Y %I:%M %p", "3/7/2021 12:05 am", "2021-03-07T00:05:00"),
        ("%m/%d/%Y %I:%M %p", "3/7/2021 12:05 PM", "2021-03-07T12:05:00"),
        ("%Y-%m-%dT%H:%M:%S%z", "2021-03-07T01:00:00+05:30", "2021-03-06T19:30:00"),
        ("%Y-%m-%d %H:%M:%S%z", "2021-03-07 01:00:00-0030", "2021-03-07T01:30:00"),
        ("%Y-%m-%d %H:%M:%S.%f%z", "2021-03-07 01:00:00.123456789+00", "2021-03-07T01:00:00"),
        ("%y%m%d", "690101", "1969-01-01T00:00:00"),
        ("%y%m%d", "680101", "2068-01-01T00:00:00"),
        ("%Y%m%d", "2021111", "2021-11-01T00:00:00"),
        ("%Y-%j", "2020-366", "2020-12-31T00:00:00"),
        ("%Y-%m-%d", "2020-02-29", "2020-02-29T00:00:00"),
        ("%Y-%m-%d", "0001-01-01", "0001-01-01T00:00:00"),
        ("%H:%M", "23:59", "1970-01-01T23:59:00"),
    ],
)
def test_what_people_write_is_read(time_format: str, text: str, expected: str) -> None:
    moment = datetime.datetime.fromisoformat(expected + "+00:00")
    seconds = (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // (
        datetime.timedelta(seconds=1)
    )
    assert parse(time_format, text) == seconds
    assert in_tensorflow(time_format, [text.encode()]) == [seconds]


@pytest.mark.parametrize(
    ("time_format", "text"),
    [
        ("%Y-%m-%d", b""),
        ("%Y-%m-%d", b"2021-02-30"),
        ("%Y-%m-%d", b"2021-02-29"),
        ("%Y-%m-%d", b"1900-02-29"),
        ("%Y-%m-%d", b"0000-01-01"),
        ("%Y-%m-%d", b"2021-13-01"),
        ("%Y-%m-%d", b"2021-01-01 x"),
        ("%Y-%m-%d", b"\xff\xfe2021-01-01"),
        ("%Y-%m-%d", b"2021-01-01\x00"),
        ("%Y-%m-%d", b"1" * 2**20),
        ("%Y-%j", b"2021-366"),
        ("%H:%M", b"24:00"),
        ("%d %b %Y", "7 \u017fep 2021".encode()),
    ],
    ids=lambda value: None if len(value) > 40 else str(value),
)
def test_what_is_no_moment_is_missing(time_format: str, text: bytes) -> None:
    assert parse(time_format, text) is None
    assert in_tensorflow(time_format, [text, text]) == [None, None]


@pytest.mark.parametrize(
    ("time_format", "message"),
    [
        ("", "says no date"),
        ("yyyy-mm-dd", "says no date"),
        ("%Z", "says no date"),
        ("%Y-%q", "'%q' is not a directive"),
        ("%Y-%m-%", "'%' is not a directive"),
        ("%Y %Y", "twice"),
        ("%Y %y", "%Y and %y say the same"),
        ("%d %b %m", "%m and %b say the same"),
        ("%I:%M", "%I needs %p"),
        ("%Y\x00", "printed"),
    ],
)
def test_a_wrong_pattern_is_refused_in_words(time_format: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_format(time_format)


def test_no_rows_have_no_moments() -> None:
    assert in_tensorflow("%Y-%m-%d", []) == []
