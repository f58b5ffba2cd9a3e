"""Labels, predictions and weights of a batch, in the shapes that TFMA's metrics use."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from components.in_memory import NotInMemoryError
from core.errors import DataError, ModelError

Array: TypeAlias = npt.NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Scores:
    """What one model said about some examples, and what was true.

    Attributes:
      labels: Labels as the data types them, shape [examples, 1] (a value or a class
        index) or [examples, classes].
      predictions: Predictions, shape [examples, 1] or [examples, classes].
      weights: Example weights, shape [examples], or None where there are none.
    """

    labels: Array
    predictions: Array
    weights: Array | None

    def weights_or_ones(self, *, weighted: bool) -> Array:
        """The weights as float64 of shape [examples]; ones where they do not count."""
        if not weighted or self.weights is None:
            return np.ones(len(self.labels))
        return self.weights.astype(np.float64)


def make_scores(labels: Array, predictions: Array, weights: Array | None) -> Scores:
    """Checks and shapes the columns of one batch.

    Raises:
      ModelError: If a prediction is not a number.
      NotInMemoryError: If TFMA has rules for these shapes or types that are not
        followed here.
    """
    labels, predictions = _two_dimensional(labels), _two_dimensional(predictions)
    if weights is not None:
        weights = _two_dimensional(weights)
        if weights.shape[1] != 1:
            raise NotInMemoryError("an example has several weights")
        weights = weights[:, 0]
    for name, column in (("labels", labels), ("predictions", predictions)):
        if column.dtype.kind not in "iufb":
            raise NotInMemoryError(f"the {name} are not numbers")
    if labels.shape[1] not in (1, predictions.shape[1]):
        raise NotInMemoryError("labels and predictions differ in their last dimension")
    unusable = np.isnan(predictions).any(axis=1)
    if unusable.any():
        raise ModelError(
            "the model predicts NaN",
            evidence=[f"{int(unusable.sum()):,} of {len(unusable):,} examples in a batch"],
            hint="look for missing or extreme values that the transformation lets through",
            code="prediction-not-a-number",
        )
    return Scores(labels, predictions, weights)


def _two_dimensional(column: Array) -> Array:
    if column.ndim == 1:
        return column[:, np.newaxis]
    if column.ndim == 2:
        return column
    if int(np.prod(column.shape[1:-1])) == 1:
        return column.reshape(len(column), -1)
    raise NotInMemoryError("labels, predictions or weights have more than two dimensions")


def select_class(scores: Scores, class_id: int | None) -> Scores:
    """One class against the rest, as TFMA's ``SubKey(class_id=...)`` has it.

    Raises:
      DataError: If there is no such class.
    """
    if class_id is None:
        return scores
    if not 0 <= class_id < scores.predictions.shape[1]:
        raise DataError(
            f"there is no class {class_id}",
            evidence=[f"the model predicts {scores.predictions.shape[1]} classes"],
            code="no-such-class",
        )
    if scores.labels.shape[1] == 1:
        labels = (scores.labels.astype(np.int64) == class_id).astype(np.int64)
    else:
        labels = scores.labels[:, [class_id]]
    return Scores(labels, scores.predictions[:, [class_id]], scores.weights)


def flatten(scores: Scores) -> Scores:
    """Every class as an example of its own: labels of shape [examples, classes].

    A class index becomes a one-hot row; -1, TFMA's mark of an unknown class, a row of
    zeros.
    """
    classes = scores.predictions.shape[1]
    if scores.labels.shape[1] == classes:
        return scores
    padded = np.eye(classes + 1)[scores.labels[:, 0].astype(np.int64)]
    return Scores(padded[:, :classes], scores.predictions, scores.weights)


def require_probabilities_as_labels(labels: Array) -> None:
    """Checks that labels lie in [0, 1], which metrics of binary classes need.

    Raises:
      DataError: If one does not.
    """
    outside = ~((labels >= 0) & (labels <= 1))
    if outside.any():
        values = sorted({float(value) for value in labels[outside][:1000]})[:5]
        raise DataError(
            "labels of a binary task must lie between 0 and 1",
            evidence=[
                f"{int(outside.sum()):,} of {labels.size:,} labels in a batch do not",
                f"such as {', '.join(map(str, values))}",
            ],
            hint="check the label's expression and the task in the configuration",
            code="label-out-of-range",
        )
