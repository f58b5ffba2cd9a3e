"""Batches are answered at a certain rate."""

from __future__ import annotations

from components.serving_validator.trial import Check, Trial, bounded, unanswered

NAME = "throughput"
TITLE = "rows per second in batches"


def check(trial: Trial) -> Check:
    """Rows a second in batches of a thousand."""
    step = trial.observed.step("batches")
    if not step.done:
        return unanswered(NAME, TITLE, step)
    rate = step.result["rows"] / max(step.result["seconds"], 1e-9)
    return bounded(NAME, TITLE, rate, at_least=trial.settings.rows_per_second, unit="rows/s")
