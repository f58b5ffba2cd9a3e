from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import baselines
from models.baseline_columns import plain_columns, table_of_examples
from preprocessing.features import load_features

FEATURES = load_features({"amount": "numeric", "code": "categorical", "word": "categorical"})


def table(rows: int, seed: int) -> Any:
    import pandas as pd

    random = np.random.default_rng(seed)
    amount = random.normal(size=rows)
    amount[:5] = np.nan
    word = random.choice(["a", "b", None], rows)
    return pd.DataFrame({"amount": amount, "code": random.integers(0, 3, rows), "word": word})


def labels_of(task: str, rows: Any) -> np.ndarray:
    """Two columns decide together, so that no linear model gets it wholly right."""
    either = ((rows["code"] == 1) ^ (rows["word"] == "a")).to_numpy(dtype=int)
    if task == "binary":
        return either
    if task == "multiclass":
        return either + (rows["amount"].fillna(0) > 1).to_numpy(dtype=int)
    return 100.0 + 10.0 * either


@pytest.mark.parametrize("task", baselines.METRICS)
def test_boosting_learns_what_a_linear_model_cannot_and_that_more_than_a_constant(
    task: Any,
) -> None:
    train, evaluation = table(600, 1), table(300, 2)
    scores = baselines.measure(
        task,
        FEATURES,
        train,
        labels_of(task, train),
        evaluation,
        labels_of(task, evaluation),
        classes=3 if task == "multiclass" else 2,
    )
    assert set(scores["gradient boosting"]) == set(baselines.METRICS[task])
    telling = baselines.METRICS[task][0]
    values = [scores[kind][telling] for kind in scores]
    order = sorted(values, reverse=telling not in baselines.HIGHER_IS_BETTER)
    assert values == order
    assert len(set(values)) == 3


def test_a_constant_guess_scores_a_half_and_the_larger_share() -> None:
    labels = np.array([0, 0, 0, 1])
    found = baselines.score("binary", labels, baselines.constant("binary", labels, 4))
    assert (found["auc"], found["accuracy"]) == (0.5, 0.75)


def test_the_mean_explains_nothing_of_a_regression() -> None:
    labels = np.array([1.0, 2.0, 6.0])
    found = baselines.score("regression", labels, baselines.constant("regression", labels, 3))
    assert found["r_squared"] == pytest.approx(0.0)
    assert found["root_mean_squared_error"] == pytest.approx(labels.std())


def test_a_column_without_any_value_is_no_obstacle() -> None:
    train, evaluation = table(100, 1), table(50, 2)
    train["amount"] = np.nan
    labels = labels_of("binary", train), labels_of("binary", evaluation)
    scores = baselines.measure("binary", FEATURES, train, labels[0], evaluation, labels[1])
    assert scores["linear"]["auc"] > 0.5


def test_a_class_that_the_train_split_lacks_is_no_obstacle() -> None:
    train, evaluation = table(100, 1), table(50, 2)
    labels = labels_of("binary", train), labels_of("multiclass", evaluation)
    scores = baselines.measure(
        "multiclass", FEATURES, train, labels[0], evaluation, labels[1], classes=3
    )
    assert 0 < scores["gradient boosting"]["accuracy"] < 1


def test_moments_and_codes_are_read_alike_from_numbers_and_text() -> None:
    import pandas as pd

    features = load_features({"at": {"role": "timestamp", "unit": "ms"}, "code": "categorical"})
    noon = pd.DataFrame({"at": [12 * 3_600_000, None], "code": [3.0, np.nan]})
    text = pd.DataFrame({"at": ["1970-01-01T12:00:00Z", ""], "code": ["3", None]})
    for given in (noon, text):
        columns, [made] = plain_columns(features, [given])
        assert columns.named == ("code",)
        assert made["at hour"].tolist() == pytest.approx([12.0, np.nan], nan_ok=True)
        assert made["at seconds"].tolist() == pytest.approx([43_200.0, np.nan], nan_ok=True)
        assert made["code"].tolist() == ["3", ""]


def test_examples_become_a_table_with_holes() -> None:
    import pyarrow as pa

    first = pa.RecordBatch.from_arrays(
        [
            pa.array([[1.5], None, []], pa.large_list(pa.float32())),
            pa.array([[b"x"], None, [b"y"]], pa.large_list(pa.large_binary())),
        ],
        ["amount", "word"],
    )
    second = pa.RecordBatch.from_arrays(
        [pa.array([[2.5]], pa.large_list(pa.float32()))], ["amount"]
    )
    found = table_of_examples([first, second], ["amount", "word"])
    assert found["amount"].tolist() == pytest.approx(
        [1.5, float("nan"), float("nan"), 2.5], nan_ok=True
    )
    assert found["word"].where(found["word"].notna(), None).tolist() == ["x", None, "y", None]
