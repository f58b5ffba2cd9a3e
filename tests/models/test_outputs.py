from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.outputs import raw_input_name


@pytest.mark.parametrize("column", ["fare", "Fare", "trip_miles", "x1", "column"])
def test_a_plain_column_is_the_inputs_name(column: str) -> None:
    assert raw_input_name(column) == column


@given(st.text(min_size=1))
def test_any_column_gets_a_name_that_tensorflow_takes(column: str) -> None:
    name = raw_input_name(column)
    assert name.isascii()
    assert name.isidentifier()
    assert name[0].isalpha()
    assert not keyword.iskeyword(name)
    assert len(name) < 128


def test_columns_that_differ_in_odd_characters_have_inputs_of_their_own() -> None:
    columns = ["a b", "a.b", "a_b", "a/b", "A B", "1st", "_1st", "self", "class", "x" * 200]
    assert len({raw_input_name(column) for column in columns}) == len(columns)
