"""TFMA's metric combiners, adding a whole batch at a time instead of an example.

A metric of TFMA is a Beam combiner: it makes an accumulator, adds examples one by
one, merges accumulators, and reads the output from one. Only adding is slow. For each
combiner that is known here, the accumulator of many examples is computed with arrays;
merging and reading the output stay the combiner's own.

The private names below are those of tensorflow-model-analysis 0.47.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from tensorflow_model_analysis.contrib.aggregates import binary_confusion_matrices as matrices
from tensorflow_model_analysis.metrics import (
    binary_confusion_matrices,
    calibration,
    calibration_histogram,
    cross_entropy_metrics,
    example_count,
    mean_regression_error,
    metric_types,
    multi_class_confusion_matrix_metrics,
    squared_pearson_correlation,
)

from components.evaluator.metrics.scores import (
    Array,
    Scores,
    flatten,
    require_probabilities_as_labels,
    select_class,
)
from components.in_memory import NotInMemoryError

Rows: TypeAlias = npt.NDArray[np.int64]


class BatchAdder(abc.ABC):
    """Makes a combiner's accumulators from batches.

    `prepare` computes what each example contributes, once per batch; `accumulate`
    sums it over the rows of a slice.
    """

    def __init__(self, combiner: Any) -> None:
        self._combiner = combiner

    @abc.abstractmethod
    def prepare(self, scores: Scores) -> None:
        """Takes the next batch."""

    @abc.abstractmethod
    def accumulate(self, rows: Rows) -> Any:
        """The combiner's accumulator of these rows of the batch."""


def merged(combiner: Any, accumulators: Iterable[Any]) -> Any:
    """Merges a combiner's accumulators.

    Some of TFMA's combiners take the first of ``iter(accumulators)`` and then go over
    all of them: given a list, they count the first one twice. An iterator prevents it.
    """
    return combiner.merge_accumulators(iter(accumulators))


class _Sums(BatchAdder):
    """Sums of columns: `_columns` gives float64 columns of shape [examples, any]."""

    @abc.abstractmethod
    def _columns(self, scores: Scores) -> dict[str, Array]:
        """The columns by the accumulator's attribute that sums them."""

    def prepare(self, scores: Scores) -> None:
        self._prepared = self._columns(scores)

    def accumulate(self, rows: Rows) -> Any:
        accumulator = self._combiner.create_accumulator()
        for name, column in self._prepared.items():
            setattr(accumulator, name, float(column[rows].sum()))
        return accumulator


def _flat(combiner: Any, key: metric_types.MetricKey, scores: Scores) -> tuple[Array, ...]:
    """Labels, predictions and weights, all of shape [examples, classes]."""
    scores = flatten(select_class(scores, _class_id(key)))
    weights = scores.weights_or_ones(weighted=combiner._example_weighted)[:, np.newaxis]
    return scores.labels, scores.predictions, np.broadcast_to(weights, scores.labels.shape)


def _class_id(key: metric_types.MetricKey) -> int | None:
    return None if key.sub_key is None else key.sub_key.class_id


class _ExampleCount(BatchAdder):
    def prepare(self, scores: Scores) -> None:
        self._weights = scores.weights_or_ones(weighted=self._combiner._example_weighted)

    def accumulate(self, rows: Rows) -> float:
        return float(self._weights[rows].sum())


class _LabelsPredictionsExamples(_Sums):
    def _columns(self, scores: Scores) -> dict[str, Array]:
        labels, predictions, weights = _flat(self._combiner, self._combiner._key, scores)
        return {
            "total_weighted_labels": labels.astype(np.float64) * weights,
            "total_weighted_predictions": predictions.astype(np.float64) * weights,
            "total_weighted_examples": weights,
        }


class _SquaredPearsonCorrelation(_Sums):
    def _columns(self, scores: Scores) -> dict[str, Array]:
        labels, predictions, weights = _flat(self._combiner, self._combiner._key, scores)
        labels, predictions = labels.astype(np.float64), predictions.astype(np.float64)
        return {
            "total_weighted_labels": weights * labels,
            "total_weighted_predictions": weights * predictions,
            "total_weighted_squared_labels": weights * labels**2,
            "total_weighted_squared_predictions": weights * predictions**2,
            "total_weighted_labels_times_predictions": weights * labels * predictions,
            "total_weighted_examples": weights,
        }


