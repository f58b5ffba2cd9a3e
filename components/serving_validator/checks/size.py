"""The model's files stay under a size."""

from __future__ import annotations

from components.serving_validator.trial import Check, Trial, bounded

NAME = "size"
TITLE = "size of the model's files"


def check(trial: Trial) -> Check:
    """The size of all files of the SavedModel."""
    size = trial.model_bytes / 2**20
    return bounded(NAME, TITLE, size, at_most=trial.settings.model_mb, unit="MiB")
