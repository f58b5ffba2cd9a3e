"""One entry of the quarantine: which data, why, and what became of them since."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Literal

Status = Literal["quarantined", "released", "discarded"]
# What a person decides; the gate only refuses.
Decision = Literal["released", "discarded"]
Action = Literal["refused", "released", "discarded"]

# No run takes data whose entry has one of these.
BLOCKING: tuple[Status, ...] = ("quarantined", "discarded")
_ID_DIGITS = 12


@dataclasses.dataclass(frozen=True)
class DataIdentity:
    """What tells data of one pipeline from all others.

    A fingerprint alone does not: two spans may hold the same, or be told by sizes and times
    only.

    Attributes:
      pipeline: The pipeline whose gate judges them; another one may have another schema.
      input_base: The folder or address of the files.
      patterns: The pattern of each input split below `input_base`, by the split's name,
        span and version filled in.
      span: The span number; 0 where the patterns have no place for one.
      version: The version within the span, None where the patterns have no place for one.
      fingerprint: The driver's fingerprint of the files.
    """

    pipeline: str
    input_base: str
    patterns: Mapping[str, str]
    span: int
    version: int | None
    fingerprint: str

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits, the same wherever the data are met again."""
        parts = [
            self.pipeline,
            self.input_base.rstrip("/"),
            sorted(self.patterns.items()),
            self.span,
            self.version,
            self.fingerprint,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_ID_DIGITS]

    @property
    def words(self) -> str:
        """The data in a few words, such as ``span 8, version 2``."""
        if self.version is not None:
            return f"span {self.span}, version {self.version}"
        if self.span:
            return f"span {self.span}"
        return ", ".join(self.places)

    @property
    def places(self) -> tuple[str, ...]:
        """Where the files are, a pattern for each split."""
        if not self.input_base:
            return tuple(self.patterns.values())  # Queries, or tables of a database.
        base = self.input_base.rstrip("/")
        return tuple(f"{base}/{pattern}" for pattern in self.patterns.values())


@dataclasses.dataclass(frozen=True)
class Change:
    """Something that happened to an entry.

    Attributes:
      action: What.
      who: Who did it: a person, or the gate.
      when: ISO 8601 time, UTC.
      why: The reason in that one's words.
      run_id: The run that it happened in; empty where it was no run's doing.
    """

    action: Action
    who: str
    when: str
    why: str = ""
    run_id: str = ""


@dataclasses.dataclass(frozen=True)
class Entry:
    """Data that a gate refused.

    Attributes:
      data: Which data.
      rows: Rows by split, as they were ingested.
      reason: The refusal's headline.
      evidence: The facts behind it.
      code: The refusal's code, which starts with ``data-``.
      report: The folder of the report's files; empty where they could not be written.
      status: Whether the data are skipped.
      history: All that happened, oldest first.
    """

    data: DataIdentity
    rows: Mapping[str, int]
    reason: str
    evidence: tuple[str, ...] = ()
    code: str = ""
    report: str = ""
    status: Status = "quarantined"
    history: tuple[Change, ...] = ()

    @property
    def id(self) -> str:
        """The id that people type."""
        return self.data.id

    @property
    def is_blocking(self) -> bool:
        """Whether runs skip these data.

        Data without a fingerprint (of a query, say) cannot be known again once they are
        corrected: they are recorded and not skipped.
        """
        return self.status in BLOCKING and bool(self.data.fingerprint)

    @property
    def last(self) -> Change | None:
        """The newest change."""
        return self.history[-1] if self.history else None

    def was_refused_in(self, run_id: str) -> bool:
        """Whether the gate of that run refused these data."""
        return any(c.action == "refused" and c.run_id == run_id for c in self.history)
