"""One list of all that decided: the evaluation's bounds and those of the trial."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.decision import decision
from components.evaluator.outcome.reading import read_evaluation
from components.serving_validator.outcome import Serving, ServingCheck
from tests.made_run import write_evaluation, write_gates


def _check(name: str, state: str = "passed", figure: str = "1 ms", **more: Any) -> ServingCheck:
    given = {"bound": "at most 5 ms", "words": "", "evidence": (), "value": 1.0, **more}
    return ServingCheck(name=name, title=f"the {name}", state=state, figure=figure, **given)


def _serving(*checks: ServingCheck) -> Serving:
    return Serving(all(c.state != "failed" for c in checks), 200, checks, ())


def test_satisficing_metrics_stand_beside_the_optimised_ones(tmp_path: Path) -> None:
    write_evaluation(tmp_path, bound=0.8)
    serving = _serving(
        _check("size", figure="0.3 MiB"),
        _check("finite", figure="0 rows"),
        _check("raw_tensors", "not applicable"),
    )

    found = decision(read_evaluation(tmp_path), serving)

    assert [(check.metric, check.slice_label, check.verdict) for check in found[-1:]] == [
        ("the size", "serving", "kept")
    ]
    assert found[-1].figure == "0.3 MiB"
    assert len(found) == 4  # Three bounds of the evaluation; that outputs are finite is no figure.


def test_whatever_failed_comes_first_with_its_reason(tmp_path: Path) -> None:
    write_evaluation(tmp_path, bound=0.95)
    serving = _serving(
        _check("finite", "failed", words="3 rows give NaN"),
        _check("latency_p50", "not reached"),
    )

    found = decision(read_evaluation(tmp_path), serving)

    assert [check.verdict for check in found] == [
        "broken", "broken", "not reached", "kept", "kept",
    ]  # fmt: skip
    assert {check.metric for check in found[:2]} == {"auc", "the finite"}
    assert found[1].message == "3 rows give NaN"


def test_either_may_be_missing(tmp_path: Path) -> None:
    write_evaluation(tmp_path)

    assert decision(None, None) == ()
    assert len(decision(read_evaluation(tmp_path), None)) == 3
    assert len(decision(None, _serving(_check("memory")))) == 1


@pytest.mark.parametrize(
    ("allowed", "bound", "verdict"),
    [(False, "must be made", "broken"), (True, "may be missing", "kept")],
)
def test_a_comparison_that_was_not_made_is_a_row_of_its_own(
    tmp_path: Path, allowed: bool, bound: str, verdict: str
) -> None:
    write_evaluation(tmp_path)
    write_gates(tmp_path, allow_no_comparison=allowed)

    found = read_evaluation(tmp_path)
    [row] = [check for check in decision(found, None) if check.metric == "comparison"]

    assert (row.bound, row.figure, row.verdict) == (bound, "not made", verdict)
    assert row.message == "its label differs"
    assert found.beyond.lacks_comparison is not allowed


def test_an_evaluation_of_an_earlier_version_was_blessed_without_a_comparison(
    tmp_path: Path,
) -> None:
    write_evaluation(tmp_path)
    (tmp_path / "gates.json").write_text(json.dumps({"baseline_refused": "its label differs"}))

    assert not read_evaluation(tmp_path).beyond.lacks_comparison