def _absolute_percentage_error(labels: Array, predictions: Array) -> Array:
    return np.where(labels == 0, np.nan, 100 * np.abs((labels - predictions) / labels))


def _squared_logarithmic_error(labels: Array, predictions: Array) -> Array:
    return np.abs(np.log(labels + 1) - np.log(predictions + 1)).astype(np.float64) ** 2


_REGRESSION_ERRORS: dict[type, Callable[[Array, Array], Array]] = {
    mean_regression_error._MeanAbsoluteErrorCombiner: lambda labels, predictions: np.abs(
        labels - predictions
    ),
    mean_regression_error._MeanSquaredErrorCombiner: lambda labels, predictions: (
        np.abs(labels - predictions).astype(np.float64) ** 2
    ),
    mean_regression_error._MeanAbsolutePercentageErrorCombiner: _absolute_percentage_error,
    mean_regression_error._MeanSquaredLogarithmicErrorCombiner: _squared_logarithmic_error,
}


class _RegressionError(_Sums):
    def _columns(self, scores: Scores) -> dict[str, Array]:
        labels, predictions, weights = _flat(self._combiner, self._combiner._metric_key, scores)
        with np.errstate(all="ignore"):
            errors = _REGRESSION_ERRORS[type(self._combiner)](labels, predictions)
        # TFMA leaves examples whose error is not a number out of the mean.
        counted = ~np.isnan(errors)
        return {
            "total_regression_error": np.where(counted, errors, 0.0) * weights,
            "total_example_weights": np.where(counted, weights, 0.0),
        }


class _CrossEntropy(_Sums):
    def _columns(self, scores: Scores) -> dict[str, Array]:
        scores = select_class(scores, _class_id(self._combiner._metric_key))
        weights = scores.weights_or_ones(weighted=self._combiner._example_weighted)
        with np.errstate(all="ignore"):
            entropies = self._entropies(scores.labels, scores.predictions)
        return {
            "total_cross_entropy": entropies.astype(np.float64) * weights,
            "total_example_weights": weights,
        }

    def _entropies(self, labels: Array, predictions: Array) -> Array:
        smoothing = self._combiner._label_smoothing
        labels = labels * (1.0 - smoothing) + 0.5 * smoothing
        if self._combiner._from_logits:
            elements = (
                np.maximum(predictions, 0)
                - predictions * labels
                + np.log(1 + np.exp(-np.abs(predictions)))
            )
        else:
            elements = -labels * np.log(predictions) - (1 - labels) * np.log(1 - predictions)
        return np.asarray(elements.mean(axis=1))


class _CategoricalCrossEntropy(_CrossEntropy):
    def _entropies(self, labels: Array, predictions: Array) -> Array:
        smoothing = self._combiner._label_smoothing
        labels = labels * (1.0 - smoothing) + smoothing / predictions.shape[1]
        if self._combiner._from_logits:
            predictions = np.exp(predictions)
        predictions = predictions / predictions.sum(axis=1, keepdims=True)
        # A masked logarithm leaves classes of probability zero out, as TFMA's does.
        return np.asarray((-(labels * np.ma.log(predictions)).sum(axis=1)).filled(0.0))


class _CalibrationHistogram(BatchAdder):
    def prepare(self, scores: Scores) -> None:
        combiner = self._combiner
        labels, predictions, weights = _flat(combiner, combiner._key, scores)
        if combiner._fractional_labels:
            # Splitting an example of label l into one of label 1 and weight l and one
            # of label 0 and weight 1 - l leaves the three sums below as they are.
            require_probabilities_as_labels(labels)
        position = predictions.astype(np.float64)
        last = combiner._num_buckets + 1
        buckets = (position - combiner._left) / combiner._range * combiner._num_buckets + 1
        self._buckets = np.clip(buckets, 0, last).astype(np.int64)
        self._sums = (labels * weights, position * weights, weights)
        self._size = last + 1

    def accumulate(self, rows: Rows) -> Any:
        buckets = self._buckets[rows].ravel()
        occupied, places = np.unique(buckets, return_inverse=True)
        sums = [
            np.bincount(places, weights=column[rows].ravel(), minlength=len(occupied)).tolist()
            for column in self._sums
        ]
        return {
            bucket: calibration_histogram.Bucket(bucket, *values)
            for bucket, *values in zip(occupied.tolist(), *sums, strict=True)
        }


