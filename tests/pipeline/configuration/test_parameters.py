"""Run parameters are found wherever they stand, with type, bounds and default."""

from __future__ import annotations

import pydantic

from core.settings import Settings, run_parameter
from pipeline.configuration.parameters import run_parameters


class _Bound(Settings):
    at_least: float | None = run_parameter(None, description="Lowest value.")


class _Trainer(Settings):
    steps: int = run_parameter(100, description="Steps.", ge=1)
    rate: float = run_parameter(0.1, description="Rate.", gt=0, lt=1)
    layers: int = 2


class _Configuration(Settings):
    trainer: _Trainer = pydantic.Field(default_factory=_Trainer)
    metrics: dict[str, _Bound] = pydantic.Field(default_factory=dict)


def test_parameters_are_listed_by_dotted_key_with_their_bounds() -> None:
    found = run_parameters(_Configuration(metrics={"auc": _Bound(at_least=0.8)}))

    assert [(item.name, item.type, item.default) for item in found] == [
        ("trainer.steps", "integer", 100),
        ("trainer.rate", "double", 0.1),
        ("metrics.auc.at_least", "double", 0.8),
    ]
    assert [item.bounds_text for item in found] == [
        "integer, >= 1",
        "double, > 0, < 1",
        "double",
    ]
    assert [item.optional for item in found] == [False, False, True]


def test_what_is_not_marked_is_no_run_parameter() -> None:
    assert "trainer.layers" not in {item.name for item in run_parameters(_Configuration())}
