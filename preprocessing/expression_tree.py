"""The tree of a label expression."""

from __future__ import annotations

import dataclasses
from typing import Literal

Kind = Literal["number", "boolean", "text", "any"]


@dataclasses.dataclass(frozen=True)
class Column:
    """A column's value; its type is known only when there is data."""

    name: str
    offset: int
    kind: Kind = "any"


@dataclasses.dataclass(frozen=True)
class Constant:
    """A number or a text."""

    value: int | float | str
    offset: int

    @property
    def kind(self) -> Kind:
        return "text" if isinstance(self.value, str) else "number"


@dataclasses.dataclass(frozen=True)
class Operation:
    """An operator or a function over operands.

    Attributes:
      name: ``+ - * / negate``, ``< <= > >= == !=``, ``and or not``, ``in``, or a
        function's name.
      operands: The operands; those of ``in`` after the first are constants.
      offset: Where it stands in the text, in characters.
      kind: What comes out.
    """

    name: str
    operands: tuple[Node, ...]
    offset: int
    kind: Kind


Node = Column | Constant | Operation
