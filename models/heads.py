"""Heads: what the last layer gives, its loss, its metrics, for each task."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.errors import DataError, UserError, nearest
from preprocessing.label import Task

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Head:
    """A task's last layer.

    Attributes:
      task: The task.
      classes: The classes' names in the order of the label's values; none for a
        regression.
      bias: What the last layer's bias starts from, so that training does not begin by
        finding the mean: log odds or log shares; for a regression 0.
      offset: The mean of a regression's label, else 0.
      scale: The standard deviation of a regression's label, else 1.
    """

    task: Task
    classes: tuple[str, ...]
    bias: tuple[float, ...]
    offset: float = 0.0
    scale: float = 1.0

    @property
    def units(self) -> int:
        """The number of logits."""
        return len(self.classes) if self.task == "multiclass" else 1

    def loss(self, labels: tf.Tensor, logits: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """The weighted mean loss of a batch, a scalar.

        Args:
          labels: int64 [batch] class indices, or float32 [batch] (regression).
          logits: float32 [batch, units].
          weights: float32 [batch].
        """
        import tensorflow as tf

        losses: tf.Tensor
        if self.task == "binary":
            losses = tf.nn.sigmoid_cross_entropy_with_logits(
                tf.cast(labels, tf.float32), logits[:, 0]
            )
        elif self.task == "multiclass":
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        else:
            losses = tf.square((labels - self.offset) / self.scale - logits[:, 0])
        return tf.math.divide_no_nan(tf.reduce_sum(losses * weights), tf.reduce_sum(weights))

    def predictions(self, logits: tf.Tensor) -> tf.Tensor:
        """Probabilities float32 [batch, classes], or a regression's numbers [batch]."""
        import tensorflow as tf

        if self.task == "binary":
            yes = tf.sigmoid(logits[:, 0])
            return tf.stack([1.0 - yes, yes], axis=1)
        if self.task == "multiclass":
            return tf.nn.softmax(logits)
        return logits[:, 0] * self.scale + self.offset

    def metrics(
        self,
        labels: np.ndarray,
        predictions: np.ndarray,
        class_weights: np.ndarray | None = None,
    ) -> dict[str, float]:
        """Metrics of a whole split, for early stopping and the training report.

        Args:
          labels: As in `loss`, [rows].
          predictions: As `predictions` gives.
          class_weights: A weight for each class, [classes], which the loss is to count:
            a training that weighs classes would seem to get worse by a loss that does not.

        Returns:
          "loss" and the task's own. AUC is left out where only one class is there.
        """
        import numpy as np
        from sklearn import metrics

        if self.task == "regression":
            errors = predictions.astype(np.float64) - labels
            square = float(np.mean(errors**2))
            return {
                "loss": square / self.scale**2,
                "root_mean_squared_error": square**0.5,
                "mean_absolute_error": float(np.mean(np.abs(errors))),
            }
        chosen = np.clip(predictions[np.arange(len(labels)), labels], 1e-7, 1.0)
        weights = None if class_weights is None else class_weights[labels]
        found = {
            "loss": float(-np.average(np.log(chosen), weights=weights)),
            "accuracy": float(np.mean(np.argmax(predictions, axis=1) == labels)),
        }
        if self.task == "binary" and 0 < labels.sum() < len(labels):
            found["auc"] = float(metrics.roc_auc_score(labels, predictions[:, 1]))
        return found


def make_head(task: Task, classes: Sequence[str], labels: np.ndarray) -> Head:
    """Makes a head that starts from the label's distribution.

    Args:
      task: The task.
      classes: The classes' names; empty for a regression.
      labels: The train split's labels or a good part of them, [rows], none missing.

    Raises:
      DataError: If there is nothing to learn: no labels, or only one value.
    """
    import numpy as np

    if not len(labels):
        raise DataError(
            "no row of the train split has a label",
            hint="look at the label expression and at its columns' missing values",
            code="no-labels",
        )
    if np.all(labels == labels[0]):
        raise DataError(
            f"all {len(labels):,} labels of the train split are the same",
            evidence=[f"label: {classes[int(labels[0])] if len(classes) else labels[0]}"],
            hint="a model needs examples of at least two values; look at the label expression",
            code="one-label",
        )
    if task == "regression":
        values = labels.astype(np.float64)
        return Head(task, (), (0.0,), float(values.mean()), float(values.std()))
    counts = np.bincount(labels, minlength=len(classes)) + 0.5
    shares = counts / counts.sum()
    if task == "binary":
        return Head(task, tuple(classes), (float(np.log(shares[1] / shares[0])),))
    return Head(task, tuple(classes), tuple(float(share) for share in np.log(shares)))


def weights_of_classes(
    wanted: str | Mapping[str, float], head: Head, labels: np.ndarray
) -> np.ndarray:
    """A weight for each class, float32 [classes]; [1] holding 1 for a regression.

    Args:
      wanted: "none", "balanced", or class names and weights (others weigh 1).
      head: The head.
      labels: The train split's labels, [rows].

    Raises:
      UserError: If a class does not exist, or the task has none.
    """
    import numpy as np

    if wanted == "none":
        return np.ones(max(1, len(head.classes)), np.float32)
    if not head.classes:
        raise UserError("a regression has no class weights", code="class-weights")
    if isinstance(wanted, Mapping):
        for name in wanted:
            if name not in head.classes:
                close = nearest(name, head.classes)
                raise UserError(
                    f"class_weights names {name!r}, which is no class",
                    evidence=["classes: " + ", ".join(head.classes)],
                    hint=f"did you mean {close!r}?" if close else "",
                    code="class-weights",
                )
        return np.array([wanted.get(name, 1.0) for name in head.classes], np.float32)
    counts = np.bincount(labels, minlength=len(head.classes))
    present = np.count_nonzero(counts)
    return np.where(counts > 0, len(labels) / (present * np.maximum(counts, 1)), 1.0).astype(
        np.float32
    )
