"""Confusion matrices from a histogram of predictions, with array operations.

TFMA's AUC reads ten thousand confusion matrices off a calibration histogram, in
loops over Python objects, for every slice and model. This gives the same matrices.
It is used for histograms and thresholds as `AUC` asks for them; other derived
metrics run TFMA's own code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from tensorflow_model_analysis.metrics import (
    binary_confusion_matrices,
    calibration_histogram,
    metric_types,
)

_NAME = re.compile(
    rf"_{binary_confusion_matrices.BINARY_CONFUSION_MATRICES_NAME.strip('_')}"
    r":num_thresholds=(\d+)"
)
_BUCKETS = calibration_histogram.DEFAULT_NUM_BUCKETS

Result = Callable[[Mapping[metric_types.MetricKey, Any]], dict[metric_types.MetricKey, Any]]


def matrices_from_histogram(
    computation: metric_types.DerivedMetricComputation,
) -> Result | None:
    """An array version of a derived computation's result.

    Args:
      computation: A derived computation of TFMA.

    Returns:
      A function from the metrics so far to the new ones; None where the computation
      is not one of evenly spaced confusion matrices.
    """
    if len(computation.keys) != 1:
        return None
    key = computation.keys[0]
    named = _NAME.fullmatch(key.name)
    if named is None:
        return None
    thresholds = binary_confusion_matrices._interpolated_thresholds(int(named.group(1)))

    def result(
        metrics: Mapping[metric_types.MetricKey, Any],
    ) -> dict[metric_types.MetricKey, Any]:
        histogram = _default_histogram(key, metrics)
        if histogram is None:
            own: dict[metric_types.MetricKey, Any] = computation.result(metrics)
            return own
        return {key: _matrices(thresholds, histogram)}

    return result


def _default_histogram(
    key: metric_types.MetricKey, metrics: Mapping[metric_types.MetricKey, Any]
) -> list[calibration_histogram.Bucket] | None:
    [computation] = calibration_histogram.calibration_histogram(
        model_name=key.model_name,
        output_name=key.output_name,
        sub_key=key.sub_key,
        example_weighted=key.example_weighted,
    )
    return metrics.get(computation.keys[0])


def _matrices(
    thresholds: list[float], histogram: list[calibration_histogram.Bucket]
) -> binary_confusion_matrices.Matrices:
    """Counts the weights on either side of each threshold.

    TFMA first sorts the histogram's buckets into new ones at the thresholds, each
    raised by a little, since a histogram's interval includes its start and a
    confusion matrix wants predictions strictly above the threshold.
    """
    ids = np.array([bucket.bucket_id for bucket in histogram])
    labels = np.array([bucket.weighted_labels for bucket in histogram])
    weights = np.array([bucket.weighted_examples for bucket in histogram])
    starts = np.where(ids == 0, -np.inf, np.where(ids > _BUCKETS, np.inf, (ids - 1) / _BUCKETS))
    epsilon = binary_confusion_matrices._EPSILON
    fences = np.array([t + epsilon if t != 0 else t for t in thresholds])
    # A bucket below the first fence belongs to it all the same.
    places = np.maximum(np.searchsorted(fences, starts, side="right") - 1, 0)
    positives = np.bincount(places, weights=labels, minlength=len(fences))
    negatives = np.bincount(places, weights=weights - labels, minlength=len(fences))
    true_positives = np.cumsum(positives[::-1])[::-1]
    false_positives = np.cumsum(negatives[::-1])[::-1]
    false_negatives = np.concatenate([[0.0], np.cumsum(positives)[:-1]])
    true_negatives = np.concatenate([[0.0], np.cumsum(negatives)[:-1]])
    beyond = np.array(thresholds) >= 1.0 + epsilon
    false_negatives[beyond], true_negatives[beyond] = true_positives[0], false_positives[0]
    true_positives[beyond] = false_positives[beyond] = 0.0
    return binary_confusion_matrices.Matrices(
        thresholds,
        true_positives.tolist(),
        true_negatives.tolist(),
        false_positives.tolist(),
        false_negatives.tolist(),
    )
