"""The small table of trips that all tests of models share."""

from __future__ import annotations

import pytest

from tests.models.small_table import SmallTable, build_small_table


@pytest.fixture(scope="session")
def small_table() -> SmallTable:
    """A table in raw and transformed form, with its analysed transform graph."""
    return build_small_table()
