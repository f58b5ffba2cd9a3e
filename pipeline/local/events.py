"""What happens in a run, as a stream that displays and files listen to."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Literal, Protocol

from metadata.run_file import RunRecord, utc_now

EventKind = Literal[
    "run_started",
    "prepared",
    "node_started",
    "node_progress",
    "node_ended",
    "store_not_released",
    "run_ended",
    "cleaned",
]


@dataclasses.dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
      kind: What happened.
      node: The node it happened to, if it was one.
      content: Its facts, plain values.
      at: ISO 8601 UTC time.
    """

    kind: EventKind
    node: str = ""
    content: dict[str, Any] = dataclasses.field(default_factory=dict)
    at: str = dataclasses.field(default_factory=utc_now)

    def to_json(self) -> str:
        """The event as one line."""
        record: dict[str, Any] = {"event": self.kind, "at": self.at}
        if self.node:
            record["node"] = self.node
        return json.dumps({**record, **self.content})


class Display(Protocol):
    """Whoever shows a run while it goes on."""

    def show(self, event: Event, record: RunRecord) -> None:
        """Takes one event and the run's account as it is after it."""

    def tick(self, record: RunRecord) -> None:
        """Called a few times a second while nothing happens."""

    def close(self) -> None:
        """Called where the run goes on and nobody looks any more."""
