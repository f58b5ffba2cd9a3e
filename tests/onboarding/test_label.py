"""The label: what is refused, which task it makes, and what its classes are called."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from core.errors import DataError, UserError
from onboarding.model import Proposal
from preprocessing.label import Task
from tests.onboarding.observed import proposed

RANDOM = random.Random(3)
ROWS = 300
SIZES = [RANDOM.gauss(0, 1) for _ in range(ROWS)]


def of(label: Sequence[Any], name: str = "outcome", **asked: Any) -> Proposal:
    """The proposal for a table with this label."""
    rows = len(label)
    return proposed({"size": SIZES[:rows], name: label}, name, **asked)


def repeated(*values: Any) -> list[Any]:
    """A label of these values in turns."""
    return [values[n % len(values)] for n in range(ROWS)]


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (repeated(0, 1), "binary", None),
        (repeated(1, 2), "binary", ["1", "2"]),
        (repeated(-1, 1, 1), "binary", ["-1", "1"]),
        (repeated(0.0, 1.0), "binary", None),
        (repeated("no", "yes"), "binary", ["no", "yes"]),
        (repeated("True", "False"), "binary", ["False", "True"]),
        (repeated("Yes", "yes", "No"), "binary", None),
        (repeated("benign", "malignant"), "binary", ["benign", "malignant"]),
        (repeated("ham", "spam"), "binary", ["ham", "spam"]),
        (repeated(">50K", "<=50K"), "binary", ["<=50K", ">50K"]),
        (repeated("a", "b", "b"), "binary", ["b", "a"]),
        (repeated("M", "S", "L"), "multiclass", ["L", "M", "S"]),
        (repeated(0, 1, 2), "multiclass", ["0", "1", "2"]),
        (repeated(1.5, 2.5, 700), "regression", None),
        ([size**2 for size in SIZES], "regression", None),
        (list(range(ROWS)), "regression", None),
    ],
    ids=lambda value: None if isinstance(value, (list, str)) else "",
)  # fmt: skip
def test_values_make_the_task(values: list[Any], task: str, classes: list[str] | None) -> None:
    proposal = of(values)

    assert proposal.task.value == task
    assert (proposal.classes.value if proposal.classes else None) == classes


def test_spellings_of_yes_are_one_class() -> None:
    assert dict(of(repeated("Yes", "yes", "No")).label.classes) == {"1": 200, "0": 100}


def test_grades_are_numbers_and_said_to_be() -> None:
    proposal = of(repeated(1, 2, 3, 4, 5), name="rating")

    assert proposal.task.value == "regression"
    assert any("--task multiclass" in remark for remark in proposal.remarks)


def test_codes_are_classes_and_said_to_be() -> None:
    proposal = of(repeated(1, 2, 3, 4, 5), name="region_code")

    assert proposal.task.value == "multiclass"
    assert any("--task regression" in remark for remark in proposal.remarks)


@pytest.mark.parametrize(
    ("values", "asked", "headline"),
    [
        (repeated("a", "b"), "regression", "a regression needs a number"),
        (repeated("a", "b", "c"), "binary", "a binary task needs two values"),
        (SIZES, "binary", "a binary task needs two values"),
    ],
    ids=["words", "three", "numbers"],
)
def test_a_task_that_does_not_fit_is_refused(values: list[Any], asked: Task, headline: str) -> None:
    with pytest.raises(UserError, match=headline) as caught:
        of(values, task=asked)

    assert caught.value.hint


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([1] * ROWS, "label-constant"),
        ([None] * ROWS, "label-empty"),
        ([None, 1, 0] * 100, "label-missing"),
        ([f"name {n}" for n in range(ROWS)], "label-unique"),
        ([f"name {n % 90}" for n in range(ROWS)], "label-classes"),
        ([0, 1] * 10, "too-few-rows"),
        ([1] * 3 + [0] * 297, "label-rare"),
    ],
    ids=["one-value", "empty", "gaps", "unique", "many-classes", "few-rows", "three-ones"],
)
def test_a_label_that_cannot_be_learned_is_refused(values: list[Any], code: str) -> None:
    with pytest.raises(DataError) as caught:
        of(values)

    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize("label", ["Outcom", "outcome", "Outcom > 3", "missing(Outcom)"])
def test_the_nearest_column_is_offered(label: str) -> None:
    with pytest.raises(UserError, match="no column is called") as caught:
        proposed({"size": SIZES, "Outcome": repeated(0, 1)}, label)

    assert caught.value.hint == "did you mean 'Outcome'?"


@pytest.mark.parametrize("name", ["has churned?", "class", "a-b", "max", "größe", "x.y", "2nd"])
def test_a_label_column_may_have_any_name(name: str) -> None:
    proposal = proposed({"size": SIZES, name: repeated(0, 1)}, name)

    assert proposal.label.columns == (name,)


def test_rows_without_a_label_are_counted_and_bounded() -> None:
    proposal = of([None, *repeated(0, 1)[1:]])

    assert proposal.label.missing == 1
    assert any("1 of 300 rows" in remark for remark in proposal.remarks)


def test_what_the_model_takes_for_missing_is_no_label() -> None:
    endless = [float("inf") if n % 30 == 0 else RANDOM.random() - 0.5 for n in range(ROWS)]
    columns = {"size": SIZES, "other": endless}

    assert proposed(columns, "other > 0").label.missing == 10
    assert proposed(columns, "other", task="regression").label.missing == 10
    assert of(["", *repeated("a", "b")[1:]]).label.missing == 1


def test_a_rare_class_is_remarked_on_and_not_weighted() -> None:
    proposal = of([int(n % 50 == 1) for n in range(ROWS)])

    assert any("2% of the rows are '1'" in remark for remark in proposal.remarks)
    assert "class_weights" not in proposal.sections["trainer"]


def test_a_file_with_nothing_but_the_label_is_refused() -> None:
    with pytest.raises(UserError, match="the label and nothing else"):
        proposed({"outcome": repeated(0, 1)}, "outcome")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (repeated("no", "approved", "Approved"), "'Approved' and 'approved'"),
        (repeated("red", "red ", "blue"), "'red' and 'red '"),
        (repeated("a  b", "a b", "A B", "c"), "'A B' and 'a  b' and 'a b'"),
        (repeated("red", "blue", "green"), ""),
    ],
)
def test_classes_that_are_spelled_alike_are_remarked_on(values: list[Any], said: str) -> None:
    remarks = " ".join(of(values).remarks)

    assert ("capitals or blanks alone" in remarks) == bool(said)
    assert said in remarks
