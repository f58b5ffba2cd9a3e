"""Metrics that TFMA lacks, against scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics
from sklearn.exceptions import UndefinedMetricWarning

from components.evaluator.settings import EvaluationSettings, check_evaluation
from core.errors import UserError


def _computed(task: Any, settings: Any, labels: Any, predictions: Any) -> dict[str, float]:
    """The metrics over all examples, in two batches."""
    from components.evaluator.eval_config import eval_config
    from components.evaluator.metrics.scores import make_scores
    from components.evaluator.metrics.sliced_metrics import SlicedMetrics

    checked = EvaluationSettings.model_validate({"metrics": settings, "plots": False})
    sliced = SlicedMetrics(eval_config(checked, task=task, label_key="label"))
    half = len(labels) // 3
    for part in (slice(0, half), slice(half, None)):
        scores = {"": make_scores(labels[part], predictions[part], None)}
        sliced.add(scores, {(): np.arange(len(labels[part]))})
    [(_, found)] = sliced.results()
    return {key.name: float(np.asarray(value).reshape(-1)[0]) for key, value in found.items()}


def _classes(rows: int = 600, classes: int = 5) -> tuple[Any, Any]:
    """Labels of which the last class is missing, though it is predicted."""
    random = np.random.default_rng(3)
    labels = random.choice(classes - 1, rows, p=[0.6, 0.3, 0.08, 0.02])
    logits = random.normal(size=(rows, classes)) + 1.5 * np.eye(classes)[labels]
    # A class that is never predicted.
    logits[:, 3] -= 9
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities


@pytest.mark.filterwarnings(f"ignore::{UndefinedMetricWarning.__module__}.UndefinedMetricWarning")
def test_macro_averages_are_those_of_scikit_learn_over_the_classes_that_occur() -> None:
    labels, probabilities = _classes()
    rates = ("precision", "recall", "f1_score")

    found = _computed(
        "multiclass",
        {f"{how}_{rate}": None for how in ("macro", "worst_class") for rate in rates},
        labels,
        probabilities,
    )

    expected = sklearn_metrics.precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=[0, 1, 2, 3], zero_division=0
    )
    for rate, by_class in zip(rates, expected, strict=False):
        assert found[f"macro_{rate}"] == pytest.approx(by_class.mean())
        assert found[f"worst_class_{rate}"] == pytest.approx(by_class.min())


def test_macro_auc_is_that_of_scikit_learn() -> None:
    labels, probabilities = _classes()

    found = _computed("multiclass", {"macro_auc": None}, labels, probabilities)

    areas = [sklearn_metrics.roc_auc_score(labels == k, probabilities[:, k]) for k in range(4)]
    assert found["macro_auc"] == pytest.approx(np.mean(areas), abs=2e-4)


def test_a_curve_for_each_of_thousands_of_classes_is_refused() -> None:
    labels = np.arange(20)
    probabilities = np.full((20, 3000), 1 / 3000)

    with pytest.raises(UserError, match="a curve for each of 3,000 classes"):
        _computed("multiclass", {"macro_auc": None}, labels, probabilities)
    # All the others do without.
    found = _computed("multiclass", {"macro_recall": None}, labels, probabilities)
    assert found["macro_recall"] == pytest.approx(1 / 20)


@pytest.mark.parametrize("positives", [0.3, 0.004])
def test_average_precision_is_that_of_scikit_learn(positives: float) -> None:
    random = np.random.default_rng(5)
    labels = (random.random(20_000) < positives).astype(np.int64)
    predictions = 1 / (1 + np.exp(-random.normal(2 * labels - 3, 1.0)))

    found = _computed("binary", {"average_precision": None}, labels, predictions)

    expected = sklearn_metrics.average_precision_score(labels, predictions)
    assert found["average_precision"] == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(("offset", "scale"), [(0.0, 1.0), (1e9, 1.0), (0.0, 1e150), (-3e-9, 1e-9)])
def test_r_squared_is_that_of_scikit_learn_however_large_labels_are(
    offset: float, scale: float
) -> None:
    random = np.random.default_rng(1)
    labels = offset + scale * random.normal(size=500)
    predictions = labels + 0.4 * scale * random.normal(size=500)

    found = _computed("regression", {"r_squared": None}, labels, predictions)

    expected = sklearn_metrics.r2_score(labels, predictions)
    assert found["r_squared"] == pytest.approx(expected, rel=1e-6)


def test_equal_labels_have_no_r_squared() -> None:
    found = _computed("regression", {"r_squared": None}, np.ones(9), np.linspace(0, 1, 9))

    assert np.isnan(found["r_squared"])


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({"recall": {"at_least": 0.5}}, "macro_recall is the mean over the classes"),
        ({"recall": {}}, "write recall: {by_class"),
        ({"accuracy": {"by_class": {3: {"at_least": 0.5}}}}, "goes with precision, recall"),
        ({"recall": {"by_class": {"a": {"change_at_most": 0.5}}}}, "use change_at_least"),
        ({"macro_recal": {}}, "did you mean 'macro_recall'"),
    ],
)
def test_a_bound_on_a_class_that_cannot_be_says_what_can(metrics: Any, said: str) -> None:
    with pytest.raises((UserError, ValueError)) as caught:
        check_evaluation(EvaluationSettings.model_validate({"metrics": metrics}), task="multiclass")

    assert said in f"{caught.value} {getattr(caught.value, 'hint', '')}"


def _drawn(random: Any, rows: int, task: str) -> tuple[Any, Any]:
    if task == "regression":
        latent = random.normal(size=rows)
        return 3 * latent + random.normal(size=rows), 2.5 * latent[:, None] + 0.4
    labels = random.choice(3, rows, p=[0.5, 0.3, 0.2])
    return labels, random.normal(size=(rows, 3)) + np.eye(3)[labels]


@pytest.mark.parametrize(
    ("class_name", "rate"),
    [
        ("RSquared", ""),
        ("MacroAuc", ""),
        ("MacroAverage", "precision"),
        ("MacroAverage", "recall"),
        ("MacroAverage", "f1_score"),
        ("WorstClass", "f1_score"),
    ],
)
def test_nineteen_in_twenty_intervals_hold_the_truth(class_name: str, rate: str) -> None:
    from components.evaluator.intervals.influence import Examples
    from components.evaluator.intervals.own_estimates import own_estimate

    random = np.random.default_rng(8)
    how = own_estimate(class_name, 0.95, {"rate": rate})
    assert how is not None

    def value(labels: Any, scores: Any) -> float:
        if class_name == "RSquared":
            return float(sklearn_metrics.r2_score(labels, scores[:, 0]))
        if class_name == "MacroAuc":
            areas = [sklearn_metrics.roc_auc_score(labels == k, scores[:, k]) for k in range(3)]
            return float(np.mean(areas))
        found = sklearn_metrics.precision_recall_fscore_support(labels, scores.argmax(axis=1))
        rates = found[("precision", "recall", "f1_score").index(rate)]
        return float(rates.mean() if class_name == "MacroAverage" else rates.min())

    task = "regression" if class_name == "RSquared" else "multiclass"
    truth = value(*_drawn(random, 200_000, task))
    held = 0
    for _ in range(150):
        labels, scores = _drawn(random, 200, task)
        examples = Examples(labels.astype(np.float64), scores, np.ones(200), 0.5)
        low, high = how.interval(value(labels, scores), examples)
        held += low <= truth <= high

    assert held >= 0.90 * 150
    # That of the worst class is wide enough for all classes at once.
    assert held < 150 or class_name == "WorstClass"


def test_a_class_with_few_examples_cannot_be_the_worst_for_sure() -> None:
    from components.evaluator.intervals.influence import Examples
    from components.evaluator.intervals.own_estimates import own_estimate

    how = own_estimate("WorstClass", 0.95, {"rate": "recall"})
    assert how is not None
    labels = np.array([0.0] * 500 + [1.0] * 3)
    predictions = np.tile([0.9, 0.1], (503, 1))

    _, high = how.interval(0.0, Examples(labels, predictions, np.ones(503), 0.5))
    assert high > 0.6
    # Of a large class that is surely below, nothing is excused by the small one.
    predictions[:300] = [0.1, 0.9]
    _, high = how.interval(0.0, Examples(labels, predictions, np.ones(503), 0.5))
    assert high < 0.5
