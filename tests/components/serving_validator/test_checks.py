"""The arithmetic of the checks, without any process."""

from __future__ import annotations

import json
import math

import pytest

from components.serving_validator.checks.comparison import compare, difference
from components.serving_validator.checks.latency import quantile
from components.serving_validator.corpus import raw_cases
from components.serving_validator.report import to_json
from components.serving_validator.trial import bounded


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0.5, 0.5, 0.0),
        (0.5, 0.25, 0.25),
        (1000.0, 990.0, 10 / 990),
        (math.nan, math.nan, 0.0),
        (math.nan, 0.5, math.inf),
        (math.inf, math.inf, 0.0),
        (-math.inf, math.inf, math.inf),
    ],
)
def test_differences_are_absolute_below_one_and_relative_above(
    a: float, b: float, expected: float
) -> None:
    assert difference(a, b) == pytest.approx(expected)


def test_rows_are_counted_where_each_has_several_numbers() -> None:
    found = compare("x", "x", [0.1, 0.9, 0.5, 0.5], [0.1, 0.9, 0.2, 0.7], rows=2, tolerance=1e-5)
    assert found.state == "failed"
    assert found.words == "1 of 2 rows differ"
    assert found.evidence == ("row 1: 0.5, not 0.2",)


def test_another_number_of_answers_never_agrees() -> None:
    assert compare("x", "x", [0.1], [0.1, 0.2], rows=2, tolerance=1.0).state == "failed"
    assert compare("x", "x", [], [], rows=2, tolerance=1.0).state == "failed"


def test_quantiles_are_times_that_were_measured() -> None:
    times = [float(number) for number in range(100, 0, -1)]
    assert quantile(times, 0.5) == 50.0
    assert quantile(times, 0.99) == 99.0
    assert quantile([3.0], 0.99) == 3.0


def test_a_bound_is_kept_by_its_own_value() -> None:
    assert bounded("x", "x", 5.0, at_most=5.0, unit="s").state == "passed"
    assert bounded("x", "x", 5.1, at_most=5.0, unit="s").state == "failed"
    assert bounded("x", "x", 4.9, at_least=5.0, unit="rows/s").state == "failed"


def test_raw_cases_keep_to_the_types_of_the_signature() -> None:
    cases = {case.name: case for case in raw_cases({"hour": {"dtype": "int32", "shape": [None]}})}
    assert cases["raw: extreme integer"].tensors["hour"]["values"] == [2**31 - 1]
    assert "raw: not a number" not in cases
    assert list(raw_cases({"image": {"dtype": "uint8", "shape": [None]}})) == []


def test_a_report_with_infinite_numbers_is_still_json() -> None:
    assert json.loads(to_json({"value": math.inf, "many": (math.nan, 1.0)})) == {
        "value": None,
        "many": [None, 1.0],
    }


def test_raw_cases_of_columns_called_like_parts_of_a_case() -> None:
    inputs = {name: {"dtype": "string", "shape": [None]} for name in ("name", "rows", "tensors")}
    assert all(set(case.tensors) <= set(inputs) for case in raw_cases(inputs))
    assert "raw: empty batch" in {case.name for case in raw_cases(inputs)}
