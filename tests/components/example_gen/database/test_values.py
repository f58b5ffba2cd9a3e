"""Values of drivers as Arrow arrays."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest

from components.example_gen.database.values import UnsuitableError, to_array

CET = datetime.timezone(datetime.timedelta(hours=1))
DAY = 20_455 * 86_400  # 2026-01-02
NO_ZONE = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=CET).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([None, None], "null", [None, None]),
        ([1, None, -(2**63)], "int64", [1, None, -(2**63)]),
        ([True, None, False], "int64", [1, None, 0]),
        ([True, 7], "int64", [1, 7]),
        ([Decimal("0.10"), 2, None], "double", [0.1, 2.0, None]),
        ([datetime.timedelta(hours=8, seconds=1)], "double", [28801.0]),
        ([datetime.date(2026, 1, 2), None], "int64", [DAY, None]),
        ([NO_ZONE], "int64", [DAY + 3 * 3600 + 4 * 60]),
        ([datetime.datetime(2026, 1, 2, 3, 4, 5, 6, CET)], "int64", [DAY + 2 * 3600 + 4 * 60 + 5]),
        ([datetime.datetime(1970, 1, 1, 0, 59, 59, 500_000, CET)], "int64", [-1]),
        ([datetime.time(3, 4)], "string", ["03:04:00"]),
        ([datetime.date(2026, 1, 2), "0000-00-00"], "int64", [DAY, None]),
        ([uuid.UUID(int=7)], "string", ["00000000-0000-0000-0000-000000000007"]),
        ([b"\xff", None, "é"], "binary", [b"\xff", None, "é".encode()]),
        ([memoryview(b"ab")], "binary", [b"ab"]),
    ],
)
def test_values_become_what_examples_hold(values, kind, expected):
    found = to_array(values)
    assert str(found.type) == kind
    assert found.to_pylist() == expected


@pytest.mark.parametrize(
    ("values", "row", "reason"),
    [
        ([1, 2, "n/a"], 2, "text among numbers"),
        (["a", None, 3.5], 2, "a number among texts"),
        ([1, 2**63], 1, "64 bits"),
        ([None, {"a": 1}], 1, "dict"),
        ([[1, 2]], 0, "list"),
    ],
)
def test_what_no_example_holds_is_named_with_its_row(values, row, reason):
    with pytest.raises(UnsuitableError, match=reason) as caught:
        to_array(values)
    assert caught.value.row == row


def test_numbers_among_texts_are_texts_where_the_type_is_fixed():
    assert to_array([1, "n/a", None], as_text=True).to_pylist() == ["1", "n/a", None]
