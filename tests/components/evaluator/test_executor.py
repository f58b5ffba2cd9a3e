"""The executor against TFX's own on the same examples and models."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from components.evaluator.metric_names import DEFAULT_METRICS
from components.evaluator.settings import EvaluationSettings
from core.errors import DataError, MillraceError


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


def _run_in_memory(run: Any, examples: Any, model: Any, config: Any, **options: Any) -> Any:
    from tfx.components.evaluator.executor import Executor as StockExecutor

    from components.evaluator.executor import Executor

    with mock.patch.object(StockExecutor, "Do", side_effect=AssertionError("went through Beam")):
        return run(Executor, examples, model, config, **options)


def _run_both(run: Any, examples: Any, model: Any, config: Any, **options: Any) -> tuple[Any, Any]:
    from tfx.components.evaluator.executor import Executor as StockExecutor

    ours = _run_in_memory(run, examples, model, config, **options)
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
            "average_precision": {"change_at_least": -0.5},
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
        " r_squared"
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

    config = _config(
        "multiclass",
        "",
        metrics={
            "accuracy": {"at_least": 0.1},
            "log_loss": None,
            "macro_auc": {"at_least": 0.1},
            "macro_f1_score": {"by_slice": [{"slice": "payment", "at_least": 0.3}]},
            "worst_class_recall": {"at_least": 0.9},
            "precision": {"by_class": {1: {"at_least": 0.01}}},
        },
    )
    for metric in config.metrics_specs[0].metrics:
        metric.config = metric.config.replace('"of_class"', '"class_ids": {"": 1}, "of_class"')
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
    _assert_same(ours.plots(), stock.plots())
    _assert_same_verdict(ours, stock)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_the_beam_way_treats_labels_slices_and_small_slices_alike(
    run: Any, unlabelled: Any, models: Any
) -> None:
    from components.evaluator.executor import Executor

    config = _config(
        "binary",
        "score",
        metrics={
            "auc": {"at_least": 0.1},
            "example_count": {"by_slice": [{"slice": {"hour": 3, "kind": 1}, "at_least": 1e6}]},
        },
        slices=[
            "zone",
            ["hour", "kind"],
            {"fare": {"boundaries": [6, 12.5]}},
            {"late": {"boundaries": [0.5]}, "zone": None},
        ],
        minimum_slice_examples=60,
        plots=False,
    )
    options = {"examples": unlabelled, "model": models("binary"), "eval_config": config}

    ours = _run_in_memory(run, unlabelled, models("binary"), config)
    beam = run(Executor, **options, flags=("--in_memory_bytes=0",))

    _assert_same(ours.metrics(), beam.metrics())
    _assert_same_verdict(ours, beam)
    metrics = ours.metrics()
    # Every tenth label is missing; slices are called by raw values; none is judged that
    # has fewer than sixty examples, where TFMA by itself would refuse the model.
    assert metrics[()][""][""]["example_count"]["doubleValue"] == 360
    assert {key[0][1] for key in metrics if len(key) == 1 and key[0][0] == "zone"} == {0, 1, 2}
    by_fare = {key[0][1] for key in metrics if len(key) == 1 and key[0][0] == "fare{6,12.5}"}
    assert by_fare == {"< 6", "[6, 12.5)", ">= 12.5"}
    assert (("late{0.5}", ">= 0.5"), ("zone", 2)) in metrics
    assert any("__ERROR__" in str(values) for key, values in metrics.items() if len(key) == 2)
    assert ours.validation().validation_ok
    assert ours.blessing.get_int_custom_property("blessed") == 1
    assert ours.gates()["rows"] == {"used": 360, "total": 400, "unknown_to_baseline": 0}
    assert beam.gates()["rows"] is None, "whoever wrote these examples did not count them"

    unlabelled.set_int_custom_property("rows_eval", 400)
    counted = run(Executor, **options, flags=("--in_memory_bytes=0",))
    assert counted.gates()["rows"] == ours.gates()["rows"]


def test_batches_add_up(
    run: Any, examples: Any, models: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from components.evaluator import evaluation, rows

    config = _config(
        "binary",
        "score",
        metrics=dict.fromkeys(
            ["auc", "accuracy", "log_loss", "brier_score", "calibration", "example_count"]
        ),
        slices=["payment", "tags"],
    )
    whole = _run_in_memory(run, examples, models("binary"), config)
    monkeypatch.setattr(rows, "BATCH_ROWS", 37)
    monkeypatch.setattr(evaluation, "METRIC_BATCH_ROWS", 100)

    parts = _run_in_memory(run, examples, models("binary"), config)

    _assert_same(parts.metrics(), whole.metrics())
    _assert_same(parts.plots(), whole.plots())


def test_without_thresholds_no_blessing_is_given(run: Any, examples: Any, models: Any) -> None:
    config = _config("binary", "score", plots=False)

    outcome = _run_in_memory(run, examples, models("binary"), config)

    assert not outcome.blessing.has_custom_property("blessed")
    assert set(outcome.metrics()[()][""][""]) == set(DEFAULT_METRICS["binary"])


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"prediction_key": "scores"}, "prediction-output-missing", "probabilities, score"),
        ({"signature_name": "serve_raw"}, "signature-missing", "serving_default"),
        ({"label_key": "tip"}, "label-missing", "no label 'tip'"),
        ({"label_key": "payment"}, "label-missing", "24 of 400"),
    ],
)
def test_what_the_model_or_the_data_lack_is_named(
    run: Any, examples: Any, models: Any, change: dict[str, str], code: str, said: str
) -> None:
    config = _config("binary", "score", plots=False)
    for name, value in change.items():
        setattr(config.model_specs[0], name, value)

    with pytest.raises(MillraceError) as raised:
        _run_in_memory(run, examples, models("binary"), config)

    assert raised.value.code == code
    assert said in str(raised.value)


def test_a_split_without_files_is_named(
    run: Any, examples: Any, models: Any, tmp_path: Any
) -> None:
    import shutil

    shutil.copytree(examples.uri, tmp_path / "copy")
    empty = type(examples)()
    empty.copy_from(examples)
    empty.uri = str(tmp_path / "copy")
    for path in (tmp_path / "copy" / "Split-eval").iterdir():
        path.unlink()

    with pytest.raises(DataError, match="no examples in the split 'eval'"):
        _run_in_memory(run, empty, models("binary"), _config("binary", "score"))


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.options.compute_confidence_intervals.__setattr__("value", True),
        lambda config: config.metrics_specs[0].metrics.add(
            class_name="CoefficientOfDiscrimination"
        ),
        lambda config: config.metrics_specs[0].binarize.top_k_list.values.append(2),
        lambda config: config.cross_slicing_specs.add(),
        lambda config: config.metrics_specs[0].__setattr__("query_key", "kind"),
    ],
    ids=["confidence intervals", "unusual metric", "top k", "cross slices", "query"],
)
def test_what_arrays_cannot_do_goes_through_beam(
    run: Any, examples: Any, models: Any, change: Callable[[Any], None]
) -> None:
    from tfx.components.evaluator.executor import Executor as StockExecutor

    from components.evaluator.executor import Executor

    config = _config("binary", "score", plots=False)
    change(config)

    with mock.patch.object(StockExecutor, "Do") as beam:
        run(Executor, examples, models("binary"), config)

    beam.assert_called_once()
