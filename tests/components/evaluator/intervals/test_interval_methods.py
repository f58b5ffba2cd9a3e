"""Intervals against published figures, and against what they promise on simulated data."""

from __future__ import annotations

import math

import numpy as np
import pytest

from components.evaluator.intervals import interval_methods as methods
from components.evaluator.intervals.influence import Examples, estimate

_BINARY = [
    "AUC",
    "AUCPrecisionRecall",
    "BinaryAccuracy",
    "BalancedAccuracy",
    "Precision",
    "Recall",
    "F1Score",
    "Specificity",
    "FallOut",
    "MissRate",
    "MatthewsCorrelationCoefficient",
    "PredictedPositiveRate",
    "BinaryCrossentropy",
    "MeanSquaredError",
    "MeanLabel",
    "MeanPrediction",
    "Calibration",
]


def test_a_share_has_wilsons_interval() -> None:
    # Newcombe (1998), table I: 81 of 263, and 0 of 20.
    assert methods.share(81 / 263, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert methods.share(0.0, 20, 0.95) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_a_mean_has_students_interval() -> None:
    # Of 1, 2, 3: t(2) = 4.3027, standard error 1 / sqrt(3).
    deviation = float(np.std([1.0, 2.0, 3.0]))

    assert methods.mean(2.0, deviation, 3, 0.95) == pytest.approx((-0.4841, 4.4841), abs=1e-4)
    assert methods.mean(2.0, 0.0, 1, 0.95) == (-math.inf, math.inf)


def test_an_area_has_an_interval_within_its_range_even_when_perfect() -> None:
    low, high = methods.auc(1.0, 5, 5, 0.95)

    assert (high, 0.5 < low < 0.9) == (1.0, True)
    # Near the middle and with many examples it is Hanley and McNeil's: 0.7 of 100 and 100.
    assert methods.auc(0.7, 100, 100, 0.95) == pytest.approx((0.624, 0.766), abs=0.005)


def test_the_gap_of_two_groups_is_newcombes() -> None:
    # Newcombe (1998, comparing two proportions), example (a): 56/70 and 48/80, method 10.
    one, other = methods.share(48 / 80, 80, 0.95), methods.share(56 / 70, 70, 0.95)

    assert methods.gap(48 / 80, one, 56 / 70, other) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("name", [*_BINARY])
def test_few_examples_never_give_a_narrow_interval(name: str, count: int) -> None:
    how = estimate(name, 0.95)
    wrong = Examples(np.ones(count), np.full((count, 1), 0.2), np.ones(count), 0.5)
    assert how is not None

    with np.errstate(all="ignore"):
        low, high = how.interval(0.0, wrong)

    assert high - low > 0.3 or name in ("BinaryCrossentropy", "MeanSquaredError", *_MEANS)


_MEANS = ("MeanLabel", "MeanPrediction")


def _sample(random: np.random.Generator, rows: int) -> tuple[Examples, Examples]:
    latent = random.normal(size=rows)
    labels = (latent + random.normal(size=rows) > 0.3).astype(float)

    def scores(noise: float) -> Examples:
        seen = latent + noise * random.normal(size=rows)
        return Examples(labels, 1 / (1 + np.exp(-seen[:, None])), np.ones(rows), 0.5)

    return scores(0.3), scores(0.8)


def _value(name: str, examples: Examples) -> float:
    """The metric by the textbook."""
    actual, predicted, score = examples.positive, examples.predicted, examples.score
    tp, fp = (actual & predicted).sum(), (~actual & predicted).sum()
    fn, tn = (actual & ~predicted).sum(), (~actual & ~predicted).sum()
    if name == "AUC":
        order = np.argsort(np.argsort(score)) + 1
        positives, negatives = actual.sum(), (~actual).sum()
        return float(
            (order[actual].sum() - positives * (positives + 1) / 2) / positives / negatives
        )
    values = {
        "BinaryAccuracy": (tp + tn) / len(actual),
        "Precision": tp / (tp + fp),
        "F1Score": 2 * tp / (2 * tp + fp + fn),
        "BalancedAccuracy": (tp / (tp + fn) + tn / (tn + fp)) / 2,
        "MatthewsCorrelationCoefficient": (tp * tn - fp * fn)
        / math.sqrt(float(tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
        "MeanSquaredError": ((score - examples.labels) ** 2).mean(),
        "RootMeanSquaredError": math.sqrt(((score - examples.labels) ** 2).mean()),
        "SquaredPearsonCorrelation": np.corrcoef(score, examples.labels)[0, 1] ** 2,
        "Calibration": score.mean() / examples.labels.mean(),
    }
    return float(values[name])


@pytest.mark.parametrize(
    "name",
    [
        "AUC",
        "BinaryAccuracy",
        "Precision",
        "F1Score",
        "BalancedAccuracy",
        "MatthewsCorrelationCoefficient",
        "MeanSquaredError",
        "RootMeanSquaredError",
        "SquaredPearsonCorrelation",
        "Calibration",
    ],
)
def test_nineteen_in_twenty_intervals_hold_the_truth(name: str) -> None:
    random = np.random.default_rng(5)
    how = estimate(name, 0.95)
    assert how is not None
    now, before = _sample(random, 100_000)
    value, change = _value(name, now), _value(name, now) - _value(name, before)

    held = np.zeros(2)
    for _ in range(200):
        now, before = _sample(random, 150)
        found = _value(name, now)
        low, high = how.interval(found, now)
        held[0] += low <= value <= high
        low, high = how.change(found - _value(name, before), now, before)
        held[1] += low <= change <= high

    # Two hundred draws at 95 %: fewer than 90 % or all of them would be wrong.
    assert (held / 200 >= 0.90).all()
    assert (held / 200 <= 0.995).all()


def test_weights_count_as_much_as_they_are_worth() -> None:
    assert methods.effective_count(np.ones(7)) == 7
    assert methods.effective_count(np.array([1.0, 0.0, 0.0])) == 1
    assert methods.effective_count(np.zeros(3)) == 0
