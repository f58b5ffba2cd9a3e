"""Numeric features in buckets: names, labels and places."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.evaluator import buckets, slicing
from components.evaluator.slice_settings import SliceSettings
from core.errors import DataError

_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(_NUMBERS, min_size=1, unique=True).map(sorted))
def test_a_name_carries_its_boundaries(boundaries: list[float]) -> None:
    name = buckets.bucketed_name("trip {miles}", boundaries)

    assert buckets.parse_bucketed(name) == ("trip {miles}", tuple(boundaries))


@pytest.mark.parametrize("name", ["fare", "fare{}", "fare{a}", "{5}", "fare{1,,2}", "fare{1}x"])
def test_other_names_are_no_buckets(name: str) -> None:
    assert buckets.parse_bucketed(name) is None
    assert buckets.raw_feature(name) == name


def test_a_boundary_belongs_to_the_bucket_above_it() -> None:
    values = np.array([-np.inf, 4.9, 5.0, 9.9, 10.0, np.inf, np.nan])
    labels = [*buckets.bucket_labels([5, 10]), "none"]

    assert [labels[place] for place in buckets.places(values, [5, 10])] == [
        "< 5",
        "< 5",
        "[5, 10)",
        "[5, 10)",
        ">= 10",
        ">= 10",
        "none",
    ]


def test_an_example_is_in_the_buckets_of_its_values_once() -> None:
    column = pa.array([[1.0, 2.0, 9.0], [], None, [float("nan")]], pa.large_list(pa.float32()))

    values = slicing.values_in_buckets(column, [5], "fare")

    assert values.rows.tolist() == [0, 0]
    assert [values.values[code] for code in values.codes] == ["< 5", ">= 5"]


def test_text_cannot_be_cut() -> None:
    column = pa.array([["Cash"]], pa.large_list(pa.large_string()))

    with pytest.raises(DataError, match="'payment_type' cannot be cut into buckets"):
        slicing.values_in_buckets(column, [5], "payment_type")


@pytest.mark.parametrize(
    ("boundaries", "said"),
    [([5, 5], "5 follows 5"), ([float("inf")], "finite"), ([], "at least 1")],
)
def test_boundaries_are_checked_with_the_configuration(boundaries: list[float], said: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=said):
        SliceSettings.model_validate({"features": {"fare": {"boundaries": boundaries}}})
