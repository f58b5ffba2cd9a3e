"""Calendar parts of timestamps, in whole-number arithmetic on tensors."""

from __future__ import annotations

import tensorflow as tf

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
