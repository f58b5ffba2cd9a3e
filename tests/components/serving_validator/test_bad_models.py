"""Every kind of bad model is caught by the check that is meant for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def _states(verdict: Any, state: str) -> set[str]:
    return {check.name for check in verdict.checks if check.state == state}


def _check(verdict: Any, name: str) -> Any:
    return next(check for check in verdict.checks if check.name == name)


def test_a_good_model_passes_every_check(tried: Callable[..., Any]) -> None:
    verdict = tried("good")
    assert verdict.blessed
    assert _states(verdict, "passed") == {check.name for check in verdict.checks}
    assert len(verdict.inputs) > 30
    assert {case.state for case in verdict.inputs} == {"passed"}


@pytest.mark.parametrize(
    ("kind", "bounds", "failed", "words"),
    [
        ("is half a model", {}, {"start"}, ""),
        ("dies at start", {}, {"start"}, "SIGABRT"),
        ("hangs at start", {"start_seconds": 4}, {"start"}, "no answer within 4 s"),
        ("hangs", {"request_seconds": 4}, {"start"}, "no answer within 4 s"),
        ("says not a number", {}, {"finite", "raw_tensors", "unexpected_inputs"}, "9 of 40 rows"),
        ("rolls dice", {}, {"same_as_evaluation", "same_alone", "raw_tensors",
                            "unexpected_inputs"}, "40 of 40 rows differ"),
        ("looks at its neighbours", {}, {"same_alone", "raw_tensors"}, "40 of 40 rows differ"),
        ("scales raw tensors otherwise", {}, {"raw_tensors"}, "of 40 rows differ"),
        ("has another shape", {}, {"shape", "unexpected_inputs"}, "score is [40, 1], not [40]"),
        ("lacks an output", {}, {"shape", "unexpected_inputs"}, "no output probabilities"),
        ("grows", {"memory_growth_mb": 20}, {"memory_growth"}, "over 40 batches"),
        ("takes much memory", {"memory_mb": 1000}, {"start", "memory"}, "1,000 MiB"),
        ("is slow", {"latency_p50_ms": 3, "latency_p99_ms": 3}, {"latency_p50", "latency_p99"},
         "39 rows"),
        ("good", {"rows_per_second": 1e9}, {"throughput"}, ""),
        ("good", {"model_mb": 0.001}, {"size"}, ""),
    ],
)  # fmt: skip
def test_a_bad_model_is_caught_by_the_check_for_it(
    tried: Callable[..., Any], kind: str, bounds: dict[str, float], failed: set[str], words: str
) -> None:
    verdict = tried(kind, **bounds)
    assert not verdict.blessed
    assert _states(verdict, "failed") == failed
    said = " ".join(check.words for check in verdict.checks if check.state == "failed")
    assert words in said


@pytest.mark.parametrize(
    ("kind", "bounds", "inputs", "words"),
    [
        ("dies on infinity", {}, {"infinity", "negative infinity"}, "this was too much"),
        ("hangs on infinity", {"request_seconds": 6}, {"infinity", "negative infinity"},
         "no answer within 6 s"),
        ("refuses unknown categories", {},
         {"unknown categories", "empty text", "very long text", "bytes that are not UTF-8"},
         "valid, but refused"),
    ],
)  # fmt: skip
def test_an_unexpected_input_that_a_model_does_not_stand_is_named_and_the_others_are_still_tried(
    tried: Callable[..., Any], kind: str, bounds: dict[str, float], inputs: set[str], words: str
) -> None:
    verdict = tried(kind, **bounds)
    assert _states(verdict, "failed") == {"unexpected_inputs"}
    assert {case.name for case in verdict.inputs if case.state == "failed"} == inputs
    assert not [case for case in verdict.inputs if case.state == "not reached"]
    assert words in " ".join(_check(verdict, "unexpected_inputs").evidence)


def test_an_input_after_which_valid_rows_are_answered_otherwise_is_caught(
    tried: Callable[..., Any],
) -> None:
    verdict = tried("never forgets infinity")
    assert _states(verdict, "failed") == {"unexpected_inputs"}
    [words] = _check(verdict, "unexpected_inputs").evidence
    assert words == "valid rows after the unexpected inputs: 40 of 40 rows differ"


def test_a_model_without_a_signature_for_raw_tensors_is_served_without(
    tried: Callable[..., Any],
) -> None:
    verdict = tried("has no raw signature")
    assert verdict.blessed
    assert _states(verdict, "not applicable") == {"raw_tensors"}


def test_a_check_behind_a_failed_one_says_that_it_was_not_reached(
    tried: Callable[..., Any],
) -> None:
    verdict = tried("dies at start")
    assert "not reached" in {check.state for check in verdict.checks}
    assert _check(verdict, "latency_p50").words == "the process had ended before"


@pytest.mark.parametrize(
    ("kind", "not_applicable"),
    [("has one output", "raw_tensors"), ("takes columns only", "same_as_evaluation")],
)
def test_a_model_of_the_projects_own_may_look_otherwise(
    tried: Callable[..., Any], kind: str, not_applicable: str
) -> None:
    verdict = tried(kind, documented=False)
    assert verdict.blessed
    assert _states(verdict, "not applicable") == {not_applicable}
