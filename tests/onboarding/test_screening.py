"""Columns of wide, short tables that tell nothing of the label."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.onboarding.observed import proposed, reasons, uses

ROWS = 400


def _table(noise: int, seed: int = 1) -> dict[str, list[Any]]:
    chance = random.Random(seed)
    label = [chance.randrange(2) for _ in range(ROWS)]
    columns: dict[str, list[Any]] = {
        f"noise_{place}": [chance.gauss(0, 1) for _ in range(ROWS)] for place in range(noise)
    }
    columns["higher"] = [chance.gauss(value, 1) for value in label]
    columns["farther"] = [chance.gauss(0, 1) * (1 + 2 * value) for value in label]
    columns["kind"] = [chance.choice("aab" if value else "abb") for value in label]
    gaps = [chance.random() < (0.6 if value else 0.1) for value in label]
    columns["gaps"] = [None if gap else chance.gauss(0, 1) for gap in gaps]
    return {**columns, "label": label}


TELLING = ("higher", "farther", "kind", "gaps")


def test_noise_is_left_out_of_a_table_with_more_columns_than_its_rows_can_judge() -> None:
    proposal = proposed(_table(noise=150), "label")

    used = uses(proposal)
    noise = [name for name in used if name.startswith("noise") and used[name] == "feature"]
    assert {used[name] for name in TELLING} == {"feature"}
    assert len(noise) <= 5
    left_out = next(name for name in used if used[name] == "dropped")
    assert "tells nothing of the label by itself" in reasons(proposal)[left_out]
    assert "few for 154 features" in reasons(proposal)[left_out]


def test_no_column_is_left_out_where_there_are_rows_enough() -> None:
    assert "dropped" not in uses(proposed(_table(noise=20), "label")).values()


def test_no_column_is_left_out_where_none_tells_anything() -> None:
    columns = {name: values for name, values in _table(150).items() if name not in TELLING}

    assert "dropped" not in uses(proposed(columns, "label")).values()


def test_a_column_that_is_to_be_kept_is_kept() -> None:
    names = tuple(f"noise_{place}" for place in range(150))

    assert "dropped" not in uses(proposed(_table(150), "label", keep=names)).values()


@pytest.mark.parametrize("spread", [1.0, 1e6])
def test_numbers_are_screened_against_a_number(spread: float) -> None:
    table = _table(150)
    chance = random.Random(4)
    table["label"] = [spread * (value + chance.gauss(0, 1)) for value in table["higher"]]

    used = uses(proposed(table, "label"))

    assert used["higher"] == "feature"
    assert sum(use == "dropped" for use in used.values()) > 140
