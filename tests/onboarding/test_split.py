"""How rows are split, and that the trial split is the one that a run makes."""

from __future__ import annotations

import datetime
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.example_gen.batches import read_typed
from components.example_gen.settings import IngestionSettings
from components.example_gen.sources import base_and_pattern, find_files
from components.example_gen.splitting import value_splits
from core.errors import DataError, UserError
from onboarding.column_facts import observe
from onboarding.label import label_expression, read_label
from onboarding.model import Request
from onboarding.sample import read_sample
from onboarding.split import SplitDecision, decide_split
from tests.onboarding.observed import sample_of

RANDOM = random.Random(11)
ROWS = 400
SIZES = [RANDOM.gauss(0, 1) for _ in range(ROWS)]
YES = [RANDOM.randrange(2) for _ in range(ROWS)]


def decided(columns: dict[str, Any], label: str = "yes", **asked: Any) -> SplitDecision:
    """The split of a table."""
    sample = sample_of({"size": SIZES, "yes": YES, **columns})
    observed = observe(sample)
    read = read_label(label_expression(label, list(observed)), observed, None)
    hashed = [name for name in observed if name not in read.expression.columns]
    return decide_split(Request("table.csv", label, **asked), sample, observed, read, hashed)


def plain(decision: SplitDecision) -> dict[str, Any]:
    """The keys and their values."""
    return {key: choice.value for key, choice in decision.choices.items()}


def test_rows_are_split_by_a_hash_of_all_but_the_label() -> None:
    decision = decided({})

    assert plain(decision) == {
        "split.method": "hash",
        "split.columns": ["size"],
        "split.splits": {"train": 2, "eval": 1},
    }
    assert 0.25 < (decision.places == 1).mean() < 0.42


def test_the_trial_split_is_that_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [f"{s:.3f},{'ab'[y]},{y},{'' if y else 'x'}" for s, y in zip(SIZES, YES, strict=True)]
    path.write_text("\n".join(["size,letter,yes,mark", *rows]) + "\n")
    request = Request(str(path), "yes")
    sample = read_sample(request)
    observed = observe(sample)
    read = read_label(label_expression("yes", list(observed)), observed, None)

    hashed = ["size", "letter", "mark"]
    places = decide_split(request, sample, observed, read, hashed).places

    settings = IngestionSettings()
    [source] = find_files(*base_and_pattern(path, settings), settings)
    [rows] = read_typed(source, sample.types, settings)
    columns = {name: rows.columns[name] for name in hashed}
    assert places.tolist() == value_splits(columns, (2, 1)).tolist()


def test_equal_keys_stay_together() -> None:
    customers = [f"c{RANDOM.randrange(60)}" for _ in range(ROWS)]
    decision = decided({"customer": customers}, key="customer")

    assert plain(decision)["split.key"] == "customer"
    for customer in set(customers):
        rows = [n for n, other in enumerate(customers) if other == customer]
        assert len(set(decision.places[rows].tolist())) == 1


@pytest.mark.parametrize("count", range(2, 9))
def test_a_key_of_few_values_gets_weights_that_fill_both_splits(count: int) -> None:
    decision = decided({"month": [n % count for n in range(ROWS)]}, key="month")

    assert 0.0 < (decision.places == 1).mean() <= 0.5


def test_a_key_that_never_repeats_is_remarked_on() -> None:
    decision = decided({"number": list(range(ROWS))}, key="number")

    assert "another one in every row" in decision.remarks[0]


@pytest.mark.parametrize(
    "values",
    [["a"] * ROWS, [None] * ROWS, SIZES],
    ids=["one-value", "empty", "fractions"],
)
def test_a_key_that_cannot_split_is_refused(values: list[Any]) -> None:
    with pytest.raises(UserError, match="cannot be the key"):
        decided({"key": values}, key="key")


DAYS = [datetime.date(2022, 1, 1) + datetime.timedelta(days=n) for n in range(ROWS)]


@pytest.mark.parametrize(
    ("pattern", "stated"),
    [("%Y-%m-%d", None), ("%d.%m.%Y", "%d.%m.%Y"), ("%m/%d/%Y", "%m/%d/%Y")],
    ids=["iso", "german", "american"],
)
def test_the_newest_rows_judge(pattern: str, stated: str | None) -> None:
    order = RANDOM.sample(range(ROWS), ROWS)
    decision = decided({"day": [DAYS[n].strftime(pattern) for n in order]}, time="day")

    newest = np.array(order)[decision.places == 1]
    assert newest.min() > np.array(order)[decision.places == 0].max()
    assert plain(decision).get("split.time_format") == stated


@pytest.mark.parametrize("values", [["monday"] * ROWS, [5] * ROWS], ids=["words", "one-value"])
def test_a_time_that_cannot_split_is_refused(values: list[Any]) -> None:
    with pytest.raises(UserError, match="cannot split by time"):
        decided({"when": values}, time="when")


def test_a_few_rows_without_a_time_are_set_aside() -> None:
    days = [None if n < 4 else day.isoformat() for n, day in enumerate(DAYS)]
    decision = decided({"day": days}, time="day")

    assert plain(decision)["rejects.max_share"] >= 0.01
    assert (decision.places == -1).sum() == 4


def test_a_split_with_one_class_is_refused() -> None:
    outcome = [int(n >= 300) for n in range(ROWS)]

    with pytest.raises(DataError, match="would have one class only"):
        decided({"day": list(range(ROWS)), "outcome": outcome}, label="outcome", time="day")


def test_a_class_in_one_split_only_is_remarked_on() -> None:
    kinds = ["a", "b"] * 199 + ["rare"] * 2
    decision = decided({"day": list(range(ROWS)), "kind": kinds}, label="kind", time="day")

    assert "'rare' (only in eval)" in decision.remarks[-1]
