"""A whole proposal: names, features, requests that do not fit."""

from __future__ import annotations

import random
from typing import Any

import pytest

from core.errors import UserError
from onboarding.propose import name_of
from preprocessing.features import load_features
from tests.onboarding.observed import proposed, uses

RANDOM = random.Random(2)
ROWS = 400
SIZES = [RANDOM.gauss(0, 1) for _ in range(ROWS)]
YES = [RANDOM.randrange(2) for _ in range(ROWS)]
COLUMNS = {"size": SIZES, "color": [RANDOM.choice("rgb") for _ in range(ROWS)], "yes": YES}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/trips.csv", "trips"),
        ("/work/chicago_taxi/data.csv", "chicago-taxi"),
        ("Sales 2024 (new).csv.gz", "sales-2024-new"),
        ("/orders/", "orders"),
        ("/orders/*.csv", "orders"),
        ("/größe/data.csv", "gr-e"),
    ],
)
def test_a_name_is_made_of_the_path(path: str, name: str) -> None:
    assert name_of(path) == name


@pytest.mark.parametrize("names", [("label", "a b"), ("size_missing", "größe")])
def test_features_never_share_a_name(names: tuple[str, str]) -> None:
    columns = {**COLUMNS, names[0]: SIZES, names[1]: SIZES}
    proposal = proposed(columns, "yes")

    features = load_features({name: choice.value for name, choice in proposal.features.items()})

    read = {getattr(role, "column", None) or name for name, role in features.items()}
    assert read == set(columns) - {"yes"}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"key": "sze"}, "--key names the column 'sze'"),
        ({"time": "nowhere"}, "--time names the column"),
        ({"keep": ("nowhere",)}, "--keep names the column"),
        ({"drop": ("SIZE ",)}, "--drop names the column"),
        ({"keep": ("size",), "drop": ("size",)}, "kept and dropped"),
        ({"key": "color", "time": "size"}, "by a key or by time"),
        ({"key": "yes"}, "'yes' is the label"),
        ({"drop": ("size", "color")}, "no column is left"),
    ],
    ids=["key", "time", "keep", "drop", "both", "key-and-time", "key-is-label", "nothing-left"],
)
def test_a_request_that_does_not_fit_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        proposed(COLUMNS, "yes", **asked)

    assert caught.value.hint


def test_dropped_columns_are_no_features() -> None:
    assert uses(proposed(COLUMNS, "yes", drop=("size",)))["size"] == "dropped"


def test_a_kept_identifier_gets_a_role() -> None:
    columns = {**COLUMNS, "customer_id": [f"c{n}" for n in range(ROWS)]}

    assert proposed(columns, "yes", keep=("customer_id",)).features["customer_id"].value == {
        "role": "categorical",
        "min_count": 2,
    }


def test_the_key_is_no_feature() -> None:
    columns = {**COLUMNS, "shop": [n % 40 for n in range(ROWS)]}

    assert uses(proposed(columns, "yes", key="shop"))["shop"] == "key"


def test_the_year_of_the_time_to_split_by_is_no_feature() -> None:
    columns = {**COLUMNS, "start": [1_400_000_000 + 300_000 * n for n in range(ROWS)]}
    proposal = proposed(columns, "yes", time="start")

    assert uses(proposal)["start"] == "time"
    assert "year" not in proposal.features["start"].value["parts"]


def test_digits_that_are_days_are_read_as_text() -> None:
    days = [20_230_100 + 1 + n % 28 for n in range(ROWS)]
    proposal = proposed({**COLUMNS, "day": days}, "yes")

    assert proposal.features["day"].value["format"] == "%Y%m%d"
    assert proposal.sections["data"]["columns"].value == {"day": "text"}
    assert proposal.sample.table.column("day")[0].as_py() == "20230101"


def test_every_column_has_a_reason_and_every_feature_too() -> None:
    proposal = proposed(COLUMNS, "yes")

    assert [decision.facts.name for decision in proposal.columns] == list(COLUMNS)
    assert all(decision.why for decision in proposal.columns)
    assert all(choice.why for choice in proposal.features.values())


def test_rows_that_come_again_in_the_other_split_are_remarked_on() -> None:
    columns = {"visit": list(range(2 * ROWS))}
    columns |= {name: [*values, *values] for name, values in COLUMNS.items()}

    by_time, by_values = proposed(columns, "yes", time="visit"), proposed(columns, "yes")

    assert any("among those to train on" in remark for remark in by_time.remarks)
    assert not any("among those to train on" in remark for remark in by_values.remarks)


def test_a_number_that_stands_for_missing_is_remarked_on() -> None:
    ages = [-999 if n % 40 == 0 else RANDOM.randrange(18, 90) for n in range(ROWS)]
    proposal = proposed({**COLUMNS, "age": ages}, "yes")

    assert any("age is -999 in 10 rows" in remark for remark in proposal.remarks)


def test_days_of_births_before_1970_are_moments() -> None:
    days = [86_400 * RANDOM.randrange(-9_000, 9_000) for _ in range(ROWS)]

    assert proposed({**COLUMNS, "born": days}, "yes").features["born"].value["parts"] == [
        "month",
        "year",
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_of_missing_labels_leaves_room_for_chance_in_a_small_split(seed: int) -> None:
    chance = random.Random(seed)
    labels = [None if chance.random() < 0.01 else value for value in YES]

    [bound] = proposed({**COLUMNS, "yes": labels}, "yes").sections["gate"].values()

    # Four standard deviations of 1 % among a third of 400 rows.
    assert 0.04 <= bound.value["at_most"] <= 0.1


def test_the_bound_of_missing_labels_counts_the_rows_that_are_not_labelled_yet() -> None:
    days = [f"2024-{1 + n // 28:02}-{1 + n % 28:02}" for n in range(300)]
    columns = {"size": SIZES[:300], "day": days, "yes": [*YES[:270], *[None] * 30]}

    [bound] = proposed(columns, "yes", time="day").sections["gate"].values()

    # A tenth of all rows, and a third of the last third of them.
    assert bound.value["at_most"] >= 0.3
