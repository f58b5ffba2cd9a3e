"""Plain models to measure ours against, for every task.

The label's distribution alone (`constant`), a linear model, and scikit-learn's
histogram gradient boosting, which is hard to beat on a table. They read raw columns
in the plain way of `models.baseline_columns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.baseline_columns import PlainColumns, plain_columns
from preprocessing.features import FeatureRole
from preprocessing.label import Task

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Score = dict[str, float]
"""Metric name, as the evaluation's settings spell it, to value."""

METRICS: dict[Task, tuple[str, ...]] = {
    "binary": ("auc", "accuracy", "log_loss", "average_precision"),
    "multiclass": ("accuracy", "log_loss", "macro_f1"),
    "regression": ("root_mean_squared_error", "mean_absolute_error", "r_squared"),
}
"""What `score` gives for each task, the most telling first."""

HIGHER_IS_BETTER = frozenset({"auc", "average_precision", "accuracy", "macro_f1", "r_squared"})

CONSTANT = "constant"
LINEAR = "linear"
BOOSTING = "gradient boosting"

# Enough rows to know what a plain model reaches, few enough to take seconds.
_MOST_ROWS = 50_000
_MOST_VALUES = 200
_MOST_WORDS = 2_000


def score(task: Task, labels: np.ndarray, predictions: np.ndarray) -> Score:
    """Scores predictions of a whole split.

    Args:
      task: The task.
      labels: Class positions, or a regression's numbers, [rows].
      predictions: Probabilities [rows, classes], or numbers [rows].

    Returns:
      The task's metrics. AUC and average precision are left out where only
      one class is there.
    """
    import numpy as np
    from sklearn import metrics

    if task == "regression":
        errors = predictions.astype(np.float64) - labels
        spread = float(np.var(labels.astype(np.float64)))
        square = float(np.mean(errors**2))
        return {
            "root_mean_squared_error": square**0.5,
            "mean_absolute_error": float(np.mean(np.abs(errors))),
            "r_squared": 1.0 - square / spread if spread else 0.0,
        }
    chosen = np.argmax(predictions, axis=1)
    probability = predictions[np.arange(len(labels)), labels].astype(np.float64)
    found: Score = {
        "accuracy": float(np.mean(chosen == labels)),
        "log_loss": float(-np.mean(np.log(np.clip(probability, 1e-7, 1.0)))),
    }
    if task == "multiclass":
        return {**found, "macro_f1": float(metrics.f1_score(labels, chosen, average="macro"))}
    if 0 < labels.sum() < len(labels):
        positive = predictions[:, 1]
        found = {
            "auc": float(metrics.roc_auc_score(labels, positive)),
            "average_precision": float(metrics.average_precision_score(labels, positive)),
            **found,
        }
    return found


def measure(
    task: Task,
    features: Mapping[str, FeatureRole],
    train: pd.DataFrame,
    train_labels: np.ndarray,
    evaluation: pd.DataFrame,
    evaluation_labels: np.ndarray,
    *,
    classes: int = 2,
    kinds: Sequence[str] = (CONSTANT, LINEAR, BOOSTING),
    seed: int = 7,
) -> dict[str, Score]:
    """Fits the plain models on one split and scores them on another.

    Args:
      task: The task.
      features: The feature map.
      train: The train split's raw columns, as `table_of_examples` gives them.
      train_labels: Class positions or numbers, [train rows], none missing.
      evaluation: The eval split's raw columns.
      evaluation_labels: As `train_labels`, [eval rows].
      classes: The number of classes; not read for a regression.
      kinds: Which models.
      seed: Seed of the rows that are taken from a long table, and of the learners.

    Returns:
      Scores by model, in the order of `kinds`. At most fifty thousand rows are learned
      from, so that it takes seconds.
    """
    import numpy as np

    if len(train) > _MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).permutation(len(train))[:_MOST_ROWS])
        train, train_labels = train.iloc[rows], train_labels[rows]
    columns, (plain_train, plain_evaluation) = plain_columns(features, (train, evaluation))
    scores = {}
    for kind in kinds:
        if kind == CONSTANT or not any((columns.amounts, columns.named, columns.texts)):
            predictions = constant(task, train_labels, len(evaluation), classes)
        else:
            make = _linear if kind == LINEAR else _boosting
            model = make(task, columns, train_labels, seed)
            model.fit(plain_train, train_labels)
            predictions = _predictions(task, model, plain_evaluation, classes)
        scores[kind] = score(task, evaluation_labels, predictions)
    return scores


def constant(task: Task, train_labels: np.ndarray, rows: int, classes: int = 2) -> np.ndarray:
    """The train split's class shares, or its mean, for every row.

    Args:
      task: The task.
      train_labels: Class positions or numbers, [train rows].
      rows: How many predictions to give.
      classes: The number of classes.

    Returns:
      Probabilities [rows, classes], or numbers [rows].
    """
    import numpy as np

    if task == "regression":
        return np.full(rows, float(np.mean(train_labels)))
    shares = np.bincount(train_labels, minlength=classes) / len(train_labels)
    return np.tile(shares, (rows, 1))


def _predictions(task: Task, model: Any, table: pd.DataFrame, classes: int) -> np.ndarray:
    import numpy as np

    if task == "regression":
        return np.asarray(model.predict(table), dtype=np.float64)
    # A class that the train split lacks has no column of the learner's.
    probabilities = np.zeros((len(table), classes))
    probabilities[:, model.classes_.astype(int)] = model.predict_proba(table)
    return probabilities


def _linear(task: Task, columns: PlainColumns, labels: np.ndarray, seed: int) -> Any:
    """Logistic or ridge regression of scaled numbers, names one by one, and words."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    filled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    values = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=_MOST_VALUES
    )
    prepared = make_column_transformer(
        (filled, list(columns.amounts)),
        (values, list(columns.named)),
        *((_words(), name) for name in columns.texts),
    )
    model = Ridge() if task == "regression" else LogisticRegression(max_iter=300)
    return make_pipeline(prepared, model)


def _boosting(task: Task, columns: PlainColumns, labels: np.ndarray, seed: int) -> Any:
    """Histogram gradient boosting; names are numbered, words reduced to few numbers."""
    import numpy as np
    from sklearn.compose import make_column_transformer
    from sklearn.decomposition import TruncatedSVD
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        min_frequency=2,
        max_categories=_MOST_VALUES,
    )
    prepared = make_column_transformer(
        (codes, list(columns.named)),
        ("passthrough", list(columns.amounts)),
        *(
            (make_pipeline(_words(), TruncatedSVD(16, random_state=seed)), name)
            for name in columns.texts
        ),
        sparse_threshold=0.0,
    )
    # A tenth of few rows, or of few rows of a class, tells little of when to stop.
    long = len(labels) >= 2_000
    if task != "regression":
        long = long and np.unique(labels, return_counts=True)[1].min() >= 20
    learner = (
        HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    )
    model = learner(
        learning_rate=0.05 if long else 0.1,
        max_iter=300 if long else 100,
        early_stopping=long,
        categorical_features=list(range(len(columns.named))),
        random_state=seed,
    )
    return make_pipeline(prepared, model)


def _words() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(max_features=_MOST_WORDS, ngram_range=(1, 2), token_pattern=r"\S+")
