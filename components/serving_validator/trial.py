"""A model's trial: all that the checks look at, and what a check says."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from components.serving_validator.corpus import Case
from components.serving_validator.observations import Observations, Step
from components.serving_validator.settings import ServingValidatorSettings

Direction = Literal["at most", "at least"]
State = Literal["passed", "failed", "not applicable", "not reached"]


@dataclasses.dataclass(frozen=True)
class Check:
    """What one check says.

    Attributes:
      name: Its id, stable for programs.
      title: What it asks for, for people.
      state: The verdict. One that was not reached stands behind another that failed.
      value: The number that was found; None where there is none.
      limit: The bound that the number has to keep; None where it has none.
      unit: Of both.
      words: What was found, in a few words.
      evidence: Further lines.
      direction: On which side of the bound the number has to stay.
    """

    name: str
    title: str
    state: State
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    words: str = ""
    evidence: tuple[str, ...] = ()
    direction: Direction = "at most"

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return {**dataclasses.asdict(self), "evidence": list(self.evidence)}


@dataclasses.dataclass(frozen=True)
class Evaluated:
    """What evaluation's own way of asking the model gives for the replayed rows.

    Attributes:
      predictions: One number after another, row by row; None where it cannot be asked.
      why_not: The reason then.
    """

    predictions: Sequence[float] | None
    why_not: str = ""


@dataclasses.dataclass(frozen=True)
class Trial:
    """All that is known of the model.

    Attributes:
      observed: What the serving process did.
      settings: The bounds.
      documented: The shape of one row's part of each documented output, None for a
        dimension that is not fixed; empty where the model is not one of ours.
      prediction_key: The output that is evaluated.
      rows: How many valid rows were replayed.
      cases: The unexpected inputs.
      evaluated: What evaluation gives for the rows.
      model_bytes: The size of the model's files.
      has_raw_signature: Whether the model takes raw tensors at all.
    """

    observed: Observations
    settings: ServingValidatorSettings
    documented: Mapping[str, Sequence[int | None]]
    prediction_key: str
    rows: int
    cases: Sequence[Case]
    evaluated: Evaluated
    model_bytes: int
    has_raw_signature: bool = True


def bounded(
    name: str,
    title: str,
    value: float,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    unit: str,
    words: str = "",
) -> Check:
    """A check that compares one number with one bound."""
    kept = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    return Check(
        name,
        title,
        "passed" if kept else "failed",
        value,
        at_most if at_least is None else at_least,
        unit,
        words,
        direction="at most" if at_least is None else "at least",
    )


def unanswered(name: str, title: str, step: Step) -> Check:
    """What a check says whose step gave no result."""
    if step.state == "not reached":
        return Check(name, title, "not reached", words=step.words)
    return Check(name, title, "failed", words=step.words)
