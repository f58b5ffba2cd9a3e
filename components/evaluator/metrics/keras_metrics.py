"""Keras's metrics, as TFMA wraps them, computed once per batch for all slices.

TFMA feeds a Keras metric with batches of a thousand examples, slice by slice. Those
that are (weighted) means of a value per example keep two numbers, the sum and the
weight; with the values of all examples at hand these are sums over a slice's rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorflow_model_analysis.metrics import tf_metric_wrapper
from tensorflow_model_analysis.utils.keras_lib import tf_keras

from components.evaluator.metrics.accumulators import BatchAdder, Rows
from components.evaluator.metrics.scores import Array, Scores, select_class
from components.in_memory import NotInMemoryError


class _KerasMetrics(BatchAdder):
    def __init__(self, combiner: Any) -> None:
        super().__init__(combiner)
        combiner.setup()
        if combiner._output_names != [""]:
            raise NotInMemoryError("metrics are computed for one of several outputs")
        self._metrics: list[Any] = combiner._metrics[""]
        for metric in self._metrics:
            if not isinstance(
                metric, tf_keras.metrics.MeanMetricWrapper | tf_keras.metrics.RootMeanSquaredError
            ):
                raise NotInMemoryError(f"{type(metric).__name__} of Keras has no array version")
        sub_key = combiner._sub_key
        self._class_id = None if sub_key is None else sub_key.class_id

    def prepare(self, scores: Scores) -> None:
        scores = select_class(scores, self._class_id)
        weights = scores.weights_or_ones(weighted=self._combiner._example_weighted)
        self._weights = weights
        self._weighted = [
            _values(metric, scores).astype(np.float64) * weights for metric in self._metrics
        ]

    def accumulate(self, rows: Rows) -> Any:
        accumulator = self._combiner.create_accumulator()
        weight = float(self._weights[rows].sum())
        for place, weighted in enumerate(self._weighted):
            total = float(weighted[rows].sum())
            accumulator.add_weights(0, place, np.array([total, weight]))
        return accumulator


def _values(metric: Any, scores: Scores) -> Array:
    """The value of each example whose mean the metric is, shape [examples]."""
    import tensorflow as tf

    labels = tf.cast(scores.labels, metric.dtype)
    predictions = tf.cast(scores.predictions, metric.dtype)
    if isinstance(metric, tf_keras.metrics.RootMeanSquaredError):
        values = tf.math.squared_difference(predictions, labels)
    else:
        values = metric._fn(labels, predictions, **metric._fn_kwargs)
    array: Array = values.numpy()
    if array.size != len(scores.labels):
        raise NotInMemoryError(f"{metric.name} has several values for an example")
    return array.reshape(-1)


ADDERS: dict[type, type[BatchAdder]] = {
    tf_metric_wrapper._CompilableMetricsCombiner: _KerasMetrics,
}
