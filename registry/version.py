"""A model's version: MAJOR.MINOR.PIPELINE."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Change = Literal["major", "minor", "pipeline"]

_TEXT = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class Version(NamedTuple):
    """A version; versions are ordered as their numbers are.

    Attributes:
      major: Counts changes of the schema or the label.
      minor: Counts better models since.
      pipeline: Counts changes of code or configuration since.
    """

    major: int
    minor: int
    pipeline: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.pipeline}"


FIRST = Version(1, 0, 0)


def parse(text: str) -> Version | None:
    """The version that a text is, None where it is none."""
    found = _TEXT.fullmatch(text)
    return Version(*(int(part) for part in found.groups())) if found else None


def following(base: Version, change: Change, known: list[Version]) -> Version:
    """The next free version.

    Args:
      base: The version that the new model follows.
      change: Which number grows.
      known: All versions that were given, those of withdrawn models included.
    """
    if change == "major":
        return Version(max(one.major for one in [base, *known]) + 1, 0, 0)
    same = [one for one in [base, *known] if one.major == base.major]
    if change == "minor":
        return Version(base.major, max(one.minor for one in same) + 1, 0)
    same = [one for one in same if one.minor == base.minor]
    return Version(base.major, base.minor, max(one.pipeline for one in same) + 1)
