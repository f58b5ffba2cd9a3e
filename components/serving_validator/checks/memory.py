"""The serving process stays under the memory limit."""

from __future__ import annotations

from components.serving_validator.observations import Step
from components.serving_validator.trial import Check, State, Trial

NAME = "memory"
TITLE = "memory of the serving process"


def check(trial: Trial) -> Check:
    """The most memory that the process held, TensorFlow and all."""
    mebibytes = trial.observed.peak_bytes / 2**20
    beyond = {k: step for k, step in trial.observed.steps.items() if _is_out_of_memory(step)}
    limit = float(trial.settings.memory_mb)
    words = ""
    if beyond:
        name, step = next(iter(beyond.items()))
        words = f"in {name.removeprefix('case:')}: {step.words}"
    state: State = "failed" if beyond or mebibytes > limit else "passed"
    return Check(NAME, TITLE, state, mebibytes, limit, "MiB", words)


def _is_out_of_memory(step: Step) -> bool:
    return step.state == "memory" or step.error in ("ResourceExhaustedError", "MemoryError")
