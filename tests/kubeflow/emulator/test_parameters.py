"""A run's parameters: defaults, overrides by type, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from core.errors import UserError
from kubeflow.emulator.parameters import run_values
from kubeflow.package.pipeline_spec import pipeline_spec_pb2

DECLARED = {
    "trainer.train_steps": {"parameterType": "NUMBER_INTEGER", "defaultValue": 600},
    "rate": {"parameterType": "NUMBER_DOUBLE", "defaultValue": 0.5},
    "verbose": {"parameterType": "BOOLEAN", "defaultValue": False},
    "note": {"parameterType": "STRING", "defaultValue": ""},
    "slices": {"parameterType": "LIST", "defaultValue": ["a"]},
    "extra": {"parameterType": "STRUCT", "defaultValue": {"k": 1}},
    "span": {"parameterType": "NUMBER_INTEGER", "isOptional": True},
}


def values(*assignments: str, declared: Any = None) -> dict[str, Any]:
    inputs = json_format.ParseDict(
        {"parameters": DECLARED if declared is None else declared},
        pipeline_spec_pb2().ComponentInputsSpec(),
    )
    return run_values(inputs, assignments)


def test_defaults_stand_where_nothing_is_set() -> None:
    assert values() == {
        "trainer.train_steps": 600,
        "rate": 0.5,
        "verbose": False,
        "note": "",
        "slices": ["a"],
        "extra": {"k": 1},
        "span": None,
    }


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("trainer.train_steps=50", 50),
        ("trainer.train_steps=5e1", 50),
        ("trainer.train_steps=50.0", 50),
        ("rate=1", 1.0),
        ("verbose=TRUE", True),
        ("note=50", "50"),
        ("note=a=b", "a=b"),
        ("note=", ""),
        ("slices=[1, null]", [1, None]),
        ('extra={"k": [true]}', {"k": [True]}),
        ("span=3", 3),
    ],
)
def test_a_value_is_read_by_the_declared_type(assignment: str, value: object) -> None:
    name = assignment.partition("=")[0]
    read = values(assignment)[name]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "assignment",
    [
        "trainer.train_steps=50.5",
        "trainer.train_steps=many",
        "trainer.train_steps=",
        "trainer.train_steps=true",
        "rate=nan",
        "rate=inf",
        "verbose=1",
        "slices={}",
        "slices=a",
        "extra=[]",
        'extra={"k": 1, "k": 2}',
    ],
)
def test_a_value_of_another_type_is_refused(assignment: str) -> None:
    name = assignment.partition("=")[0]
    with pytest.raises(UserError) as refused:
        values(assignment)
    assert refused.value.code == "parameter-type"
    assert name in refused.value.headline


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UserError) as refused:
        values("trainer.train_stepz=5")
    assert refused.value.code == "unknown-parameter"
    assert "'trainer.train_steps'" in refused.value.hint


def test_a_package_without_parameters_takes_none() -> None:
    with pytest.raises(UserError, match="no parameter 'x'"):
        values("x=1", declared={})


@pytest.mark.parametrize("assignments", [("rate",), ("rate=1", "rate=2")])
def test_an_assignment_has_one_value(assignments: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as refused:
        values(*assignments)
    assert refused.value.code == "parameter-form"


def test_a_parameter_without_default_must_be_given() -> None:
    declared = {"n": {"parameterType": "NUMBER_INTEGER"}}
    with pytest.raises(UserError) as refused:
        values(declared=declared)
    assert refused.value.code == "parameter-missing"
    assert "--set n=VALUE" in refused.value.hint
    assert values("n=1", declared=declared) == {"n": 1}
