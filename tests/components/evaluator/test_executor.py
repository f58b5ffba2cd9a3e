"""The executor against TFX's own on the same examples and models."""

from __future__ import annotations

import math
from typing import Any
from unittest import mock

import pytest

from components.evaluator.settings import EvaluationSettings


def _config(task: str, prediction_key: str, **settings: Any) -> Any:
    from components.evaluator.eval_config import eval_config

    return eval_config(
        EvaluationSettings.model_validate(settings),
        task=task,
        label_key="label",
        prediction_key=prediction_key,
    )


def _assert_same(ours: Any, stock: Any, path: str = "") -> None:
    """Compares nested results; numbers within 1e-6."""
    if isinstance(stock, dict):
        assert set(ours) == set(stock), path
        for key in stock:
            _assert_same(ours[key], stock[key], f"{path}/{key}")
    elif isinstance(stock, list):
        assert len(ours) == len(stock), path
        for place, (one, other) in enumerate(zip(ours, stock, strict=True)):
            _assert_same(one, other, f"{path}/{place}")
    elif isinstance(stock, float | int) and not isinstance(stock, bool):
        if math.isnan(stock):
            assert math.isnan(ours), path
        else:
            assert ours == pytest.approx(stock, rel=1e-6, abs=1e-6), path
    else:
        assert ours == stock, path


def _assert_same_verdict(ours: Any, stock: Any) -> None:
    one, other = ours.validation(), stock.validation()
    assert one.validation_ok == other.validation_ok

    def failures(validation: Any) -> set[tuple[str, str, str]]:
        return {
            (str(failed.slice_key), failure.metric_key.name, str(failure.metric_threshold))
            for failed in validation.metric_validations_per_slice
            for failure in failed.failures
        }

    assert failures(one) == failures(other)
    assert sorted(map(str, one.validation_details.slicing_details)) == sorted(
        map(str, other.validation_details.slicing_details)
    )
    properties = [
        {
            key: (value.string_value, value.int_value)
            for key, value in outcome.blessing.mlmd_artifact.custom_properties.items()
        }
        for outcome in (ours, stock)
    ]
    assert properties[0] == properties[1]


def _run_both(run: Any, examples: Any, model: Any, config: Any, **options: Any) -> tuple[Any, Any]:
    from tfx.components.evaluator.executor import Executor as StockExecutor

    from components.evaluator.executor import Executor

    with mock.patch.object(StockExecutor, "Do", side_effect=AssertionError("went through Beam")):
        ours = run(Executor, examples, model, config, **options)
    stock = run(StockExecutor, examples, model, config, **options)
    return ours, stock


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_binary_metrics_plots_and_verdict_equal_those_of_tfx(
    run: Any, examples: Any, models: Any
) -> None:
    config = _config(
        "binary",
        "score",
        metrics={
            "auc": {"at_least": 0.4, "change_at_least": -1.0, "relative_change_at_least": -0.9},
            "auc_precision_recall": None,
            "accuracy": {"by_slice": [{"slice": "payment", "at_least": 0.6}]},
            "balanced_accuracy": None,
            "precision": None,
            "recall": None,
            "f1_score": None,
            "specificity": None,
            "false_positive_rate": None,
            "false_negative_rate": None,
            "matthews_correlation": None,
            "predicted_positive_rate": None,
            "log_loss": {"at_most": 5.0},
            "brier_score": {"change_at_most": 0.5},
            "calibration": None,
            "mean_label": None,
            "mean_prediction": None,
            "example_count": None,
        },
        slices=[
            "hour",
            ["payment", "hour"],
            {"payment": "Cash"},
            "tags",
            {"hour": 1, "tags": None},
        ],
    )

    ours, stock = _run_both(
        run, examples, models("binary", 1), config, baseline=models("binary", 2)
    )

    _assert_same(ours.metrics(), stock.metrics())
    _assert_same(ours.plots(), stock.plots())
    _assert_same_verdict(ours, stock)
    assert len(ours.metrics()) > 20


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_refused_model_and_missing_slice_equal_those_of_tfx(
    run: Any, examples: Any, models: Any
) -> None:
    config = _config(
        "binary",
        "score",
        metrics={
            "auc": {"at_least": 0.99, "change_at_least": 0.5},
            "example_count": {"by_slice": [{"slice": {"payment": "Nobody"}, "at_least": 1}]},
        },
        slices=["payment"],
        plots=False,
    )

    ours, stock = _run_both(run, examples, models("binary", 1), config)

    assert not ours.validation().validation_ok
    assert len(ours.validation().missing_slices) == 1
    _assert_same(ours.metrics(), stock.metrics())
    _assert_same_verdict(ours, stock)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_weighted_regression_metrics_equal_those_of_tfx(
    run: Any, examples: Any, models: Any
) -> None:
    names = (
        "root_mean_squared_error mean_squared_error mean_absolute_error"
        " mean_absolute_percentage_error mean_squared_logarithmic_error squared_correlation"
        " calibration mean_label mean_prediction example_count weighted_example_count"
    )
    config = _config(
        "regression",
        "",
        metrics=dict.fromkeys(names.split()),
        slices=["payment"],
        example_weight="weight",
    )

    ours, stock = _run_both(run, examples, models("regression"), config)

    _assert_same(ours.metrics(), stock.metrics())
    assert set(ours.metrics()[()][""][""]) == set(names.split())


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_multiclass_metrics_on_a_raw_label_equal_those_of_tfx(
    run: Any, examples: Any, models: Any
) -> None:
    import tensorflow_model_analysis as tfma

    config = _config("multiclass", "", metrics={"accuracy": {"at_least": 0.1}, "log_loss": None})
    config.model_specs[0].label_key = "kind"
    del config.model_specs[0].preprocessing_function_names[:]
    per_class = config.metrics_specs.add()
    per_class.CopyFrom(
        tfma.MetricsSpec(
            metrics=[tfma.MetricConfig(class_name="AUC")],
            binarize=tfma.BinarizationOptions(class_ids={"values": [0, 2]}),
        )
    )
    config.slicing_specs.add(feature_keys=["payment"])

    ours, stock = _run_both(run, examples, models("multiclass"), config)

    _assert_same(ours.metrics(), stock.metrics())
    _assert_same_verdict(ours, stock)
