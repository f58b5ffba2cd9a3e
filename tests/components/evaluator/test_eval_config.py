"""Settings as TFMA's configuration."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.metrics import metric_specs

from components.evaluator import metric_names
from components.evaluator.eval_config import eval_config
from components.evaluator.settings import EvaluationSettings
from core.errors import UserError


def _config(task: metric_names.Task = "binary", **section: Any) -> tfma.EvalConfig:
    settings = EvaluationSettings.model_validate(section)
    return eval_config(settings, task=task, label_key="label", prediction_key="score")


def _thresholds(config: tfma.EvalConfig) -> dict[tuple[str, bool], Any]:
    config = tfma.utils.update_eval_config_with_defaults(config, has_baseline=True)
    found = tfma.metrics.metric_thresholds_from_metrics_specs(
        config.metrics_specs, eval_config=config
    )
    return {
        (key.name, key.is_diff): bounds
        for key, bounds in found.items()
        if key.model_name == tfma.CANDIDATE_KEY
    }


@pytest.mark.parametrize("task", metric_names.TASKS)
def test_tfma_knows_every_metric_of_every_task(task: metric_names.Task) -> None:
    names = metric_names.metrics_of_task(task)
    of_class = {name for name, metric in names.items() if metric.of_class}
    settings = {n: {"by_class": {"a": {}}} if n in of_class else None for n in names}
    config = _config(task, metrics=settings)
    config = tfma.utils.update_eval_config_with_defaults(config)

    tfma.utils.verify_eval_config(config)
    computations = metric_specs.to_computations(list(config.metrics_specs), eval_config=config)

    found = {key.name for computation in computations for key in computation.keys}
    assert found >= set(names) - of_class | {f"{name} of a" for name in of_class}


def test_a_bound_over_all_examples_does_not_bind_slices() -> None:
    thresholds = _thresholds(_config(metrics={"auc": {"at_least": 0.7}}, slices=["hour"]))

    [(spec, bound)] = thresholds["auc", False]
    assert spec == tfma.SlicingSpec()
    assert bound.lower_bound.value == 0.7


def test_changes_carry_the_direction_of_their_bound() -> None:
    thresholds = _thresholds(
        _config(
            metrics={
                "auc": {"change_at_least": -0.01},
                "log_loss": {"change_at_most": 0.1, "relative_change_at_most": 0.05},
            }
        )
    )

    [(_, rise)] = thresholds["auc", True]
    assert rise.direction == tfma.MetricDirection.HIGHER_IS_BETTER
    assert rise.absolute.value == -0.01
    assert not rise.HasField("relative")
    [(_, fall)] = thresholds["log_loss", True]
    assert fall.direction == tfma.MetricDirection.LOWER_IS_BETTER
    assert (fall.absolute.value, fall.relative.value) == (0.1, 0.05)


def test_a_slice_that_only_a_bound_names_is_computed_too() -> None:
    config = _config(
        metrics={"auc": {"by_slice": [{"slice": {"payment": "Cash"}, "at_least": 0.5}]}},
        slices=["hour", "hour"],
    )

    assert list(config.slicing_specs) == [
        tfma.SlicingSpec(),
        tfma.SlicingSpec(feature_keys=["hour"]),
        tfma.SlicingSpec(feature_values={"payment": "Cash"}),
    ]


def test_a_metric_of_another_task_is_refused() -> None:
    with pytest.raises(UserError, match="does not fit a regression task"):
        _config("regression", metrics={"auc": None})
