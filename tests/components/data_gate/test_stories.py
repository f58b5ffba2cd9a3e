"""Five stories from practice, on prices converted to dollars from several currencies.

After Breck et al., "Data Validation for Machine Learning" (MLSys 2019): a converter of
currencies fails in five ways, and every one has to be stopped by the right question.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.errors import DataError
from tests.components.data_gate.conftest import Accepted, Chain

ROWS = 4_000
_CURRENCIES = ("USD", "EUR", "GBP", "JPY")
_RATES = np.array([1.0, 1.1, 1.25, 0.0067])
_SHARES = (0.4, 0.25, 0.2, 0.15)
# Here yen prices are too few to be seen among all.
_FEW_YEN = (0.55, 0.25, 0.16, 0.04)

SCHEMA = """
feature { name: "currency" type: BYTES presence { min_fraction: 1.0 min_count: 1 }
  value_count { min: 1 max: 1 } domain: "currency" }
feature { name: "category" type: BYTES presence { min_fraction: 1.0 min_count: 1 }
  value_count { min: 1 max: 1 } }
feature { name: "list_price" type: FLOAT presence { min_fraction: 0.97 min_count: 1 }
  value_count { min: 0 max: 1 } float_domain { min: 0 } }
feature { name: "discount_price" type: FLOAT presence { min_fraction: 0.97 min_count: 1 }
  value_count { min: 0 max: 1 } float_domain { min: 0 } }
feature { name: "bought" type: INT presence { min_fraction: 1.0 min_count: 1 }
  value_count { min: 1 max: 1 } int_domain { min: 0 max: 1 } }
