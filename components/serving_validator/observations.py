"""What the serving process did, step by step."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

State = Literal["done", "error", "crashed", "hung", "memory", "not reached"]
CASE = "case:"

_NOT_REACHED = "the process had ended before"


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of the replay.

    Attributes:
      state: How it ended; ``error`` is an answer that a client would get as an error.
      seconds: How long it took, where it ended by itself.
      result: What it gave, where it is done.
      error: The kind of the error.
      words: What happened, where it is not done.
    """

    state: State
    seconds: float | None = None
    result: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    error: str = ""
    words: str = ""

    @property
    def done(self) -> bool:
        """Whether it gave what it was asked for."""
        return self.state == "done"


@dataclasses.dataclass(frozen=True)
class Observations:
    """All steps of a replay.

    Attributes:
      steps: By name.
      peak_bytes: The most memory that the process held.
      import_seconds: What importing TensorFlow took, which is not the model's doing.
    """

    steps: Mapping[str, Step]
    peak_bytes: int = 0
    import_seconds: float = 0.0

    def step(self, name: str) -> Step:
        """A step; one that never began is not reached."""
        return self.steps.get(name) or Step("not reached", words=_NOT_REACHED)

    def output(self, step: str, name: str) -> Mapping[str, Any]:
        """What a step's summary says of one output; empty where there is nothing."""
        found: Mapping[str, Any] = self.step(step).result.get(name, {})
        return found
