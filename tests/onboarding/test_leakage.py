"""Columns that give the label away are left out, honest ones stay."""

from __future__ import annotations

import random

import pytest

from tests.onboarding.observed import proposed, reasons, uses

RANDOM = random.Random(8)
ROWS = 2_000
NOISE = [RANDOM.gauss(0, 1) for _ in range(ROWS)]
YES = [int(noise + RANDOM.gauss(0, 1) > 0) for noise in NOISE]
PRICE = [RANDOM.lognormvariate(3, 1) for _ in range(ROWS)]


@pytest.mark.parametrize(
    "leak",
    [
        [100 - yes for yes in YES],
        ["bought" if yes else "left" for yes in YES],
        ["2024-01-05" if yes else None for yes in YES],
        [yes + RANDOM.random() / 2 for yes in YES],
    ],
    ids=["recoded", "words", "gaps", "threshold"],
)
def test_a_column_that_says_the_label_is_dropped(leak: list[object]) -> None:
    proposal = proposed({"noise": NOISE, "leak": leak, "yes": YES}, "yes")

    assert uses(proposal) == {"noise": "feature", "leak": "dropped", "yes": "label"}
    assert reasons(proposal)["leak"].startswith("gives the label away: ")


def test_a_good_column_stays() -> None:
    cash = ["cash" if not yes or RANDOM.random() < 0.2 else "card" for yes in YES]

    assert (
        uses(proposed({"noise": NOISE, "payment": cash, "yes": YES}, "yes"))["payment"] == "feature"
    )


def test_a_suspicious_column_stays_with_a_remark() -> None:
    almost = [yes if RANDOM.random() < 0.97 else 1 - yes for yes in YES]
    proposal = proposed({"noise": NOISE, "almost": almost, "yes": YES}, "yes")

    assert uses(proposal)["almost"] == "feature"
    assert any("--drop almost" in remark for remark in proposal.remarks)


def test_what_is_named_like_the_label_needs_less_to_be_dropped() -> None:
    almost = [yes if RANDOM.random() < 0.97 else 1 - yes for yes in YES]

    assert uses(proposed({"noise": NOISE, "churn_flag": almost, "churn": YES}, "churn")) == {
        "noise": "feature",
        "churn_flag": "dropped",
        "churn": "label",
    }


def test_a_wanted_column_is_kept_all_the_same() -> None:
    proposal = proposed({"noise": NOISE, "leak": YES, "yes": YES}, "yes", keep=("leak",))

    assert uses(proposal)["leak"] == "feature"


def test_of_an_expression_the_telling_column_is_dropped() -> None:
    tips = [price * RANDOM.choice((0, 0, 0.1, 0.25, 0.3)) for price in PRICE]
    found = uses(proposed({"fare": PRICE, "tips": tips, "noise": NOISE}, "tips > 0.2 * fare"))

    assert found == {"fare": "feature", "tips": "label", "noise": "feature"}


def test_copies_of_an_expressions_column_are_dropped() -> None:
    tips = [price * RANDOM.choice((0, 0, 0.1, 0.25, 0.3)) for price in PRICE]
    tolls = [RANDOM.choice((0.0, 2.5, 8.0)) for _ in PRICE]
    total = [sum(parts) for parts in zip(PRICE, tips, tolls, strict=True)]
    columns = {
        "fare": PRICE, "tips": tips, "tolls": tolls, "total": total,
        "tips_in_cents": [100 * tip for tip in tips], "noise": NOISE,
    }  # fmt: skip
    proposal = proposed(columns, "tips > 0.2 * fare")

    dropped = {name for name, use in uses(proposal).items() if use == "dropped"}
    assert dropped == {"total", "tips_in_cents"}
    assert "tips = total" in reasons(proposal)["total"]


def test_the_parts_of_a_sum_are_dropped() -> None:
    casual = [RANDOM.randrange(100) for _ in range(ROWS)]
    registered = [RANDOM.randrange(400) for _ in range(ROWS)]
    columns = {
        "temperature": NOISE,
        "casual": casual,
        "registered": registered,
        "rides": [a + b for a, b in zip(casual, registered, strict=True)],
    }
    proposal = proposed(columns, "rides")

    assert uses(proposal)["temperature"] == "feature"
    assert "rides = casual + registered" in reasons(proposal)["casual"]


def test_a_label_that_is_some_other_combination_is_there_to_be_learned() -> None:
    target = [3 * a - 0.5 * b for a, b in zip(NOISE, PRICE, strict=True)]

    assert set(uses(proposed({"a": NOISE, "b": PRICE, "y": target}, "y")).values()) == {
        "feature",
        "label",
    }


@pytest.mark.parametrize("power", [1, 3], ids=["unit", "cube"])
def test_a_number_that_is_the_label_in_other_words_is_dropped(power: int) -> None:
    columns = {"noise": NOISE, "copy": [(2 * price) ** power for price in PRICE], "price": PRICE}

    assert uses(proposed(columns, "price"))["copy"] == "dropped"


def test_in_a_small_table_a_code_of_the_class_is_seen() -> None:
    species = ["Adelie", "Gentoo", "Chinstrap"] * 40
    codes = [{"Adelie": 3, "Gentoo": 1, "Chinstrap": 2}[name] for name in species]
    columns = {"noise": NOISE[:120], "code": codes, "species": species}

    assert uses(proposed(columns, "species"))["code"] == "dropped"
