"""Every combiner on arrays against itself, adding example by example."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.metrics import metric_specs, metric_types

from components.evaluator.metrics.accumulators import merged
from components.evaluator.metrics.scores import make_scores
from components.evaluator.metrics.sliced_metrics import batch_adder
from core.errors import DataError, ModelError

_ROWS = 60
_BINARY = [
    ("AUC", {}),
    ("BinaryAccuracy", {"threshold": 0.3}),
    ("Precision", {"thresholds": [0.2, 0.7]}),
    ("BinaryCrossEntropy", {"label_smoothing": 0.1}),
    ("BinaryCrossEntropy", {"from_logits": True}),
    ("BinaryCrossentropy", {}),
    ("Calibration", {}),
    ("MeanSquaredError", {}),
    ("WeightedExampleCount", {}),
]
_MULTICLASS = [
    ("SparseCategoricalAccuracy", {}),
    ("SparseCategoricalCrossentropy", {}),
    ("MultiClassConfusionMatrixPlot", {}),
    ("MultiClassConfusionMatrixPlot", {"thresholds": [0.3, 0.6]}),
    ("ExampleCount", {}),
]
_REGRESSION = [
    ("MeanAbsoluteError", {}),
    ("MeanAbsolutePercentageError", {}),
    ("MeanSquaredLogarithmicError", {}),
    ("SquaredPearsonCorrelation", {}),
    ("RootMeanSquaredError", {}),
    ("MeanPrediction", {}),
]


def _computations(class_name: str, options: dict[str, Any], **spec: Any) -> list[Any]:
    config = tfma.EvalConfig(
        model_specs=[tfma.ModelSpec(example_weight_key="weight")],
        metrics_specs=[
            tfma.MetricsSpec(
                metrics=[tfma.MetricConfig(class_name=class_name, config=json.dumps(options))],
                **spec,
            )
        ],
    )
    config = tfma.utils.update_eval_config_with_defaults(config)
    return [
        computation
        for computation in metric_specs.to_computations(
            list(config.metrics_specs), eval_config=config
        )
        if isinstance(computation, metric_types.MetricComputation)
    ]


def _one_by_one(computation: Any, labels: Any, predictions: Any, weights: Any) -> Any:
    combiner = computation.combiner
    combiner.setup()
    accumulator = combiner.create_accumulator()
    for label, prediction, weight in zip(labels, predictions, weights, strict=True):
        inputs = metric_types.StandardMetricInputs(
            labels=label, predictions=prediction, example_weights=np.array([weight])
        )
        accumulator = combiner.add_input(accumulator, inputs)
    return _plain(combiner.extract_output(accumulator))


def _on_arrays(computation: Any, labels: Any, predictions: Any, weights: Any) -> Any:
    adder = batch_adder(computation)
    adder.prepare(make_scores(labels, predictions, weights))
    half = len(labels) // 2
    parts = [adder.accumulate(np.arange(half)), adder.accumulate(np.arange(half, len(labels)))]
    combiner = computation.combiner
    return _plain(combiner.extract_output(merged(combiner, parts)))


def _plain(value: Any) -> Any:
    """Numbers in nested lists, whatever records they come in."""
    if isinstance(value, dict):
        return [[str(key), _plain(value[key])] for key in sorted(value, key=str)]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__slots__"):
        return [_plain(getattr(value, name)) for name in value.__slots__]
    if hasattr(value, "__dict__"):
        return _plain(vars(value))
    return float(value)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [leaf for item in value for leaf in _flat(item)]
    return [value]


def _assert_equal(computations: list[Any], *columns: Any) -> None:
    assert computations
    for computation in computations:
        ours = _flat(_on_arrays(computation, *columns))
        stock = _flat(_one_by_one(computation, *columns))
        assert [leaf for leaf in ours if isinstance(leaf, str)] == [
            leaf for leaf in stock if isinstance(leaf, str)
        ]
        numbers = [
            np.array([leaf for leaf in leaves if not isinstance(leaf, str)])
            for leaves in (ours, stock)
        ]
        np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-6)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("class_name", "options"), _BINARY)
@pytest.mark.parametrize("shape", [(_ROWS,), (_ROWS, 1)])
def test_binary(
    class_name: str, options: dict[str, Any], shape: tuple[int, ...], random: np.random.Generator
) -> None:
    _assert_equal(
        _computations(class_name, options),
        random.integers(0, 2, shape),
        random.uniform(0.01, 0.99, shape).astype(np.float32),
        random.uniform(0.5, 2, _ROWS).astype(np.float32),
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("class_name", ["AUC", "BinaryAccuracy"])
def test_shares_as_labels(class_name: str, random: np.random.Generator) -> None:
    _assert_equal(
        _computations(class_name, {}),
        random.choice([0.0, 0.25, 1.0], (_ROWS, 1)),
        random.uniform(0, 1, (_ROWS, 1)).astype(np.float32),
        np.ones(_ROWS),
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("class_name", "options"), _MULTICLASS)
def test_multiclass(class_name: str, options: dict[str, Any], random: np.random.Generator) -> None:
    _assert_equal(
        _computations(class_name, options),
        random.integers(0, 3, (_ROWS, 1)),
        random.dirichlet([1, 1, 1], _ROWS).astype(np.float32),
        random.uniform(0.5, 2, _ROWS).astype(np.float32),
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("class_name", ["AUC", "BinaryAccuracy", "MeanLabel"])
@pytest.mark.parametrize("binarized", [True, False])
def test_classes_one_by_one_and_all_together(
    class_name: str, binarized: bool, random: np.random.Generator
) -> None:
    spec = {"binarize": tfma.BinarizationOptions(class_ids={"values": [0, 2]})} if binarized else {}

    _assert_equal(
        _computations(class_name, {}, **spec),
        random.integers(0, 3, (_ROWS, 1)),
        random.dirichlet([1, 1, 1], _ROWS).astype(np.float32),
        np.ones(_ROWS),
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_categorical_cross_entropy_of_one_hot_labels(random: np.random.Generator) -> None:
    predictions = random.dirichlet([1, 1, 1], _ROWS).astype(np.float32)
    predictions[0] = [0.0, 0.5, 0.5]

    _assert_equal(
        _computations("CategoricalCrossEntropy", {"label_smoothing": 0.1}),
        np.eye(3)[random.integers(0, 3, _ROWS)],
        predictions,
        np.ones(_ROWS),
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("class_name", "options"), _REGRESSION)
def test_regression(class_name: str, options: dict[str, Any], random: np.random.Generator) -> None:
    labels = random.gamma(2, 5, _ROWS).astype(np.float32)
    labels[0] = 0.0
    _assert_equal(
        _computations(class_name, options),
        labels,
        random.gamma(2, 5, _ROWS).astype(np.float32),
        random.uniform(0.5, 2, _ROWS).astype(np.float32),
    )


def test_labels_outside_zero_and_one_are_named() -> None:
    [histogram] = _computations("AUC", {})

    with pytest.raises(DataError) as raised:
        batch_adder(histogram).prepare(make_scores(np.array([0, 3]), np.array([0.1, 0.2]), None))

    assert raised.value.evidence == ("1 of 2 labels in a batch do not", "such as 3.0")


def test_predictions_that_are_no_numbers_are_named() -> None:
    with pytest.raises(ModelError, match="NaN"):
        make_scores(np.array([0, 1]), np.array([0.5, np.nan]), None)
