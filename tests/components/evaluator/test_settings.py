"""The evaluation section of a configuration."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest

from components.evaluator import metric_names
from components.evaluator.settings import (
    EvaluationSettings,
    check_evaluation,
)
from components.evaluator.slice_settings import SliceSettings
from core.errors import UserError

_FEATURES = ("payment", "hour", "fare")


@pytest.mark.parametrize(
    ("written", "features"),
    [
        ("hour", {"hour": None}),
        (["payment", "hour"], {"payment": None, "hour": None}),
        ({"payment": "Cash", "hour": None}, {"payment": "Cash", "hour": None}),
    ],
)
def test_a_slice_is_a_name_a_list_or_a_mapping(written: Any, features: dict[str, Any]) -> None:
    settings = EvaluationSettings.model_validate({"slices": [written]})

    assert settings.slices == (SliceSettings(features=features),)


def test_settings_read_back_what_they_dump() -> None:
    settings = EvaluationSettings.model_validate(
        {
            "metrics": {"auc": {"at_least": 0.7, "by_slice": [{"slice": "hour", "at_least": 0.5}]}},
            "slices": [["payment", "hour"]],
        }
    )

    assert EvaluationSettings.model_validate(settings.model_dump(mode="json")) == settings


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"metrics": {"acuracy": {}}}, "did you mean 'accuracy'"),
        ({"metrics": {"auc": {"atleast": 0.5}}}, "Extra inputs are not permitted"),
        ({"metrics": {"auc": {"at_least": 0.9, "at_most": 0.1}}}, "no value is at least 0.9"),
        ({"metrics": {"auc": {"at_least": float("nan")}}}, "must be a finite number"),
        ({"metrics": {"auc": {"change_at_least": 0, "change_at_most": 1}}}, "not both"),
        ({"slices": [["hour", "hour"]]}, "names 'hour' twice"),
        ({"slices": [[]]}, "at least 1 item"),
        ({"minimum_slice_examples": 0}, "greater than or equal to 1"),
        ({"decision_threshold": 1.0}, "less than 1"),
        ({"splits": []}, "at least 1 item"),
    ],
)
def test_a_wrong_section_says_what_is_wrong(section: dict[str, Any], expected: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=expected):
        EvaluationSettings.model_validate(section)


@pytest.mark.parametrize(
    ("section", "task", "code"),
    [
        ({"metrics": {"auc": None}}, "regression", "metric-not-for-task"),
        ({"metrics": {"log_loss": {"change_at_least": 0.1}}}, "binary", "threshold-direction"),
        ({"metrics": {"auc": {"relative_change_at_most": 0}}}, "binary", "threshold-direction"),
        ({"slices": ["paymnt"]}, "binary", "unknown-feature"),
        (
            {"metrics": {"auc": {"by_slice": [{"slice": "hours", "at_least": 0.5}]}}},
            "binary",
            "unknown-feature",
        ),
        ({"example_weight": "wait"}, "binary", "unknown-feature"),
    ],
)
def test_what_needs_task_or_columns_is_checked_with_them(
    section: dict[str, Any], task: metric_names.Task, code: str
) -> None:
    settings = EvaluationSettings.model_validate(section)

    with pytest.raises(UserError) as raised:
        check_evaluation(settings, task=task, features=_FEATURES)

    assert raised.value.code == code


@pytest.mark.parametrize("task", metric_names.TASKS)
def test_the_usual_metrics_of_every_task_pass(task: metric_names.Task) -> None:
    settings = EvaluationSettings()

    check_evaluation(settings, task=task, features=_FEATURES)

    assert set(settings.metrics_for(task)) == set(metric_names.DEFAULT_METRICS[task])


def test_a_slice_describes_itself() -> None:
    assert SliceSettings(features={"payment": "Cash", "hour": None}).describe() == (
        "payment=Cash x hour"
    )


def test_a_feature_in_buckets_has_a_name_for_tfma_and_one_for_people() -> None:
    entry = SliceSettings.model_validate(
        {"features": {"fare": {"boundaries": [5, 12.5]}, "hour": None}}
    )

    assert dict(entry.columns) == {"fare{5,12.5}": None, "hour": None}
    assert entry.describe() == "fare (buckets) x hour"
