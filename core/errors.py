"""The errors a person sees: a code, one headline, the evidence and the next step.

Everything that can go wrong by somebody's doing (a wrong key, a broken file, a
worse model) is raised as one of these. Whoever catches them prints
``headline``, ``evidence`` and ``hint`` and ends with ``exit_code``; nobody sees
a traceback unless they ask for it.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import ClassVar


class MillraceError(Exception):
    """Base of all errors that Millrace explains.

    Args:
      headline: One line that says what is wrong, without a full stop.
      evidence: The facts behind it, a line each (file, row, value, number).
      hint: The next step that is most likely to help.
      code: A short, stable, searchable name such as ``unknown-key``.
      details: Files that tell more, content by name, for whoever keeps them beside the
        error; they stay in this process.
    """

    exit_code: ClassVar[int] = 70
    kind: ClassVar[str] = "internal error"

    def __init__(
        self,
        headline: str,
        *,
        evidence: Iterable[str] = (),
        hint: str = "",
        code: str = "internal",
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(headline)
        self.headline = headline
        self.evidence = tuple(evidence)
        self.hint = hint
        self.code = code
        self.details = dict(details or {})

    def __str__(self) -> str:
        lines = [self.headline, *(f"  {line}" for line in self.evidence)]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)

    def to_json(self) -> str:
        """Writes the error as one line of JSON that `error_from_json` reads back."""
        return json.dumps(
            {
                "kind": type(self).__name__,
                "headline": self.headline,
                "evidence": self.evidence,
                "hint": self.hint,
                "code": self.code,
            }
        )


class UserError(MillraceError):
    """The request or the configuration is wrong; nothing was started."""

    exit_code = 2
    kind = "user error"


class DataError(MillraceError):
    """The data cannot be used; no model was trained on it."""

    exit_code = 3
    kind = "data error"


class ModelError(MillraceError):
    """The model was trained but did not earn its place (not blessed, not safe)."""

    exit_code = 4
    kind = "model not blessed"


class InfrastructureError(MillraceError):
    """Disk, metadata store, network or a process failed; trying again may help."""

    exit_code = 5
    kind = "infrastructure error"


class InternalError(MillraceError):
    """A defect in Millrace or in a library under it."""


_KINDS: dict[str, type[MillraceError]] = {
    kind.__name__: kind
    for kind in (UserError, DataError, ModelError, InfrastructureError, InternalError)
}


def error_from_json(line: str) -> MillraceError:
    """Reads back an error that another process wrote with `MillraceError.to_json`.

    Args:
      line: One line of JSON.

    Raises:
      ValueError: If the line is not such a record.
    """
    record = json.loads(line)
    if not isinstance(record, dict) or "headline" not in record:
        raise ValueError(f"not an error record: {line[:80]!r}")
    kind = _KINDS.get(str(record.get("kind")), InternalError)
    return kind(
        str(record["headline"]),
        evidence=[str(item) for item in record.get("evidence", ())],
        hint=str(record.get("hint", "")),
        code=str(record.get("code", "internal")),
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None where nothing comes close."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None
