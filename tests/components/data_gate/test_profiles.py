"""Distributions of small columns."""

from __future__ import annotations

import numpy as np
import pytest

from components.data_gate.profiles import categorical, slices_of
from components.data_gate.rows import Column


def column(values: list[float]) -> Column:
    return Column(np.array(values), np.arange(len(values)), len(values))


@pytest.mark.parametrize(
    "near", [[1_234_567.0, 1_234_568.0], [12345.67, 12345.68], [0.5, 1e6], [123456001, 123456002]]
)
def test_numbers_that_stand_for_categories_keep_their_names_apart(near: list[float]) -> None:
    assert len(categorical(np.array(near), None).counts) == 2
    assert len(slices_of({"code": column(near)}, ["code"], 1)) == 2


def test_numbers_are_named_as_people_write_them() -> None:
    narrowed = [float(np.float32(0.1)), 7.0, 123456.0, 1_234_567.0]
    named = ["code=0.1", "code=7", "code=123456", "code=1234567"]
    assert list(slices_of({"code": column(narrowed)}, ["code"], 1)) == named
