from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.outputs import columns_of_raw_inputs, raw_input_names


@pytest.mark.parametrize("column", ["fare", "Fare", "trip_miles", "x1", "column"])
def test_a_plain_column_is_the_inputs_name(column: str) -> None:
    assert raw_input_names([column, "other"])[column] == column


@given(st.lists(st.text(min_size=1), unique=True))
def test_any_columns_get_names_that_tensorflow_takes_and_tells_apart(columns: list[str]) -> None:
    names = raw_input_names(columns)
    assert len({name.lower() for name in names.values()}) == len(columns)
    for column, name in names.items():
        assert name.isascii()
        assert name.isidentifier()
        assert name[0].isalpha()
        assert not keyword.iskeyword(name)
        assert len(name) < 128
        assert columns_of_raw_inputs(columns)[name] == column


def test_columns_that_differ_in_odd_characters_or_case_have_inputs_of_their_own() -> None:
    columns = ["a b", "a.b", "a_b", "a/b", "A B", "A_B", "1st", "_1st", "self", "class", "x" * 200]
    names = raw_input_names(columns)
    assert names["a_b"] == "a_b"
    assert len({name.lower() for name in names.values()}) == len(columns)
