"""The signature for raw tensors answers as the one for serialized examples does."""

from __future__ import annotations

from components.serving_validator.checks.comparison import compare
from components.serving_validator.trial import Check, Trial, unanswered

NAME = "raw_tensors"
TITLE = "same outputs from raw tensors"


def check(trial: Trial) -> Check:
    """The largest difference between both signatures, row by row."""
    examples, raw = trial.observed.step("replay"), trial.observed.step("raw")
    if not examples.done:
        return unanswered(NAME, TITLE, examples)
    if not trial.has_raw_signature:
        return Check(NAME, TITLE, "not applicable", words="the model has no such signature")
    if not raw.done:
        return unanswered(NAME, TITLE, raw)
    return compare(
        NAME,
        TITLE,
        trial.observed.output("raw", trial.prediction_key).get("values", ()),
        trial.observed.output("replay", trial.prediction_key).get("values", ()),
        rows=trial.rows,
        tolerance=trial.settings.tolerance,
    )
