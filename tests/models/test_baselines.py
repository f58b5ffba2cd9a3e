from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import baselines
from preprocessing.features import load_features

FEATURES = load_features({"amount": "numeric", "code": "categorical", "word": "categorical"})


def table(rows: int, seed: int) -> Any:
    import pandas as pd

    random = np.random.default_rng(seed)
    amount = random.normal(size=rows)
    amount[:5] = np.nan
    word = random.choice(["a", "b", None], rows)
    return pd.DataFrame({"amount": amount, "code": random.integers(0, 3, rows), "word": word})


def labels_of(rows: Any) -> np.ndarray:
    return ((rows["code"] == 1) ^ (rows["word"] == "a")).to_numpy(dtype=int)


def test_a_constant_guess_scores_a_half_and_the_larger_share() -> None:
    labels = np.array([0, 0, 0, 1])
    found = baselines.score(labels, baselines.majority_class(labels, 4))
    assert (found.auc, found.accuracy) == (0.5, 0.75)


def test_gradient_boosting_learns_what_a_linear_model_cannot() -> None:
    train, evaluation = table(600, 1), table(300, 2)
    scores = {
        fit.__name__: baselines.score(
            labels_of(evaluation), fit(FEATURES, train, labels_of(train), evaluation)
        )
        for fit in (baselines.logistic_regression, baselines.gradient_boosting)
    }
    assert scores["gradient_boosting"].auc > 0.99
    assert 0.6 < scores["logistic_regression"].auc < 0.95


def test_a_column_without_any_value_is_no_obstacle() -> None:
    train, evaluation = table(100, 1), table(50, 2)
    train["amount"] = np.nan
    for fit in (baselines.logistic_regression, baselines.gradient_boosting):
        assert fit(FEATURES, train, labels_of(train), evaluation).shape == (50,)


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
    found = baselines.table_of_examples([first, second], ["amount", "word"])
    assert found["amount"].tolist() == pytest.approx(
        [1.5, float("nan"), float("nan"), 2.5], nan_ok=True
    )
    assert found["word"].where(found["word"].notna(), None).tolist() == ["x", None, "y", None]
