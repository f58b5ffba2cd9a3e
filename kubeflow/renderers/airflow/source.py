"""Python source out of plain data: values become literals, never pieces of code.

The text that a configuration holds can so end in a file of Python only as a string.
"""

from __future__ import annotations

import dataclasses
import keyword
from collections.abc import Iterable, Mapping
from typing import Any

LINE = 100


@dataclasses.dataclass(frozen=True)
class Name:
    """A name that the file defines or imports, such as ``CONFIGURATION``."""

    text: str

    def __post_init__(self) -> None:
        parts = self.text.split(".")
        if not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
            raise ValueError(f"not a name: {self.text!r}")


@dataclasses.dataclass(frozen=True)
class Call:
    """A call such as ``Param(600, type="integer")``.

    Attributes:
      function: What is called.
      positional: Arguments by position.
      named: Arguments by name.
    """

    function: str
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (self.function, *self.named):
            Name(name)


def source(value: Any, indent: int = 0, used: int = 0) -> str:
    """A value as Python source, broken into lines where it is long.

    Args:
      value: Text, a number, a truth value, None, a list, a dictionary, a `Name` or a
        `Call`, nested at will.
      indent: Where the line begins that the value stands in.
      used: Characters that the line holds before and after it.

    Raises:
      TypeError: If the value is anything else.
    """
    if isinstance(value, Name):
        return value.text
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    opening, items, closing = _parts(value)
    if not items:
        return opening + closing
    flat = [prefix + source(item, 0, 0) for prefix, item in items]
    line = f"{opening}{', '.join(flat)}{closing}"
    if "\n" not in line and indent + used + len(line) <= LINE:
        return line
    inner = indent + 4
    lines = [
        f"{' ' * inner}{prefix}{source(item, inner, len(prefix) + 1)},\n" for prefix, item in items
    ]
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def string(text: str) -> str:
    """A text as a literal in double quotes, unless it holds some itself."""
    written = repr(text)
    if written[0] == "'" and '"' not in written:
        return f'"{written[1:-1]}"'
    return written


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The named arguments that are not empty."""
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def _parts(value: Any) -> tuple[str, list[tuple[str, Any]], str]:
    if isinstance(value, Call):
        named = [(f"{name}=", item) for name, item in value.named.items()]
        return f"{value.function}(", [*_unnamed(value.positional), *named], ")"
    if isinstance(value, Mapping):
        return "{", [(f"{string(key)}: ", item) for key, item in value.items()], "}"
    if isinstance(value, list | tuple):
        return "[", _unnamed(value), "]"
    raise TypeError(f"no source for {value!r}")


def _unnamed(items: Iterable[Any]) -> list[tuple[str, Any]]:
    return [("", item) for item in items]
