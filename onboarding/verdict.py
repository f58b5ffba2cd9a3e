"""What the look at one column comes to."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from onboarding.model import Kind


@dataclasses.dataclass(frozen=True)
class Table:
    """What must be known of the table to judge a column.

    Attributes:
      rows: The rows of the whole table.
      sampled: The rows that were looked at.
      columns: How many columns it has.
    """

    rows: int
    sampled: int
    columns: int


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a column is, and the role that it could have.

    Attributes:
      kind: What its values are.
      why: The reason, a phrase.
      role: The feature's role as plain data, without its column; None where it is better
        no feature.
      fallback: The role for somebody who wants it as a feature all the same; None where
        there is none.
      remark: What a person should look at, a sentence; empty for nothing.
      as_text: Whether its numbers have to be read as text for the role.
    """

    kind: Kind
    why: str
    role: Mapping[str, Any] | None = None
    fallback: Mapping[str, Any] | None = None
    remark: str = ""
    as_text: bool = False


def categorical_role(distinct: int, rows: int) -> dict[str, Any]:
    """A categorical role for a number of different values.

    Args:
      distinct: How many there are.
      rows: Rows of the table.
    """
    role: dict[str, Any] = {"role": "categorical"}
    if distinct <= 50:
        return role
    if distinct >= 10_000:
        return {**role, "hash_buckets": 10_000 if distinct < 40_000 else 20_000}
    if distinct > 1_000:
        role["top_k"] = -(-distinct // 1_000) * 1_000
    # A value needs a few rows before its weight is more than chance.
    role["min_count"] = 5 if rows >= 10_000 else 3 if rows >= 1_000 else 2
    return role


def share(part: float, whole: float) -> str:
    """A share in words of numbers: 31%, 0.4%."""
    percent = 100 * part / max(1, whole)
    return f"{percent:.0f}%" if percent >= 1 or percent == 0 else f"{percent:.2g}%"
