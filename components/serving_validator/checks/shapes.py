"""Valid rows get the documented outputs in the documented shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.serving_validator.trial import Check, Trial, unanswered

NAME = "shape"
TITLE = "outputs of the documented shape"


def check(trial: Trial) -> Check:
    """Counts the outputs that are missing or shaped otherwise."""
    step = trial.observed.step("replay")
    if not step.done:
        return unanswered(NAME, TITLE, step)
    wrong = differences(trial, step.result, trial.rows)
    return Check(
        NAME,
        TITLE,
        "failed" if wrong else "passed",
        float(len(wrong)),
        0.0,
        "outputs",
        wrong[0] if wrong else f"{len(step.result)} outputs of {trial.rows} rows",
        tuple(wrong[1:]),
    )


def differences(trial: Trial, outputs: Mapping[str, Any], rows: int | None) -> list[str]:
    """What is wrong with the outputs of one request, in words.

    Args:
      trial: For what is documented.
      outputs: A summary by output.
      rows: How many rows were asked for; None where that cannot be said.
    """
    documented: Mapping[str, Sequence[int | None]] = trial.documented
    names = {*documented, trial.prediction_key} - {""}
    wrong = [f"there is no output {name}" for name in sorted(names - set(outputs))]
    for name, output in outputs.items():
        shape = output["shape"]
        expected = [rows, *documented.get(name, shape[1:])]
        fits = len(shape) == len(expected) and all(
            want is None or want == got for want, got in zip(expected, shape, strict=True)
        )
        if not fits:
            wrong.append(f"{name} is {_words(shape)}, not {_words(expected)}")
    return wrong


def _words(shape: Sequence[int | None]) -> str:
    return f"[{', '.join('any' if size is None else str(size) for size in shape)}]"
