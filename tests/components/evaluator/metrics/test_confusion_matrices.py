"""Confusion matrices from histograms against TFMA's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow_model_analysis.metrics import (
    binary_confusion_matrices,
    calibration_histogram,
    metric_types,
)

from components.evaluator.metrics.accumulators import ADDERS
from components.evaluator.metrics.confusion_matrices import matrices_from_histogram
from components.evaluator.metrics.scores import make_scores

_SCORE = st.one_of(st.floats(0, 1, width=32), st.sampled_from([0.0, 0.5, 1.0, -0.25, 1.5, 1e-7]))


@given(
    st.lists(st.tuples(_SCORE, st.integers(0, 1)), max_size=30), st.sampled_from([2, 10, 10_000])
)
@settings(max_examples=40, deadline=None)
def test_matrices_equal_those_of_tfma(
    examples: list[tuple[float, int]], num_thresholds: int
) -> None:
    histogram, derived = binary_confusion_matrices.binary_confusion_matrices(
        num_thresholds=num_thresholds
    )
    adder = ADDERS[type(histogram.combiner)](histogram.combiner)
    predictions = np.array([score for score, _ in examples], dtype=np.float32)
    labels = np.array([label for _, label in examples], dtype=np.int64)
    adder.prepare(make_scores(labels, predictions, None))
    accumulator = adder.accumulate(np.arange(len(examples)))
    metrics = histogram.combiner.extract_output(accumulator)

    fast = matrices_from_histogram(derived)

    assert fast is not None
    [ours] = fast(metrics).values()
    [stock] = derived.result(metrics).values()
    assert ours.thresholds == stock.thresholds
    for name in ("tp", "tn", "fp", "fn"):
        assert getattr(ours, name) == pytest.approx(getattr(stock, name))


def test_other_derived_metrics_are_left_to_tfma() -> None:
    key = metric_types.MetricKey("auc")
    computation = metric_types.DerivedMetricComputation(keys=[key], result=lambda metrics: {})

    assert matrices_from_histogram(computation) is None


def test_a_histogram_of_another_kind_is_left_to_tfma() -> None:
    _, derived = binary_confusion_matrices.binary_confusion_matrices(num_thresholds=10)
    fast = matrices_from_histogram(derived)
    assert fast is not None

    with pytest.raises(KeyError):  # what TFMA's own function raises without its histogram
        fast({metric_types.MetricKey("other"): [calibration_histogram.Bucket(1, 1, 1, 1)]})
