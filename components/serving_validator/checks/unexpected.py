"""Unexpected inputs get an answer or a clean error, and do not change what follows."""

from __future__ import annotations

from components.serving_validator.checks import shapes
from components.serving_validator.checks.comparison import compare
from components.serving_validator.corpus import Case
from components.serving_validator.observations import CASE
from components.serving_validator.trial import Check, State, Trial

NAME = "unexpected_inputs"
TITLE = "unexpected inputs are survived"

# What a server would not blame on the request.
_NO_CLEAN_ERRORS = (
    "AbortedError",
    "InternalError",
    "MemoryError",
    "ResourceExhaustedError",
    "UnknownError",
)


def check(trial: Trial) -> Check:
    """Counts the inputs that the model did not stand."""
    if not trial.observed.step("replay").done:
        return Check(NAME, TITLE, "not reached", words="valid rows are not answered either")
    verdicts = [judge(trial, case) for case in trial.cases]
    failed = [verdict for verdict in verdicts if verdict.state == "failed"]
    missed = [verdict for verdict in verdicts if verdict.state == "not reached"]
    afterwards = _afterwards(trial)
    if afterwards.state == "failed":
        failed.append(afterwards)
    words = f"{len(failed)} of {len(verdicts)} kinds of input are not survived"
    if not failed:
        words = f"{len(verdicts)} kinds of input"
    if missed:
        words += f", {len(missed)} were not tried"
    return Check(
        NAME,
        TITLE,
        "failed" if failed else "passed",
        float(len(failed)),
        0.0,
        "inputs",
        words,
        tuple(f"{verdict.title}: {verdict.words}" for verdict in failed),
    )


def judge(trial: Trial, case: Case) -> Check:
    """The verdict on one unexpected input.

    Args:
      trial: What the model did.
      case: The input.
    """
    step = trial.observed.step(CASE + case.name)

    def verdict(state: State, words: str) -> Check:
        return Check(case.name, case.name, state, words=words)

    if step.state == "not reached":
        return Check(case.name, case.name, "not reached", words="not tried")
    if step.state == "error":
        if case.expectation == "answer":
            return verdict("failed", f"valid, but refused: {step.words}")
        if step.error in _NO_CLEAN_ERRORS:
            return verdict("failed", f"no clean error: {step.words}")
        return verdict("passed", f"refused: {step.words}")
    if not step.done:
        return verdict("failed", step.words)
    if case.expectation == "error":
        return verdict("failed", "answered, though it cannot be understood")
    wrong = shapes.differences(trial, step.result, case.rows)
    if wrong:
        return verdict("failed", wrong[0])
    for name, output in step.result.items():
        if output["rows_not_finite"]:
            return verdict("failed", f"{name} is not finite")
    return verdict("passed", "answered")


def _afterwards(trial: Trial) -> Check:
    title = "valid rows after the unexpected inputs"
    step = trial.observed.step("afterwards")
    if not step.done:
        return Check(
            NAME,
            title,
            "not reached" if step.state == "not reached" else "failed",
            words=step.words,
        )
    before = trial.observed.output("replay", trial.prediction_key).get("values", ())
    after = trial.observed.output("afterwards", trial.prediction_key).get("values", ())
    if not before:
        return Check(NAME, title, "not applicable")
    return compare(NAME, title, after, before, rows=trial.rows, tolerance=trial.settings.tolerance)
