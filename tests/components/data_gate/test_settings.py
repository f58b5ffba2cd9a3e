"""What the configuration may say about the gate, and what makes no sense."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest

from components.data_gate.settings import GateSettings


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"drift": {"numeric": 1.5}}, "less than or equal to 1"),
        ({"drift": {"features": {"fare": 0}}}, "greater than 0"),
        ({"drift": {"features": {"fare": float("nan")}}}, "nan"),
        ({"drift": {"false_alarm": 0}}, "greater than 0"),
        ({"example_count_ratio": {"at_least": 0.9, "at_most": 0.5}}, "no number fits"),
        ({"example_count_ratio": {"at_least": 2}}, "would have to be larger"),
        ({"example_count_ratio": {"at_most": 0.5, "at_least": None}}, "would have to be smaller"),
        ({"checks": {"majority_label": {"at_most": 2}}}, "less than or equal to 1"),
        ({"checks": {"label_leakage": "sometimes"}}, "'off', 'warn' or 'block'"),
        ({"checks": {"label_leakage": {"at_least": 0.1}}}, "greater than 0.5"),
        ({"severities": {"similiar": "warn"}}, "did you mean 'similar'?"),
        ({"severities": {"similar": "shout"}}, "'block', 'warn' or 'ignore'"),
        ({"slices": ["currency", "currency"]}, "named twice"),
        ({"minimum_slice_examples": 1}, "greater than or equal to 20"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(pydantic.ValidationError, match="(?s)" + words.replace("?", r"\?")):
        GateSettings.model_validate(settings)


@pytest.mark.parametrize("written", [False, "off", {"severity": False}, {"severity": "off"}])
def test_a_bare_off_of_yaml_switches_a_check_off(written: Any) -> None:
    settings = GateSettings.model_validate({"checks": {"extrapolation": written}})

    assert settings.checks.extrapolation.severity == "off"


def test_a_check_keeps_its_own_limit_where_only_the_severity_is_given() -> None:
    settings = GateSettings.model_validate({"checks": {"majority_label": "block"}})

    assert settings.checks.majority_label.severity == "block"
    assert settings.checks.majority_label.at_most == GateSettings().checks.majority_label.at_most


def test_settings_survive_the_way_to_the_executor() -> None:
    settings = GateSettings.model_validate(
        {
            "slices": ["currency"],
            "drift": {"features": {"fare": None, "company": 0.3}},
            "severities": {"drift": "warn", "SCHEMA_NEW_COLUMN": "ignore"},
            "checks": {"split_overlap": {"severity": "block", "key": "customer"}},
        }
    )

    again = GateSettings.model_validate_json(settings.model_dump_json())

    assert again == settings
    assert again.checks.split_overlap.key == ("customer",)
    assert again.drift_limit("fare", categorical=False) == float("inf")
    assert again.drift_limit("miles", categorical=True) == settings.drift.categorical
