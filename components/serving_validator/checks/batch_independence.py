"""A row's answer does not depend on the rows that it is sent with, nor on those before."""

from __future__ import annotations

from components.serving_validator.checks.comparison import compare
from components.serving_validator.trial import Check, Trial, unanswered

NAME = "same_alone"
TITLE = "same outputs alone as in a batch"


def check(trial: Trial) -> Check:
    """The largest difference between a row alone and the same row in a batch."""
    batch, singles = trial.observed.step("replay"), trial.observed.step("singles")
    for step in (batch, singles):
        if not step.done:
            return unanswered(NAME, TITLE, step)
    alone = singles.result["outputs"].get(trial.prediction_key, {}).get("values", ())
    together = trial.observed.output("replay", trial.prediction_key).get("values", ())
    asked = singles.result["answers"]
    if not together:
        return Check(NAME, TITLE, "not applicable", words="the prediction is not a number")
    share = len(together) * asked // trial.rows
    return compare(
        NAME,
        TITLE,
        alone,
        together[:share],
        rows=asked,
        tolerance=trial.settings.tolerance,
    )
