"""YAML in which every value may carry its reason as a comment, as a person would write it.

PyYAML writes no comments. Here a document is a tree of lines: keys with values that fit on
a line, keys with further lines below them, and remarks that stand alone. Comments of
neighbouring lines are aligned; one that finds no room stands above its line, wrapped.
"""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WIDTH = 100
# Comments begin at this column at the latest, so that one long line moves no others.
_LAST_COLUMN = 54
_FEWEST_WORDS = 24
# A mapping that does not fit on a line is folded where it has more keys, else written out.
_MOST_LINES = 12


@dataclasses.dataclass(frozen=True)
class Entry:
    """A key and its value.

    Attributes:
      key: The key.
      value: Plain JSON data; not looked at where there are entries below.
      why: The comment; "" for none.
      below: What stands below the key.
    """

    key: str
    value: Any = None
    why: str = ""
    below: tuple[Line, ...] = ()


@dataclasses.dataclass(frozen=True)
class Remark:
    """A comment of its own, wrapped; "" for an empty line.

    Attributes:
      text: The words.
      lines: Lines that stand as they are, their spaces included, in the place of words.
    """

    text: str = ""
    lines: tuple[str, ...] = ()


Line = Entry | Remark


def write_yaml(lines: Iterable[Line]) -> str:
    """Writes a document.

    Args:
      lines: What it says, from the top.

    Returns:
      YAML that is read back as the values of the entries.
    """
    return "\n".join(_rendered(list(lines), 0)) + "\n"


def scalar(value: Any) -> str:
    """A scalar on one line, quoted where YAML would read it as something else.

    Args:
      value: A text, number, boolean or None.
    """
    import yaml

    style = '"' if isinstance(value, str) and not value.isprintable() else None
    text: str = yaml.safe_dump(
        [value], default_flow_style=True, default_style=style, width=math.inf, allow_unicode=True
    )
    # In brackets, so that commas and brackets are quoted wherever the text comes to stand.
    return text.strip()[1:-1]


def flow(value: Any) -> str:
    """A value on one line.

    Args:
      value: Plain JSON data.
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(_flow_items(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow_items(value)) + "]"
    return scalar(value)


def comment(text: str, indent: str = "") -> list[str]:
    """A comment, wrapped; nothing in the text can end it.

    Args:
      text: The words.
      indent: What stands before each line.
    """
    wrapped = textwrap.wrap(
        plain_words(text), max(_FEWEST_WORDS, WIDTH - len(indent) - 2), break_long_words=False
    )
    return [f"{indent}# {line}" for line in wrapped]


def plain_words(text: str) -> str:
    """Words on one line, without what YAML cannot read even in a comment."""
    return _readable(" ".join(text.split()))


def _readable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _flow_items(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{scalar(str(key))}: {flow(item)}" for key, item in value.items()]
    return [flow(item) for item in value]


def _rendered(lines: Sequence[Line], depth: int) -> list[str]:
    indent = "  " * depth
    column = _comment_column(lines, indent)
    rendered: list[str] = []
    for line in lines:
        if isinstance(line, Remark):
            rendered += [f"{indent}# {text}".rstrip() for text in map(_readable, line.lines)]
            rendered += comment(line.text, indent) if line.text or line.lines else [""]
        else:
            rendered += _entry(line, depth, column)
    return rendered


def _entry(entry: Entry, depth: int, column: int) -> list[str]:
    indent = "  " * depth
    text, further = _opened(entry, depth)
    why = plain_words(entry.why)
    start = max(column, len(text) + 2)
    if not why:
        return [text, *further]
    if start + 2 + len(why) <= WIDTH:
        return [f"{text.ljust(start)}# {why}", *further]
    return [*comment(why, indent), text, *further]


def _value(value: Any) -> str:
    """A value behind its key; a text needs fewer quotes there than in brackets."""
    import yaml

    if not isinstance(value, str) or not value.isprintable():
        return flow(value)
    text: str = yaml.safe_dump(value, width=math.inf, allow_unicode=True)
    return text.removesuffix("...\n").strip()


def _opened(entry: Entry, depth: int) -> tuple[str, list[str]]:
    """The line of a key, and the lines below it."""
    indent = "  " * depth
    head = f"{indent}{scalar(entry.key)}:"
    if entry.below:
        return head, _rendered(entry.below, depth + 1)
    value = entry.value
    text = head if value is None else f"{head} {_value(value)}"
    if len(text) <= WIDTH or not value or not isinstance(value, (Mapping, list, tuple)):
        return text, []
    if isinstance(value, Mapping) and len(value) <= _MOST_LINES:
        return head, _rendered([Entry(str(key), item) for key, item in value.items()], depth + 1)
    return head, _wrapped_flow(value, indent + "  ")


def _wrapped_flow(value: Any, indent: str) -> list[str]:
    """A mapping or a list in its brackets, over several lines."""
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    lines = [indent + opening]
    for place, item in enumerate(_flow_items(value)):
        text = item + ("," if place < len(value) - 1 else closing)
        if len(lines[-1]) + 1 + len(text) > WIDTH and lines[-1].strip() != opening:
            lines.append(f"{indent} {text}")
        else:
            lines[-1] += text if lines[-1].endswith(opening) else f" {text}"
    return lines


def _comment_column(lines: Iterable[Line], indent: str) -> int:
    widths = [
        len(_opened(line, len(indent) // 2)[0])
        for line in lines
        if isinstance(line, Entry) and line.why
    ]
    return max((width + 2 for width in widths if width + 2 <= _LAST_COLUMN), default=0)
