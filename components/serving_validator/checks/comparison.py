"""Two answers to the same rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from components.serving_validator.trial import Check, State


def compare(
    name: str,
    title: str,
    found: Sequence[float],
    expected: Sequence[float],
    *,
    rows: int,
    tolerance: float,
) -> Check:
    """Compares numbers row by row.

    The difference of a and b is ``|a - b| / max(1, |b|)``: absolute for small numbers,
    relative for large ones. Not-a-number differs from everything but itself.

    Args:
      name: The check's.
      title: The check's.
      found: What the model answered, row by row.
      expected: What it should have answered, row by row.
      rows: How many rows both stand for.
      tolerance: The largest difference that counts as none.
    """
    if len(found) != len(expected) or not found:
        words = f"{len(found)} numbers for {rows} rows, not {len(expected)}"
        return Check(name, title, "failed", unit="", words=words)
    differences = [difference(a, b) for a, b in zip(found, expected, strict=True)]
    largest = max(differences)
    beyond = [place for place, value in enumerate(differences) if value > tolerance]
    each = max(1, len(found) // rows)
    words = f"{rows} rows agree"
    evidence: tuple[str, ...] = ()
    if beyond:
        words = f"{len({place // each for place in beyond})} of {rows} rows differ"
        worst = differences.index(largest)
        evidence = (f"row {worst // each}: {found[worst]:.7g}, not {expected[worst]:.7g}",)
    state: State = "failed" if beyond else "passed"
    return Check(name, title, state, largest, tolerance, "difference", words, evidence)


def difference(a: float, b: float) -> float:
    """How far two answers lie apart; infinity where one of them is not finite."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    return abs(a - b) / max(1.0, abs(b))
