"""Moments as tensors: read from numbers and texts, taken apart into calendar parts."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from preprocessing.time_format import MONTHS, parse_format

_SECONDS_PER_UNIT = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
_UNITS_PER_SECOND = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def seconds_since_epoch(values: tf.Tensor, unit: str, utc_offset_hours: float) -> tf.Tensor:
    """Whole seconds since 1970-01-01T00:00Z, int64 [batch].

    Args:
      values: int64 or float32 [batch], in `unit`.
      unit: ns, us, ms, s, min, h or d.
      utc_offset_hours: Hours to add.
    """
    if unit in _UNITS_PER_SECOND:
        if values.dtype != tf.int64:
            values = tf.cast(tf.math.floor(values), tf.int64)
        seconds = values // _UNITS_PER_SECOND[unit]
    elif values.dtype == tf.int64:
        seconds = values * _SECONDS_PER_UNIT[unit]
    else:
        # float32 cannot hold seconds of this century to the second, float64 can.
        seconds = tf.cast(
            tf.math.floor(tf.cast(values, tf.float64) * _SECONDS_PER_UNIT[unit]), tf.int64
        )
    return seconds + round(utc_offset_hours * 3_600)


def seconds_from_text(
    texts: tf.Tensor, time_format: str, utc_offset_hours: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """Moments read as `preprocessing.time_format.parse` reads them.

    One match and one rewriting into numbers between commas, which one operation
    decodes: a text costs two runs of one regular expression, however many parts it has.

    Args:
      texts: string [batch], any bytes.
      time_format: The pattern.
      utc_offset_hours: Hours to add.

    Returns:
      Whole seconds since 1970-01-01T00:00Z, int64 [batch] (0 where missing), and the mask
      of the missing, bool [batch]: texts of another form, and days that do not exist.

    Raises:
      ValueError: If the pattern is wrong.
    """
    parsed = parse_format(time_format)
    whole = rf"\A(?:{parsed.expression})\z"
    matches = tf.strings.regex_full_match(texts, parsed.expression)
    groups = ",".join(f"\\{index + 1}" for index in range(len(parsed.parts)))
    nothing = "," * (len(parsed.parts) - 1)
    lines = tf.where(matches, tf.strings.regex_replace(texts, whole, groups), nothing)
    defaults: list[Any] = [_TEXT_PARTS.get(part, _NUMBER_PARTS.get(part)) for part in parsed.parts]
    columns = [tf.constant([value], _dtype(value)) for value in defaults]
    found = dict(zip(parsed.parts, tf.io.decode_csv(lines, columns), strict=True))
    days, real = _days_of_date(found, tf.zeros_like(lines, dtype=tf.int64))
    seconds = days * 86_400 + _seconds_of_day(found) - _zone_seconds(found)
    missing = ~(matches & real)
    seconds += round(utc_offset_hours * 3_600)
    return tf.where(missing, tf.zeros_like(seconds), seconds), missing


# What is meant where a part is not written.
_TEXT_PARTS = {"month_name": "Jan", "half_day": "A", "zone_hour": "+00"}
_NUMBER_PARTS = {
    "year": 1970,
    "short_year": 70,
    "month": 1,
    "day": 1,
    "day_of_year": 1,
    "hour": 0,
    "half_day_hour": 12,
    "minute": 0,
    "second": 0,
    "zone_minute": 0,
}


def _dtype(value: Any) -> tf.DType:
    return tf.string if isinstance(value, str) else tf.int64


def _days_of_date(found: dict[str, tf.Tensor], zeros: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Days since 1970-01-01, and whether there is such a day."""
    year = found.get("year", zeros + 1970)
    if "short_year" in found:
        short = found["short_year"]
        year = short + tf.where(short >= 69, zeros + 1900, zeros + 2000)
    month = found.get("month", zeros + 1)
    if "month_name" in found:
        short_names = tf.constant([name[:3].lower() for name in MONTHS])
        name = tf.strings.lower(tf.strings.substr(found["month_name"], 0, 3))
        month = 1 + tf.argmax(tf.cast(name[:, tf.newaxis] == short_names, tf.int32), axis=1)
    day = found.get("day", zeros + 1)
    leap = tf.cast((year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)), tf.int64)
    lengths = tf.constant([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], tf.int64)
    february = tf.cast(month == 2, tf.int64)
    real = (year >= 1) & (day <= tf.gather(lengths, month - 1) + february * leap)
    # days_from_civil of the source that `calendar_part` names.
    shifted = tf.where(month <= 2, year - 1, year)
    era = shifted // 400
    year_of_era = shifted - era * 400
    month_from_march = (month + 9) % 12
    day_of_year = (153 * month_from_march + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    days = era * 146_097 + day_of_era - 719_468
    if "day_of_year" in found:
        days += found["day_of_year"] - 1
        real &= found["day_of_year"] <= 365 + leap
    return days, real


def _seconds_of_day(found: dict[str, tf.Tensor]) -> tf.Tensor:
    zero = tf.constant(0, tf.int64)
    hour = found.get("hour", zero)
    if "half_day_hour" in found:
        afternoon = tf.cast(tf.strings.lower(found["half_day"]) == "p", tf.int64)
        hour = found["half_day_hour"] % 12 + 12 * afternoon
    return hour * 3_600 + found.get("minute", zero) * 60 + found.get("second", zero)


def _zone_seconds(found: dict[str, tf.Tensor]) -> tf.Tensor:
    if "zone_hour" not in found:
        return tf.constant(0, tf.int64)
    hours = tf.strings.to_number(tf.strings.substr(found["zone_hour"], 1, 2), tf.int64)
    seconds = hours * 3_600 + found["zone_minute"] * 60
    east = tf.strings.substr(found["zone_hour"], 0, 1) == "+"
    return tf.where(east, seconds, -seconds)


def calendar_part(seconds: tf.Tensor, part: str) -> tf.Tensor:
    """One part of each moment, int64 [batch], counted from 0 (a year is the year itself).

    Monday is weekday 0. Dates follow the proleptic Gregorian calendar; the days are
    turned into dates as in Howard Hinnant's "chrono-Compatible Low-Level Date
    Algorithms" (https://howardhinnant.github.io/date_algorithms.html, civil_from_days).

    Args:
      seconds: int64 [batch], since 1970-01-01T00:00Z.
      part: minute, hour, weekday, day, month, day_of_year or year.

    Raises:
      ValueError: If the part is not one of these.
    """
    if part == "minute":
        return seconds // 60 % 60
    if part == "hour":
        return seconds // 3_600 % 24
    days = seconds // 86_400
    if part == "weekday":
        return (days + 3) % 7
    shifted = days + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    # Counted from the first of March, so that the leap day comes last.
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    month = tf.where(month_from_march < 10, month_from_march + 2, month_from_march - 10)
    year = year_of_era + era * 400 + tf.cast(month <= 1, tf.int64)
    if part == "day":
        return day_of_year - (153 * month_from_march + 2) // 5
    if part == "month":
        return month
    if part == "year":
        return year
    if part == "day_of_year":
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        before_march = 59 + tf.cast(leap, tf.int64)
        return tf.where(month <= 1, day_of_year - 306, day_of_year + before_march)
    raise ValueError(f"unknown calendar part {part!r}")