class _BinaryConfusionMatrix(BatchAdder):
    def prepare(self, scores: Scores) -> None:
        combiner = self._combiner
        labels, predictions, weights = _flat(combiner, combiner._key, scores)
        counter = combiner._binary_confusion_matrices
        self._predictions = predictions.astype(np.float64)
        self._weights = weights
        self._shares: Array | None = None
        self._labels = labels.astype(np.float64)
        if counter._enable_fractional_labels:
            require_probabilities_as_labels(labels)
            self._shares = self._labels

    def accumulate(self, rows: Rows) -> Any:
        predictions, weights = self._predictions[rows], self._weights[rows]
        accumulator = self._combiner.create_accumulator()
        for threshold in self._combiner._binary_confusion_matrices._thresholds:
            positive = (
                self._labels[rows] > threshold if self._shares is None else self._shares[rows]
            )
            predicted = predictions > threshold
            positives, negatives = positive * weights, (1 - positive) * weights
            accumulator[threshold] = matrices._ThresholdEntry(
                matrices.Matrix(
                    tp=float(positives[predicted].sum()),
                    tn=float(negatives[~predicted].sum()),
                    fp=float(negatives[predicted].sum()),
                    fn=float(positives[~predicted].sum()),
                ),
                tp_examples=[],
                tn_examples=[],
                fp_examples=[],
                fn_examples=[],
            )
        return accumulator


class _MultiClassConfusionMatrix(BatchAdder):
    def prepare(self, scores: Scores) -> None:
        scores = select_class(scores, None)
        if scores.predictions.shape[1] < 2:
            raise NotInMemoryError("a confusion matrix of classes needs two of them")
        labels = scores.labels
        one_hot = labels.shape[1] > 1
        self._actual = labels.argmax(axis=1) if one_hot else labels[:, 0].astype(np.int64)
        self._predicted = scores.predictions.argmax(axis=1)
        self._best = scores.predictions.max(axis=1)
        self._weights = scores.weights_or_ones(weighted=self._combiner._example_weighted)

    def accumulate(self, rows: Rows) -> Any:
        accumulator = self._combiner.create_accumulator()
        actual, predicted = self._actual[rows], self._predicted[rows].copy()
        for threshold in self._combiner._thresholds:
            # As in TFMA, what one threshold leaves without a class stays so for the next.
            predicted[self._best[rows] <= threshold] = _NO_CLASS
            pairs, places = np.unique(np.stack([actual, predicted]), axis=1, return_inverse=True)
            sums = np.bincount(places.ravel(), weights=self._weights[rows])
            accumulator[threshold] = {
                multi_class_confusion_matrix_metrics.MatrixEntryKey(*pair): total
                for pair, total in zip(pairs.T.tolist(), sums.tolist(), strict=True)
            }
        return accumulator


_NO_CLASS = multi_class_confusion_matrix_metrics.NO_PREDICTED_CLASS_ID

ADDERS: dict[type, type[BatchAdder]] = {
    example_count._ExampleCountCombiner: _ExampleCount,
    calibration._WeightedLabelsPredictionsExamplesCombiner: _LabelsPredictionsExamples,
    squared_pearson_correlation._SquaredPearsonCorrelationCombiner: _SquaredPearsonCorrelation,
    cross_entropy_metrics._BinaryCrossEntropyCombiner: _CrossEntropy,
    cross_entropy_metrics._CategoricalCrossEntropyCombiner: _CategoricalCrossEntropy,
    calibration_histogram._CalibrationHistogramCombiner: _CalibrationHistogram,
    binary_confusion_matrices._BinaryConfusionMatrixCombiner: _BinaryConfusionMatrix,
    multi_class_confusion_matrix_metrics._MultiClassConfusionMatrixCombiner: (
        _MultiClassConfusionMatrix
    ),
    **dict.fromkeys(_REGRESSION_ERRORS, _RegressionError),
}
