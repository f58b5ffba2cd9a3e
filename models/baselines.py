"""Plain models to measure ours against: the label's mean, and logistic regression.

They read the raw columns, prepared in the usual plain way: numbers filled with the
median and scaled, everything else one column per value. No bucket, cross or embedding
is made for them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from preprocessing.features import CategoricalRole, FeatureRole, column_of, raw_columns

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclasses.dataclass(frozen=True)
class Score:
    """How well a model tells yes from no.

    Attributes:
      auc: Area under the ROC curve.
      accuracy: Share of right answers, yes from a probability of one half.
      log_loss: Mean negative logarithm of the right answer's probability.
    """

    auc: float
    accuracy: float
    log_loss: float


def score(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """Scores probabilities of yes.

    Args:
      labels: 0 or 1, [rows].
      probabilities: Of 1, [rows].
    """
    import numpy as np
    from sklearn import metrics

    clipped = np.clip(probabilities.astype(np.float64), 1e-7, 1 - 1e-7)
    return Score(
        auc=float(metrics.roc_auc_score(labels, clipped)),
        accuracy=float(metrics.accuracy_score(labels, clipped > 0.5)),
        log_loss=float(metrics.log_loss(labels, clipped)),
    )


def table_of_examples(batches: Iterable[pa.RecordBatch], columns: Sequence[str]) -> pd.DataFrame:
    """Decoded examples as a table with one value, or none, per row and column.

    Args:
      batches: Record batches of list columns, as `core.columnar_examples` reads them.
      columns: The columns to take.

    Returns:
      A table in which numbers are float64 or int64 and missing ones NaN; texts are
      str, missing ones None.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = []
    for batch in batches:
        taken = {}
        for name in columns:
            place = batch.schema.get_field_index(name)
            if place < 0 or pa.types.is_null(batch.column(place).type):
                taken[name] = pd.Series([None] * batch.num_rows, dtype=object)
                continue
            lists = batch.column(place)
            filled = pc.if_else(pc.greater(pc.list_value_length(lists), 0), lists, None)
            first = pc.list_element(pc.drop_null(filled), 0)
            present = filled.is_valid().to_numpy(zero_copy_only=False)
            values = first.to_pandas()
            if pa.types.is_large_binary(first.type):
                values = values.map(lambda value: value.decode("utf-8", "replace"))
            values.index = present.nonzero()[0]
            taken[name] = values.reindex(range(batch.num_rows))
        parts.append(pd.DataFrame(taken))
    return pd.concat(parts, ignore_index=True)


def majority_class(train_labels: np.ndarray, rows: int) -> np.ndarray:
    """The share of yes in the train split, for every row; float64 [rows]."""
    import numpy as np

    return np.full(rows, float(np.mean(train_labels)))


def logistic_regression(
    features: Mapping[str, FeatureRole],
    train: pd.DataFrame,
    train_labels: np.ndarray,
    evaluation: pd.DataFrame,
) -> np.ndarray:
    """Fits a logistic regression on the features' raw columns.

    Args:
      features: The feature map; it tells which columns to take, and which numbers are
        names (codes) rather than amounts.
      train: The train split's raw columns.
      train_labels: 0 or 1, [train rows].
      evaluation: The eval split's raw columns.

    Returns:
      The probability of yes, float64 [eval rows].
    """
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    named = _named_columns(features, train)
    amounts = [
        name for name in raw_columns(features) if name not in named and train[name].notna().any()
    ]
    prepared = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), amounts),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3), named),
    )
    model = make_pipeline(prepared, LogisticRegression(max_iter=2_000))
    model.fit(_texts(train, named), train_labels)
    return model.predict_proba(_texts(evaluation, named))[:, 1]


def gradient_boosting(
    features: Mapping[str, FeatureRole],
    train: pd.DataFrame,
    train_labels: np.ndarray,
    evaluation: pd.DataFrame,
    seed: int = 7,
) -> np.ndarray:
    """Fits scikit-learn's histogram gradient boosting, a strong model of tables.

    Args and result as `logistic_regression`; values are numbered by their frequency.
    """
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier

    named = _named_columns(features, train)
    columns: dict[str, list[Any]] = {"train": [], "evaluation": []}
    for name in raw_columns(features):
        if name not in named:
            columns["train"].append(train[name].to_numpy(dtype=np.float64))
            columns["evaluation"].append(evaluation[name].to_numpy(dtype=np.float64))
            continue
        # The learner takes up to 255 categories; the rare rest is one of them.
        order = train[name].value_counts().index[:250]
        codes = {value: float(place) for place, value in enumerate(order)}
        for part, table in (("train", train), ("evaluation", evaluation)):
            coded = table[name].map(codes).where(table[name].isin(order), 250.0)
            columns[part].append(coded.mask(table[name].isna()).to_numpy(dtype=np.float64))
    categorical = [name in named for name in raw_columns(features)]
    model = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=300,
        early_stopping=True,
        categorical_features=categorical,
        random_state=seed,
    )
    model.fit(np.stack(columns["train"], axis=1), train_labels)
    return model.predict_proba(np.stack(columns["evaluation"], axis=1))[:, 1]


def _named_columns(features: Mapping[str, FeatureRole], table: pd.DataFrame) -> list[str]:
    """Columns whose values are names: those of text, and those with that role."""
    by_role = {
        column_of(name, role)
        for name, role in features.items()
        if isinstance(role, CategoricalRole)
    }
    return [
        name
        for name in raw_columns(features)
        if name in by_role or any(isinstance(value, str) for value in table[name])
    ]


def _texts(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The table with the named columns as text, the missing ones as a value of their own."""
    as_text = {
        name: table[name].astype(object).where(table[name].notna(), "").map(str) for name in columns
    }
    return table.assign(**as_text)
