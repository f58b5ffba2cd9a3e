"""Class weights, and the classes' names as the signatures give them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from models.heads import make_head
from models.problem import Problem
from models.training_loop import Evaluator, Trained, train_model
from tests.models.small_table import QUICK, SmallTable

NAMES = {"binary": ["FEMALE", "MALE"], "multiclass": ["often", "rare", "rarer"]}


@pytest.fixture(scope="module")
def problem(small_table: SmallTable, tmp_path_factory: pytest.TempPathFactory) -> Problem:
    return Problem(small_table.fn_args(tmp_path_factory.mktemp("unused")), QUICK)


def named(problem: Problem, task: str) -> Problem:
    """The small table with a noisy label, most of whose rows are of the first class."""
    other = Problem.__new__(Problem)
    other.__dict__.update(problem.__dict__)
    for split in ("train_rows", "eval_rows"):
        rows = getattr(problem, split)
        noise = np.random.default_rng(1).normal(size=len(rows))
        bounds = [1.5] if task == "binary" else [1.2, 1.9]
        label = np.digitize(rows.dense[:, 0] + noise, bounds).astype(np.int64)
        setattr(other, split, dataclasses.replace(rows, label=label))
    other.head = make_head(task, NAMES[task], other.train_rows.label)  # type: ignore[arg-type]
    return other


def trained(problem: Problem, weights: Any) -> Trained:
    chosen = QUICK.model_copy(update={"class_weights": weights})
    return train_model(problem, chosen, log_folder=None, checkpoint_folder=None, identity="w")


def share_of_rare(problem: Problem, weights: Any) -> float:
    """How many rows are said to be of another class than the usual one."""
    model = trained(problem, weights).model
    predictions = Evaluator(model, problem.head, problem.eval_rows).predictions()
    return float(np.mean(np.argmax(predictions, axis=1) > 0))


@pytest.mark.parametrize("task", NAMES)
def test_balanced_weights_and_weights_by_name_find_more_of_the_rare_classes(
    task: str, problem: Problem
) -> None:
    rare = named(problem, task)
    by_name = dict.fromkeys(NAMES[task][1:], 6.0)
    plain = share_of_rare(rare, "none")
    assert share_of_rare(rare, "balanced") > plain + 0.05
    assert share_of_rare(rare, by_name) > plain + 0.05


def test_the_record_says_what_each_class_weighed(problem: Problem) -> None:
    record = trained(named(problem, "binary"), {"MALE": 3.0}).record
    assert record["class_weights"] == {"FEMALE": 1.0, "MALE": 3.0}


@pytest.mark.parametrize("task", NAMES)
def test_the_signatures_give_the_classes_as_the_data_writes_them(
    task: str, problem: Problem, small_table: SmallTable
) -> None:
    import tensorflow as tf

    from models.signatures import ServingModule
    from models.wide_and_deep import WideAndDeep

    other = named(problem, task)
    model = WideAndDeep(other.layout, other.head, QUICK)
    module = ServingModule(
        model, other.head, other.layout, other.transform_output, ["fare", "payment_type", "hour"]
    )
    answer = module.signatures()["serving_raw"](
        fare=tf.constant([3.0, np.nan]),
        payment_type=tf.constant(["Cash", ""]),
        hour=tf.constant([1, 2], tf.int64),
    )
    assert answer["classes"].numpy().astype(str).tolist() == [NAMES[task]] * 2
    if task == "binary":
        np.testing.assert_allclose(answer["score"], answer["probabilities"][:, 1])
    else:
        assert set(answer["class"].numpy().astype(str)) <= set(NAMES[task])
