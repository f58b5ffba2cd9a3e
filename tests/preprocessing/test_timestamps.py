from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

LARGEST = int(datetime.datetime(2399, 12, 31, tzinfo=datetime.timezone.utc).timestamp())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-LARGEST, LARGEST), min_size=1, max_size=20))
def test_calendar_parts_are_pythons(seconds: list[int]) -> None:
    import tensorflow as tf

    from preprocessing.timestamps import calendar_part

    epoch = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 (its arithmetic reaches further back)
    moments = [epoch + datetime.timedelta(seconds=value) for value in seconds]
    expected = {
        "minute": [moment.minute for moment in moments],
        "hour": [moment.hour for moment in moments],
        "weekday": [moment.weekday() for moment in moments],
        "day": [moment.day - 1 for moment in moments],
        "month": [moment.month - 1 for moment in moments],
        "year": [moment.year for moment in moments],
        "day_of_year": [moment.timetuple().tm_yday - 1 for moment in moments],
    }
    tensor = tf.constant(seconds, tf.int64)
    found = {part: calendar_part(tensor, part).numpy().tolist() for part in expected}
    assert found == expected


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (1_400_269_500, "s"),
        (1_400_269_500_250, "ms"),
        (1_400_269_500_250_000, "us"),
        (1_400_269_500_250_000_000, "ns"),
    ],
)
def test_units_below_the_second_are_cut_off(value: int, unit: str) -> None:
    import tensorflow as tf

    from preprocessing.timestamps import seconds_since_epoch

    tensor = tf.constant([value], tf.int64)
    assert seconds_since_epoch(tensor, unit, 0.0).numpy().tolist() == [1_400_269_500]


def test_days_as_floats_keep_their_hours_and_the_offset_is_added() -> None:
    import tensorflow as tf

    from preprocessing.timestamps import seconds_since_epoch

    days = tf.constant([16_000.5], tf.float32)
    assert seconds_since_epoch(days, "d", -5.5).numpy().tolist() == [
        16_000 * 86_400 + 12 * 3_600 - 5 * 3_600 - 1_800
    ]
