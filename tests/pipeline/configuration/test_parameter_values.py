"""Values of run parameters are read by their type, and refused by name."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import errors
from pipeline.configuration.loading import load
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.parameter_values import apply_values, parse_value
from pipeline.configuration.parameters import ParameterType, RunParameter, run_parameters


def parameter(kind: ParameterType, **values: Any) -> RunParameter:
    made: dict[str, Any] = {"optional": False, "default": 7, "description": "", **values}
    return RunParameter(name="trainer.train_steps", type=kind, **made)


def refusal(kind: ParameterType, text: str, **values: Any) -> errors.UserError:
    with pytest.raises(errors.UserError) as caught:
        parse_value(parameter(kind, **values), text)
    return caught.value


def parsed_or_refused(wanted: RunParameter, text: str) -> Any:
    try:
        return parse_value(wanted, text)
    except errors.UserError as error:
        return error


@pytest.fixture(scope="module")
def taxi(repository: Path) -> PipelineConfiguration:
    path = repository / "configs" / "taxi.yaml"
    return load(path, assignments=["data.path=trips/span-{SPAN}/*.csv"]).configuration


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_an_integer_is_read_back_exactly(value: int) -> None:
    assert parse_value(parameter("integer"), str(value)) == value
    assert parse_value(parameter("integer"), f"{value}.0") == value


@given(st.integers(-(2**52), 2**52))
def test_an_integer_that_went_through_a_double_is_read_back(value: int) -> None:
    for text in (repr(float(value)), f"{float(value):e}".replace("e+", "E")):
        if float(text) == value:
            assert parse_value(parameter("integer"), text) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_read_back_exactly(value: float) -> None:
    assert parse_value(parameter("double"), repr(value)) == value


@given(st.text())
@example("null")
@example("1e3")
@example(" a: b ")
def test_a_string_stays_what_it_is(text: str) -> None:
    assert parse_value(parameter("string"), text) == text


@pytest.mark.parametrize(("text", "value"), [("true", True), ("True", True), ("FALSE", False)])
def test_truth_values_are_read_in_any_case(text: str, value: bool) -> None:
    assert parse_value(parameter("boolean"), text) is value


@pytest.mark.parametrize("kind", ["integer", "double", "boolean", "string"])
def test_empty_is_no_value_where_a_parameter_may_be_empty(kind: ParameterType) -> None:
    assert parse_value(parameter(kind, optional=True), "") is None


@pytest.mark.parametrize("kind", ["integer", "double", "boolean"])
def test_empty_is_refused_where_a_parameter_needs_a_value(kind: ParameterType) -> None:
    assert refusal(kind, "").code == "parameter-type"


@given(st.sampled_from(["integer", "double", "boolean"]), st.text(max_size=12))
@example("integer", "600.5")
@example("integer", "1e9999")
@example("integer", "9223372036854775808")
@example("integer", "1_000")
@example("integer", "\N{ARABIC-INDIC DIGIT ONE}")
@example("integer", "0x10")
@example("double", "nan")
@example("double", "Infinity")
@example("double", "1e999")
@example("boolean", "yes")
def test_any_text_is_a_value_of_the_type_or_refused(kind: ParameterType, text: str) -> None:
    value = parsed_or_refused(parameter(kind), text)
    if isinstance(value, errors.UserError):
        assert value.code == "parameter-type"
        assert "trainer.train_steps" in value.headline
    else:
        assert type(value) is {"integer": int, "double": float, "boolean": bool}[kind]
        assert math.isfinite(value)


@given(st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.booleans())
@example(0.0, True, True)
@example(1.0, True, True)
@example(0.0, False, False)
@example(1.0, False, False)
def test_a_value_is_accepted_exactly_within_its_bounds(
    value: float, lower_open: bool, upper_open: bool
) -> None:
    bounds = {"lower": 0, "upper": 1, "lower_open": lower_open, "upper_open": upper_open}
    inside = 0 < value < 1 or (value == 0 and not lower_open) or (value == 1 and not upper_open)
    if inside:
        assert parse_value(parameter("double", **bounds), repr(value)) == value
    else:
        assert refusal("double", repr(value), **bounds).code == "parameter-bounds"


def test_a_refusal_names_parameter_value_type_and_bounds() -> None:
    error = refusal("integer", "0", lower=1)

    assert error.headline == "trainer.train_steps cannot be '0'"
    assert error.evidence == ("trainer.train_steps is: integer, >= 1",)
    assert error.hint == "its default is 7"


def test_values_are_put_into_the_configuration(taxi: PipelineConfiguration) -> None:
    changed = apply_values(
        taxi,
        {
            "trainer.train_steps": "5e1",
            "evaluation.metrics.auc.at_least": "",
            "data.span": "3",
        },
    )

    assert changed.trainer.train_steps == 50
    assert changed.evaluation.metrics["auc"].at_least is None
    assert changed.data.span == 3
    assert changed.trainer.batch_size == taxi.trainer.batch_size


def test_the_defaults_as_text_change_nothing(taxi: PipelineConfiguration) -> None:
    texts = {
        item.name: "" if item.default is None else str(item.default)
        for item in run_parameters(taxi)
    }

    assert apply_values(taxi, texts) == taxi


def test_an_unknown_name_is_answered_with_the_nearest(taxi: PipelineConfiguration) -> None:
    with pytest.raises(errors.UserError) as caught:
        apply_values(taxi, {"trainer.train_stepz": "5"})

    assert caught.value.code == "unknown-parameter"
    assert caught.value.hint == "did you mean trainer.train_steps?"


def test_what_is_no_run_parameter_cannot_be_set(taxi: PipelineConfiguration) -> None:
    with pytest.raises(errors.UserError, match=r"run parameter 'label'"):
        apply_values(taxi, {"label": "fare"})