string_domain { name: "currency" value: "USD" value: "EUR" value: "GBP" value: "JPY" }
"""
MODEL = {
    "kinds": {
        "currency": "categorical",
        "category": "categorical",
        "list_price": "numeric",
        "discount_price": "numeric",
    },
    "label": "bought",
    "task": "binary",
}

Columns = dict[str, Any]


def offers(
    seed: int,
    shares: tuple[float, ...] = _SHARES,
    rates: np.ndarray = _RATES,
) -> Columns:
    """Offers of a shop, with prices converted by the given rates, a few of them unknown."""
    draw = np.random.default_rng(seed)
    currency = draw.choice(len(_CURRENCIES), ROWS, p=shares)
    local = draw.lognormal(3.0, 0.6, ROWS) / _RATES[currency]
    price = local * rates[currency]
    discount = price * draw.uniform(0.6, 1.0, ROWS)
    bought = draw.random(ROWS) < 0.3 + 0.4 * (discount < 0.8 * price)
    return {
        "currency": np.array(_CURRENCIES)[currency],
        "category": draw.choice(["toys", "books", "tools"], ROWS, p=[0.5, 0.3, 0.2]),
        "list_price": np.where(draw.random(ROWS) < 0.01, np.nan, price),
        "discount_price": np.where(draw.random(ROWS) < 0.01, np.nan, discount),
        "bought": bought.astype(np.int64),
    }


def as_table(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


def is_yen(columns: Columns) -> np.ndarray:
    return columns["currency"] == "JPY"


def emptied(columns: Columns, name: str, where: np.ndarray) -> Columns:
    return {**columns, name: np.where(where, np.nan, columns[name])}


def yen_rate_of_one(seed: int) -> Columns:
    return offers(seed, rates=np.array([1.0, 1.1, 1.25, 1.0]))


def parser_gives_null(seed: int) -> Columns:
    columns = offers(seed)
    return emptied(columns, "list_price", np.ones(ROWS, bool))


def parser_gives_null_for_yen(seed: int) -> Columns:
    columns = offers(seed)
    return emptied(columns, "list_price", is_yen(columns))


def price_as_text(seed: int) -> Columns:
    columns = offers(seed)
    texts = [f"{price:.2f}" for price in columns["list_price"]]
    unavailable = np.where(is_yen(columns), "currency rate not available", texts)
    return {**columns, "list_price": unavailable}


def both_prices_fail(seed: int) -> Columns:
    columns = offers(seed)
    draw = np.random.default_rng(seed + 1)
    failed = emptied(columns, "list_price", draw.random(ROWS) < 0.06)
    return emptied(failed, "discount_price", draw.random(ROWS) < 0.06)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Chain, Accepted]:
    """A shop whose first span is accepted."""
    chain = Chain(tmp_path_factory.mktemp("shop"), SCHEMA, {"slices": ["currency"]}, MODEL)
    return chain, chain.accept(as_table(offers(1_000)))


@pytest.fixture(scope="module")
def shop_of_few_yen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Chain, Accepted]:
    """A shop that seldom sells for yen; the smaller split has some forty such offers."""
    chain = Chain(
        tmp_path_factory.mktemp("few-yen"),
        SCHEMA,
        {"slices": ["currency"], "minimum_slice_examples": 30},
        MODEL,
    )
    return chain, chain.accept(as_table(offers(1_000, _FEW_YEN)))


@pytest.mark.parametrize(
    ("story", "features", "question", "help"),
    [
        (yen_rate_of_one, {"list_price", "discount_price"}, 1, "gate.allowed"),
        (parser_gives_null, {"list_price"}, 2, "gate.allowed"),
        (parser_gives_null_for_yen, {"list_price"}, 5, "gate.allowed"),
        (price_as_text, {"list_price"}, 4, "by hand: list_price"),
        (both_prices_fail, {"list_price", "discount_price"}, 5, "gate.allowed"),
    ],
)
def test_a_fault_of_the_parser_is_stopped_by_its_question_and_passes_once_corrected(
    shop: tuple[Chain, Accepted],
    story: Callable[[int], Columns],
    features: set[str],
    question: int,
    help: str,
) -> None:
    chain, before = shop

    with pytest.raises(DataError) as raised:
        chain.accept(as_table(story(7)), before)

    error = raised.value
    assert error.code == "data-anomalies"
    blamed = {line.split(": ")[1].partition(" ")[0] for line in error.evidence if "[" in line}
    assert blamed == features
    assert all(
        any(f"question {question}," in line and name in line for line in error.evidence)
        for name in features
    )
    assert question != 1 or any("(currency=JPY)" not in line for line in error.evidence[:4])
    assert help in error.hint, error.hint
    assert "millrace data quarantine" in error.hint
    corrected = chain.accept(as_table(offers(7)), before)
    assert corrected.report["warnings"] == []


def test_wrong_yen_among_many_others_are_found_in_their_slice(
    shop_of_few_yen: tuple[Chain, Accepted],
) -> None:
    chain, before = shop_of_few_yen
    wrong = chain.validate(as_table(offers(7, _FEW_YEN, np.array([1.0, 1.1, 1.25, 1.0]))))

    with pytest.raises(DataError) as raised:
        chain.judge(wrong, before)

    lines = [line for line in raised.value.evidence if "[" in line]
    assert lines
    assert all("(currency=JPY)" in line and "question 1," in line for line in lines)
    assert any("list_price" in line for line in lines)
    # Nobody sees it in the whole: without slices the same data pass.
    assert chain.judge(wrong, before, slices=[]).report["accepted"]
    assert chain.accept(as_table(offers(7, _FEW_YEN)), before).report["warnings"] == []


@pytest.mark.parametrize("seed", range(20))
def test_data_without_faults_raise_nothing(shop: tuple[Chain, Accepted], seed: int) -> None:
    chain, before = shop

    report = chain.accept(as_table(offers(seed)), before).report

    assert report["accepted"]
    assert report["warnings"] == report["allowed"] == report["notes"] == []
    assert {item["answer"] for item in report["questions"]} == {"good"}


def test_a_refusal_leaves_its_report_where_tfx_keeps_it(
    shop: tuple[Chain, Accepted], tmp_path: Path
) -> None:
    from components.data_gate.executor import Executor
    from components.quarantine.report_line import report_folder_of

    chain, before = shop
    validated = chain.validate(as_table(yen_rate_of_one(3)))
    context = Executor.Context(stateful_working_dir=str(tmp_path / "kept"), pipeline_run_id="r-1")

    with pytest.raises(DataError) as raised:
        Executor(context).Do(
            {**validated.inputs, **before.baseline()},
            {"blessing": []},
            {"model": json.dumps(MODEL)},
        )

    folder = report_folder_of(raised.value)
    assert folder == str(tmp_path / "kept")
    report = json.loads(Path(folder, "data_gate.json").read_text())
    assert report["accepted"] is False
    assert {item["feature"] for item in report["refused"]} == {"list_price", "discount_price"}
    assert "unlike the accepted data" in Path(folder, "data_gate.html").read_text()
    assert "gate.allowed" in raised.value.hint
