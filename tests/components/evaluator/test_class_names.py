"""A class is named in the configuration, and numbered by each model its own way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.evaluator.settings import EvaluationSettings
from core.errors import UserError


def _config(of_class: str) -> Any:
    from components.evaluator.eval_config import eval_config

    settings = {
        "metrics": {"recall": {"by_class": {of_class: {"at_least": 0.9}}}, "accuracy": {}},
        "plots": False,
    }
    checked = EvaluationSettings.model_validate(settings)
    return eval_config(checked, task="multiclass", label_key="label")


def _ids(config: Any) -> Any:
    [metric] = [m for m in config.metrics_specs[0].metrics if m.class_name == "OfClass"]
    return json.loads(metric.config)["class_ids"]


def test_each_model_is_asked_about_its_own_number() -> None:
    from components.evaluator.class_names import with_class_ids

    names = {"candidate": ["Gentoo", "王企鹅"], "baseline": ["王企鹅", "Gentoo"]}

    assert _ids(with_class_ids(_config("王企鹅"), names)) == {"candidate": 1, "baseline": 0}
    # The blessed model does not know a new class; a model that tells no names has numbers.
    assert _ids(with_class_ids(_config("Gentoo"), {**names, "baseline": ["王企鹅"]})) == {
        "candidate": 0
    }
    assert _ids(with_class_ids(_config("2"), {"": []})) == {"": 2}


def test_a_class_that_does_not_exist_is_refused_with_the_nearest() -> None:
    from components.evaluator.class_names import with_class_ids

    with pytest.raises(UserError, match="no class 'Gento'") as caught:
        with_class_ids(_config("Gento"), {"": ["Adelie", "Gentoo"]})

    assert caught.value.hint == "did you mean 'Gentoo'?"


def test_a_bound_on_a_class_refuses_a_model(run: Any, examples: Any, models: Any) -> None:
    from components.evaluator.executor import Executor

    outcome = run(Executor, examples, models("multiclass"), _config("1"))

    [row] = outcome.validation().metric_validations_per_slice
    assert [failure.metric_key.name for failure in row.failures] == ["recall of 1"]
    assert outcome.numbers()[()]["recall of 1", ""][0] < 0.9
