"""One broken rule."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Problem:
    """A rule that a package breaks.

    Attributes:
      code: A short, stable name of the rule, such as ``unknown-dependency``.
      where: The part of the package that breaks it, such as ``task trainer``.
      what: What is wrong with it.
    """

    code: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where} {self.what}"


def shortened(text: str) -> str:
    """Text of the package as a message can show it."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
