"""The model answers in serving what evaluation saw: no training-serving difference."""

from __future__ import annotations

from components.serving_validator.checks.comparison import compare
from components.serving_validator.trial import Check, Trial, unanswered

NAME = "same_as_evaluation"
TITLE = "same outputs as in evaluation"


def check(trial: Trial) -> Check:
    """The largest difference between serving and evaluation, row by row."""
    step = trial.observed.step("replay")
    if not step.done:
        return unanswered(NAME, TITLE, step)
    if trial.evaluated.predictions is None:
        return Check(NAME, TITLE, "not applicable", words=trial.evaluated.why_not)
    found = trial.observed.output("replay", trial.prediction_key).get("values", ())
    return compare(
        NAME,
        TITLE,
        found,
        trial.evaluated.predictions,
        rows=trial.rows,
        tolerance=trial.settings.tolerance,
    )
