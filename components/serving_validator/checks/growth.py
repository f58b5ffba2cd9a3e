"""Answering again and again takes no more memory."""

from __future__ import annotations

from components.serving_validator.trial import Check, Trial, bounded, unanswered

NAME = "memory_growth"
TITLE = "no growth over equal batches"


def check(trial: Trial) -> Check:
    """How much memory the process takes up over equal batches."""
    step = trial.observed.step("growth")
    if not step.done:
        return unanswered(NAME, TITLE, step)
    grown = max(0, step.result["bytes"]) / 2**20
    words = f"over {step.result['batches']} batches of {trial.rows} rows"
    limit = trial.settings.memory_growth_mb
    return bounded(NAME, TITLE, grown, at_most=limit, unit="MiB", words=words)
