"""The model loads and answers its first row in time."""

from __future__ import annotations

from components.serving_validator.trial import Check, Trial, bounded, unanswered

NAME = "start"
TITLE = "loads and answers a first row"


def check(trial: Trial) -> Check:
    """Seconds from the files to the first answer; importing TensorFlow does not count."""
    for name in ("start", "first"):
        step = trial.observed.step(name)
        if not step.done:
            return unanswered(NAME, TITLE, step)
    seconds = sum(trial.observed.step(name).seconds or 0.0 for name in ("start", "first"))
    return bounded(NAME, TITLE, seconds, at_most=trial.settings.start_seconds, unit="s")
