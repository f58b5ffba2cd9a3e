from __future__ import annotations

import pydantic
import pytest

from models.hyperparameters import FloatRange, Hyperparameters


def test_what_a_tuner_found_replaces_what_was_configured() -> None:
    found = {
        "learning_rate": 0.02,
        "hidden_layers": 2,
        "hidden_units_0": 16,
        "hidden_units_1": 8,
        "hidden_units_2": 4,
        "tuner/epochs": 9,
    }
    tuned = Hyperparameters(batch_size=17).with_tuned(found)
    assert (tuned.batch_size, tuned.learning_rate, tuned.hidden_units) == (17, 0.02, (16, 8))


def test_a_value_out_of_bounds_is_refused_wherever_it_comes_from() -> None:
    with pytest.raises(pydantic.ValidationError, match="learning_rate"):
        Hyperparameters().with_tuned({"learning_rate": -1})


def test_run_parameters_are_marked() -> None:
    marked = {
        name
        for name, field in Hyperparameters.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra["run_parameter"]
    }
    assert marked == {"train_steps", "batch_size", "learning_rate"}


@pytest.mark.parametrize(
    "bounds", [{"low": 1, "high": 1}, {"low": 0, "high": 1, "logarithmic": True}]
)
def test_an_impossible_range_is_refused(bounds: dict) -> None:
    with pytest.raises(pydantic.ValidationError):
        FloatRange(**bounds)
