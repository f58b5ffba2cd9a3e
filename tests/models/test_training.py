from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import DataError, UserError
from models.problem import Problem
from models.training import CHECKPOINT_FOLDER_KEY, hyperparameters_of, run_fn
from models.training_loop import train_model
from preprocessing.features import LABEL_KEY
from tests.models.small_table import QUICK, SmallTable


@pytest.fixture(scope="module")
def problem(small_table: SmallTable, tmp_path_factory: pytest.TempPathFactory) -> Problem:
    return Problem(small_table.fn_args(tmp_path_factory.mktemp("unused")), QUICK)


def train(problem: Problem, folder: Path | None = None, **changes: Any) -> dict[str, Any]:
    """Trains and gives the record."""
    return train_model(
        problem,
        QUICK.model_copy(update=changes),
        log_folder=None,
        checkpoint_folder=None if folder is None else str(folder),
        identity="test",
    ).record


def test_run_fn_writes_a_model_its_record_and_its_logs(
    small_table: SmallTable, tmp_path: Path
) -> None:
    run_fn(small_table.fn_args(tmp_path))
    record = json.loads((tmp_path / "run" / "training.json").read_text())
    known = int((small_table.train[LABEL_KEY] >= 0).sum())
    assert record["examples"]["train"] == known
    assert record["examples"]["train_read"] == len(small_table.train[LABEL_KEY])
    assert record["examples"]["train_without_label"] == len(small_table.train[LABEL_KEY]) - known
    assert [entry["step"] for entry in record["history"]] == [20, 40, 60]
    assert record["metrics"]["auc"] > 0.85
    assert record["hyperparameters"] == QUICK.model_dump(mode="json")
    assert record["classes"] == ["false", "true"]
    assert (tmp_path / "serving" / "saved_model.pb").is_file()
    assert list((tmp_path / "run").glob("events.out.tfevents.*"))


def test_a_trainer_without_custom_config_is_told_so(
    small_table: SmallTable, tmp_path: Path
) -> None:
    fn_args = small_table.fn_args(tmp_path)
    fn_args.custom_config = None
    with pytest.raises(UserError, match="custom_config"):
        run_fn(fn_args)


def test_tuned_hyperparameters_and_the_components_steps_win(
    small_table: SmallTable, tmp_path: Path
) -> None:
    fn_args = small_table.fn_args(tmp_path)
    fn_args.hyperparameters = {"values": {"learning_rate": 0.5, "train_steps": 7}}
    fn_args.train_steps = 11
    chosen = hyperparameters_of(fn_args)
    assert (chosen.learning_rate, chosen.train_steps, chosen.eval_steps) == (0.5, 11, None)


def test_training_with_one_seed_gives_one_result(problem: Problem) -> None:
    first, second = (train(problem)["history"] for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert one["eval_loss"] == pytest.approx(other["eval_loss"], rel=1e-4)


def test_patience_ends_training_and_the_best_weights_are_kept(problem: Problem) -> None:
    trained = train_model(
        problem,
        QUICK.model_copy(
            update={
                "train_steps": 2_000,
                "early_stopping_patience": 2,
                "learning_rate": 0.3,
                "learning_rate_decay": "none",
            }
        ),
        log_folder=None,
        checkpoint_folder=None,
        identity="test",
    )
    record = trained.record
    assert record["stopped_early"]
    losses = {entry["step"]: entry["eval_loss"] for entry in record["history"]}
    assert record["best_step"] == min(losses, key=losses.__getitem__)
    assert len([step for step in losses if step > record["best_step"]]) == 2
    from models.training_loop import Evaluator

    again = Evaluator(trained.model, problem.head, problem.eval_rows).evaluate()
    assert again["loss"] == pytest.approx(record["metrics"]["loss"], rel=1e-4)


def test_an_interrupted_training_goes_on_and_ends_as_the_whole_one(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import models.training_loop as loop

    still = {"dropout": 0.0, "checkpoint_seconds": 0.0}
    whole = train(problem, **still)

    class Killed(BaseException):
        pass

    def die_at_step_40(text: str) -> None:
        if (tmp_path / "training_state.json").is_file():
            state = json.loads((tmp_path / "training_state.json").read_text())
            if state["step"] >= 40:
                raise Killed

    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_REPORTS", 0.0)
    monkeypatch.setattr(loop.progress, "report", die_at_step_40)
    with pytest.raises(Killed):
        train(problem, tmp_path, **still)
    monkeypatch.setattr(loop.progress, "report", lambda text: None)
    resumed = train(problem, tmp_path, **still)
    assert resumed["continued_from_step"] >= 40
    assert [entry["step"] for entry in resumed["history"]] == [20, 40, 60]
    assert resumed["metrics"]["loss"] == pytest.approx(whole["metrics"]["loss"], rel=1e-3)
    assert len(list(tmp_path.glob("step-*.index"))) == 1


def test_checkpoints_of_another_training_are_not_taken_up(problem: Problem, tmp_path: Path) -> None:
    train(problem, tmp_path, checkpoint_seconds=0.0)
    other = train_model(
        problem, QUICK, log_folder=None, checkpoint_folder=str(tmp_path), identity="other"
    ).record
    assert other["continued_from_step"] is None


def test_a_loss_that_is_no_number_is_a_data_error(problem: Problem) -> None:
    import dataclasses

    broken = Problem.__new__(Problem)
    broken.__dict__.update(problem.__dict__)
    dense = problem.train_rows.dense.copy()
    dense[:] = math.nan
    broken.train_rows = dataclasses.replace(problem.train_rows, dense=dense)
    with pytest.raises(DataError, match="not a number"):
        train(broken)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_the_other_tasks_learn_as_well(
    task: str, problem: Problem, small_table: SmallTable
) -> None:
    import dataclasses

    from models.heads import make_head

    other = Problem.__new__(Problem)
    other.__dict__.update(problem.__dict__)
    for split in ("train_rows", "eval_rows"):
        rows = getattr(problem, split)
        fare = rows.dense[:, 0]
        label = (
            np.digitize(fare, [-0.5, 0.5]).astype(np.int64)
            if task == "multiclass"
            else (10 * fare + 100).astype(np.float32)
        )
        setattr(other, split, dataclasses.replace(rows, label=label))
    names = ["low", "middle", "high"] if task == "multiclass" else []
    other.task = task
    other.head = make_head(task, names, other.train_rows.label)
    metrics = train(other, train_steps=300)["metrics"]
    if task == "multiclass":
        assert metrics["accuracy"] > 0.9
    else:
        assert metrics["root_mean_squared_error"] < 0.3 * other.head.scale


def test_a_split_that_does_not_fit_is_streamed(small_table: SmallTable, tmp_path: Path) -> None:
    hyperparameters = QUICK.model_copy(update={"cache_bytes": 0})
    streamed = Problem(small_table.fn_args(tmp_path, hyperparameters), hyperparameters)
    assert not streamed.train_fits
    record = train(streamed)
    assert record["examples"]["train"] is None
    assert record["metrics"]["auc"] > 0.85


def test_the_checkpoint_folder_does_not_change_what_a_training_is(
    small_table: SmallTable, tmp_path: Path
) -> None:
    from models.training import _identity

    fn_args = small_table.fn_args(tmp_path)
    before = _identity(fn_args, QUICK)
    fn_args.custom_config = {**fn_args.custom_config, CHECKPOINT_FOLDER_KEY: "elsewhere"}
    assert _identity(fn_args, QUICK) == before
    assert _identity(fn_args, QUICK.model_copy(update={"seed": 8})) != before
