"""Valid rows get finite numbers."""

from __future__ import annotations

from components.serving_validator.trial import Check, Trial, unanswered

NAME = "finite"
TITLE = "finite outputs for valid rows"


def check(trial: Trial) -> Check:
    """Counts the rows with a number that is not finite in some output."""
    step = trial.observed.step("replay")
    if not step.done:
        return unanswered(NAME, TITLE, step)
    wrong = {k: out for k, out in step.result.items() if out["rows_not_finite"]}
    worst = max((out["rows_not_finite"] for out in wrong.values()), default=0)
    evidence = tuple(
        f"{name}: {out['rows_not_finite']} rows, first in row {out['first_not_finite']}"
        for name, out in sorted(wrong.items())
    )
    return Check(
        NAME,
        TITLE,
        "failed" if wrong else "passed",
        float(worst),
        0.0,
        "rows",
        f"{worst} of {trial.rows} rows are not finite" if wrong else f"{trial.rows} rows",
        evidence,
    )
