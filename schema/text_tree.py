"""Where each field of a protobuf text stands, so that single places can be edited.

Protobuf's own parser gives the message and forgets the text: comments, order, layout.
This one keeps only places. It is for texts that protobuf's parser has accepted.

Format: https://protobuf.dev/reference/protobuf/textformat-spec/
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from core.errors import InternalError

_SKIPPED = re.compile(r"(?:\s+|#[^\n]*)*")
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<sign>[{}<>\[\],;:])|(?P<word>[^\s{}<>\[\],;:"'#]+)"""
)
_CLOSING = {"{": "}", "<": ">", "[": "]"}


@dataclasses.dataclass(frozen=True)
class Field:
    """One field in a text; offsets count characters from 0, ends are exclusive.

    Attributes:
      name: The field's name.
      start: Where it begins (in a list, where its element begins).
      end: Where it ends, without a separator after it.
      outer_end: Where the list ends in which it stands; else `end`.
      value: Begin and end of a scalar's value, or of what is between the braces.
      fields: The fields of a message; None for a scalar.
    """

    name: str
    start: int
    end: int
    outer_end: int
    value: tuple[int, int]
    fields: tuple[Field, ...] | None = None

    def named(self, name: str) -> list[Field]:
        """The fields of that name, in their order."""
        return [field for field in self.fields or () if field.name == name]


def parse_tree(text: str) -> Field:
    """Finds all fields of a text.

    Args:
      text: A protobuf text that protobuf's parser accepts.

    Returns:
      The whole text as a message without a name.

    Raises:
      InternalError: If the text is not one.
    """
    reader = _Reader(text)
    fields = tuple(reader.fields(""))
    return Field("", 0, len(text), len(text), (0, len(text)), fields)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        # The token at hand: its text and place; empty at the end.
        self.token, self.start, self.end = "", 0, 0
        self._is_string = False
        self._next()

    def _next(self) -> None:
        skipped = _SKIPPED.match(self._text, self._offset)
        assert skipped is not None
        place = skipped.end()
        if place == len(self._text):
            self.token, self.start, self.end, self._is_string = "", place, place, False
            return
        found = _TOKEN.match(self._text, place)
        if found is None:
            raise self._unexpected(place)
        self.token, self.start, self.end = found.group(), place, found.end()
        self._is_string = found.lastgroup == "string"
        self._offset = found.end()

    def _unexpected(self, place: int) -> InternalError:
        line = self._text.count("\n", 0, place) + 1
        return InternalError(
            "a protobuf text is not understood",
            evidence=[f"line {line}: {self._text[place : place + 30]!r}"],
            code="protobuf-text",
        )

    def fields(self, closing: str) -> Iterator[Field]:
        """The fields up to `closing`, which is left at hand."""
        while self.token != closing:
            if not self.token:
                raise self._unexpected(self.start)
            yield from self._field()
            while self.token in (",", ";") and not self._is_string:
                self._next()

    def _field(self) -> list[Field]:
        start, name = self.start, self.token
        if self.token == "[":  # An extension's or an Any's name.
            self._skip_brackets()
            name = self._text[start : self.end]
        self._next()
        if self.token == ":":
            self._next()
        if self.token == "[":
            return self._list(name, start)
        return [self._value(name, start)]

    def _skip_brackets(self) -> None:
        while self.token != "]":
            if not self.token:
                raise self._unexpected(self.start)
            self._next()

    def _list(self, name: str, start: int) -> list[Field]:
        opened = self.start
        self._next()
        elements: list[Field] = []
        while self.token != "]":
            if self.token == ",":
                self._next()
                continue
            elements.append(self._value(name, self.start))
        end = self.end
        self._next()
        if elements and elements[0].fields is not None:
            return [dataclasses.replace(element, outer_end=end) for element in elements]
        # A list of scalars is edited as a whole.
        return [Field(name, start, end, end, (opened, end))]

    def _value(self, name: str, start: int) -> Field:
        if self.token in ("{", "<") and not self._is_string:
            closing = _CLOSING[self.token]
            inside = self.end
            self._next()
            fields = tuple(self.fields(closing))
            value, end = (inside, self.start), self.end
            self._next()
            return Field(name, start, end, end, value, fields)
        if not self.token:
            raise self._unexpected(self.start)
        begin, end, is_string = self.start, self.end, self._is_string
        lone_sign = self.token == "-"
        self._next()
        # Strings that follow one another are one; a sign may stand apart from its number.
        while (is_string and self._is_string) or lone_sign:
            end, lone_sign = self.end, False
            self._next()
        return Field(name, start, end, end, (begin, end))
