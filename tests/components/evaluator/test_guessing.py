"""Whether a model is clearly better than guessing: told by seeds, and by both ways to evaluate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.evaluator.gates import Gates
from components.evaluator.metric_names import main_metric
from components.evaluator.settings import EvaluationSettings

SEEDS = 200


def _found(labels: Any, predictions: Any, weights: Any = None, **gates: Any) -> dict[str, Any]:
    from components.evaluator.guessing import Guessing
    from components.evaluator.metrics.scores import Scores

    guessing = Guessing(Gates(**gates))
    predictions = np.asarray(predictions, np.float64)
    half = len(labels) // 2
    for part in (slice(None, half), slice(half, None)):
        guessing.add(
            Scores(
                np.asarray(labels)[part, np.newaxis],
                predictions[part].reshape(len(labels[part]), -1),
                None if weights is None else weights[part],
            )
        )
    return guessing.document()


def _table(metric: str, signal: float, rows: int, seed: int) -> tuple[Any, Any, dict[str, Any]]:
    """Labels and the predictions of a model that knows a part of them."""
    random = np.random.default_rng(seed)
    known = random.normal(size=rows)
    if metric.startswith(("root", "mean")):
        labels = signal * known + random.normal(size=rows) + 30
        slope = signal if signal else 0.1
        return labels, 30 + slope * known, {"task": "regression", "better_than_guessing": metric}
    if metric == "macro_recall":
        labels = (random.random(rows) < np.where(known > 1, 0.05 + signal, 0.05)).astype(np.int64)
        own = np.where(known > 1, 0.9, 0.1)
        gates = {"task": "multiclass", "better_than_guessing": "accuracy"}
        return labels, np.stack([1 - own, own], axis=1), gates
    if metric == "accuracy":
        labels = random.integers(0, 3, rows)
        told = np.where(random.random(rows) < signal, labels, random.integers(0, 3, rows))
        gates = {"task": "multiclass", "better_than_guessing": metric}
        return labels, np.eye(3)[told] * 0.4 + 0.2, gates
    labels = (random.random(rows) < 1 / (1 + np.exp(-signal * known))).astype(np.int64)
    score = 1 / (1 + np.exp(-(signal or 0.3) * known))
    return labels, score, {"task": "binary", "better_than_guessing": metric}


METRICS = (
    "auc",
    "accuracy",
    "macro_recall",
    "log_loss",
    "root_mean_squared_error",
    "mean_absolute_error",
)


@pytest.mark.parametrize("metric", METRICS)
def test_without_a_signal_chance_rarely_passes_for_skill(metric: str) -> None:
    found = [_of_seed(metric, 0.0, 400, seed) for seed in range(SEEDS)]

    assert {one["metric"] for one in found} == {metric}
    # One side of a 95 % interval; two standard errors of the share are 0.022.
    assert np.mean([one["better"] for one in found]) <= 0.05


@pytest.mark.parametrize(
    ("metric", "signal"),
    [
        ("auc", 0.3),
        ("accuracy", 0.15),
        ("macro_recall", 0.2),
        ("log_loss", 0.3),
        ("root_mean_squared_error", 0.2),
        ("mean_absolute_error", 0.3),
    ],
)
def test_a_weak_signal_in_enough_rows_passes(metric: str, signal: float) -> None:
    found = [_of_seed(metric, signal, 3_000, seed) for seed in range(50)]

    assert np.mean([one["better"] for one in found]) >= 0.95


def _of_seed(metric: str, signal: float, rows: int, seed: int) -> dict[str, Any]:
    labels, predictions, gates = _table(metric, signal, rows, seed)
    return _found(labels, predictions, **gates)


@pytest.mark.parametrize("metric", METRICS)
def test_a_model_that_always_answers_the_same_is_not_better(metric: str) -> None:
    labels, predictions, gates = _table(metric, 1.0, 2_000, seed=3)
    same = np.broadcast_to(np.asarray(predictions)[:1], np.shape(predictions))

    assert not _found(labels, same, **gates)["better"]


def test_a_model_that_is_worse_than_guessing_is_said_to_be_worse() -> None:
    from components.evaluator.outcome.bounds_kept import guessing_words

    labels, predictions, gates = _table("auc", 1.0, 2_000, seed=3)

    found = _found(labels, 1 - predictions, **gates)

    assert not found["better"]
    assert guessing_words(found) == "on 2,000 rows it is worse than guessing"


@pytest.mark.parametrize("rows", [20, 40, 60])
def test_a_handful_of_rows_is_enough_where_the_model_is_always_right(rows: int) -> None:
    labels = np.arange(rows) % 2
    for metric in ("auc", "accuracy", "log_loss"):
        gates = {"task": "binary", "better_than_guessing": metric}
        assert _found(labels, 0.05 + 0.9 * labels, **gates)["better"], metric
    numbers = np.linspace(1.0, 9.0, rows)
    for metric in ("root_mean_squared_error", "mean_absolute_error"):
        gates = {"task": "regression", "better_than_guessing": metric}
        assert _found(numbers, numbers + 0.1, **gates)["better"], metric


def test_values_and_guesses_are_those_of_scikit_learn() -> None:
    from sklearn import metrics

    random = np.random.default_rng(5)
    labels = random.integers(0, 2, 500)
    score = np.round(random.random(500), 1)
    weights = random.uniform(0.5, 2.0, 500)
    shares = np.array([weights[labels == 0].sum(), weights[labels == 1].sum()]) / weights.sum()

    area = _found(labels, score, weights, task="binary", better_than_guessing="auc")
    right = _found(labels, score, weights, task="binary", better_than_guessing="accuracy")
    loss = _found(labels, score, weights, task="binary", better_than_guessing="log_loss")

    assert area["value"] == pytest.approx(
        metrics.roc_auc_score(labels, score, sample_weight=weights)
    )
    assert area["guess"] == 0.5
    expected = metrics.accuracy_score(labels, score > 0.5, sample_weight=weights)
    assert right["value"] == pytest.approx(expected)
    assert right["guess"] == pytest.approx(shares.max())
    assert loss["guess"] == pytest.approx(-(shares * np.log(shares)).sum())


def test_labels_that_are_all_alike_leave_nothing_to_be_better_at() -> None:
    ones = np.ones(200, np.int64)
    for metric in ("auc", "accuracy", "log_loss"):
        gates = {"task": "binary", "better_than_guessing": metric}
        assert not _found(ones, np.full(200, 0.9), **gates)["better"]
    gates = {"task": "regression", "better_than_guessing": "root_mean_squared_error"}
    assert not _found(np.full(200, 7.0), np.full(200, 7.0), **gates)["better"]


@pytest.mark.parametrize(
    ("task", "names", "metric"),
    [
        ("binary", ("log_loss", "accuracy", "auc"), "auc"),
        ("binary", ("log_loss", "accuracy"), "accuracy"),
        ("binary", ("recall",), "auc"),
        ("multiclass", ("macro_recall", "accuracy"), "accuracy"),
        ("multiclass", ("macro_recall", "log_loss"), "log_loss"),
        ("regression", ("r_squared",), "root_mean_squared_error"),
    ],
)
def test_the_main_metric_is_the_first_headline_metric_that_is_evaluated(
    task: Any, names: tuple[str, ...], metric: str
) -> None:
    assert main_metric(task, names) == metric


BOUNDS = {
    "binary": {"auc": {"at_least": 0.1}},
    "multiclass": {"accuracy": {"at_least": 0.01}},
    "regression": {"root_mean_squared_error": {"at_most": 1e6}},
}


def _evaluated(
    run: Callable[..., Any], examples: Any, model: Any, task: Any, flags: Any, **settings: Any
) -> Any:
    from components.evaluator.eval_config import eval_config
    from components.evaluator.executor import Executor
    from components.evaluator.gates import make_gates

    checked = EvaluationSettings.model_validate(
        {"metrics": BOUNDS[task], "plots": False, "residuals": False, **settings}
    )
    prediction = "score" if task == "binary" else ""
    config = eval_config(checked, task=task, label_key="label", prediction_key=prediction)
    return run(
        Executor,
        examples,
        model,
        config,
        gates=make_gates(checked, task=task),
        flags=flags,
    )


@pytest.mark.parametrize("flags", [(), ("--in_memory_bytes=0",)], ids=["arrays", "beam"])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_an_untrained_first_model_is_refused_though_it_keeps_its_bounds(
    run: Any, examples: Any, models: Any, task: str, flags: tuple[str, ...]
) -> None:
    from components.evaluator.outcome.reading import read_evaluation

    refused = _evaluated(run, examples, models(task), task, flags)
    passed = _evaluated(run, examples, models(task), task, flags, better_than_guessing=False)

    assert refused.blessing.get_int_custom_property("blessed") == 0
    assert not refused.validation().validation_ok
    [row] = [c for c in read_evaluation(Path(refused.uri)).checks if not c.passed]
    assert row.bound.startswith("better than guessing, ")
    assert row.slice_label == "all examples"
    # Both ways measure what TFMA measures.
    assert row.value == pytest.approx(refused.numbers()[()][row.metric, ""][0], rel=1e-3)
    assert passed.blessing.get_int_custom_property("blessed") == 1
    assert passed.gates()["guessing"] is None


@pytest.mark.parametrize("outputs", [1, 2])
def test_labels_beyond_the_classes_that_a_model_predicts_cannot_be_compared(outputs: int) -> None:
    from components.in_memory import NotInMemoryError

    labels = np.arange(60) % 3
    with pytest.raises(NotInMemoryError, match=f"predicts {outputs} classes"):
        _found(labels, np.ones((60, outputs)), task="multiclass", better_than_guessing="accuracy")
