"""Edits a schema's text in the places that an amendment changes, and nowhere else.

Comments, order and layout of everything else stay as their authors left them.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from tensorflow_metadata.proto.v0 import schema_pb2

from core.errors import InternalError
from schema.rendering import comment, render_field, scalar
from schema.text_tree import Field, parse_tree

Place = tuple[str, str]
"""A feature's or domain's name, and the name of the field in it that changes."""

_INDENT = re.compile(r"[ \t]*")

NEW = "new"
"""Stands for the field's name where the whole feature or domain is new."""


@dataclasses.dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def amended_text(
    text: str, amended: schema_pb2.Schema, remarks: Mapping[Place, Iterable[str]]
) -> str:
    """Writes an amended schema into the text that it came from.

    Args:
      text: The curated schema's text.
      amended: The same schema with features or domains changed or added; everything else
        must be as in the text.
      remarks: Lines of a comment for each change, put above the line that changes.

    Returns:
      A text that is read as `amended`.

    Raises:
      InternalError: If the edited text would say something else.
    """
    before = text_format.Parse(text, schema_pb2.Schema())
    editor = _Editor(text, remarks)
    for kind in ("feature", "string_domain"):
        editor.edit_named(kind, getattr(before, kind), getattr(amended, kind))
    edited = editor.result()
    try:
        correct = text_format.Parse(edited, schema_pb2.Schema()) == amended
    except text_format.ParseError:
        correct = False
    if not correct:
        raise InternalError(
            "the amendment could not be written into the schema's text",
            hint="amend the file by hand",
            code="schema-edit",
        )
    return edited


class _Editor:
    def __init__(self, text: str, remarks: Mapping[Place, Iterable[str]]) -> None:
        self._text = text
        self._tree = parse_tree(text)
        self._remarks = remarks
        self._edits: list[_Edit] = []
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def edit_named(self, kind: str, before: Any, after: Any) -> None:
        """Edits the features or domains, which are known by their names."""
        nodes = dict(zip((item.name for item in before), self._tree.named(kind), strict=True))
        old = {item.name: item for item in before}
        field = schema_pb2.Schema.DESCRIPTOR.fields_by_name[kind]
        for item in after:
            if item.name not in old:
                self._append(kind, field, item)
            elif item != old[item.name]:
                self._edit_item(nodes[item.name], old[item.name], item)

    def result(self) -> str:
        """The text with all edits made."""
        parts, place = [], 0
        for edit in sorted(self._edits, key=lambda edit: edit.start):
            parts += [self._text[place : edit.start], edit.text.replace("\n", self._newline)]
            place = edit.end
        return "".join([*parts, self._text[place:]])

    def _append(self, kind: str, field: FieldDescriptor, item: Any) -> None:
        lines = [comment(line) for line in self._remarks.get((item.name, NEW), ())]
        block = "\n".join([*lines, render_field(field, item)])
        nodes = self._tree.named(kind)
        if nodes:
            place = self._after(nodes[-1].outer_end, len(self._text))
            self._edits.append(_Edit(place, place, f"\n\n{block}"))
        else:
            end = len(self._text)
            gap = "\n" if self._text.endswith("\n") else "\n\n"
            self._edits.append(_Edit(end, end, f"{gap}{block}\n"))

    def _edit_item(self, node: Field, old: Any, new: Any) -> None:
        """Edits one feature or domain and remarks each field that changes."""
        gone, come = [], []
        for field in old.DESCRIPTOR.fields:
            before, after = _value(old, field), _value(new, field)
            if before == after:
                continue
            first = len(self._edits)
            if before is None:
                come.append(field)
                continue
            if after is None:
                gone.append(field)
                continue
            self._change(node, field, before, after)
            self._remark(first, new.name, field.name)
        while gone or come:
            # A value count that takes the place of a shape stands where the shape stood.
            first = len(self._edits)
            removed = gone.pop(0) if gone else None
            added = come.pop(0) if come else None
            text = self._rendered(added, getattr(new, added.name)) if added else ""
            if removed is not None:
                self._replace(node.named(removed.name), text)
            else:
                self._insert(node, text)
            name = added.name if added is not None else removed.name if removed is not None else ""
            self._remark(first, new.name, name)

    def _change(self, node: Field, field: FieldDescriptor, before: Any, after: Any) -> None:
        nodes = node.named(field.name)
        if field.label == FieldDescriptor.LABEL_REPEATED:
            self._change_list(node, field, before, after)
        elif field.message_type is None:
            self._edits.append(_Edit(*nodes[-1].value, scalar(field, after)))
        elif len(nodes) > 1 or any(_is_list(inner) for inner in before.DESCRIPTOR.fields):
            self._replace(nodes, render_field(field, after))
        else:
            self._change_message(nodes[0], before, after)

    def _change_message(self, node: Field, before: Message, after: Message) -> None:
        for field in before.DESCRIPTOR.fields:
            old, new = _value(before, field), _value(after, field)
            if old == new:
                continue
            if old is None:
                self._insert(node, self._rendered(field, new))
            elif new is None:
                self._replace(node.named(field.name), "")
            else:
                self._change(node, field, old, new)

    def _change_list(self, node: Field, field: FieldDescriptor, before: Any, after: Any) -> None:
        nodes = node.named(field.name)
        added = list(after)[len(before) :]
        if list(after)[: len(before)] != list(before):
            self._replace(nodes, self._rendered(field, after))
            return
        last = nodes[-1]
        text = self._rendered(field, added)
        self._insert_after(node, last, text)

    def _rendered(self, field: FieldDescriptor, value: Any) -> str:
        items = list(value) if _is_list(field) else [value]
        return "\n".join(render_field(field, item) for item in items)

    def _insert(self, node: Field, text: str) -> None:
        if node.fields:
            taken = {(edit.start, edit.end) for edit in self._edits}
            kept = [f for f in node.fields if self._lines(f) not in taken] or list(node.fields)
            self._insert_after(node, kept[-1], text)
        else:
            self._edits.append(
                _Edit(node.value[1], node.value[1], " ".join(text.split("\n")) + " ")
            )

    def _insert_after(self, node: Field, last: Field, text: str) -> None:
        """Puts text behind a field, in the layout that the field stands in."""
        lines = text.split("\n")
        if "\n" in self._text[node.value[0] : last.start]:
            indent = self._indent(last.start)
            place = self._after(last.outer_end, node.value[1])
            joined = "".join(f"\n{indent}{line}" for line in lines)
            self._edits.append(_Edit(place, place, joined))
        else:
            place = last.outer_end
            self._edits.append(_Edit(place, place, "".join(f" {line}" for line in lines)))

    def _replace(self, nodes: list[Field], text: str) -> None:
        """Puts text in the place of the first field, and takes the others out."""
        for index, node in enumerate(nodes):
            if index == 0 and text:
                indent = self._indent(node.start)
                joined = f"\n{indent}".join(text.split("\n"))
                self._edits.append(_Edit(node.start, node.outer_end, joined))
            else:
                self._edits.append(_Edit(*self._lines(node), ""))

    def _lines(self, node: Field) -> tuple[int, int]:
        """A field with its whole lines where it stands alone on them, else with the gap before."""
        begin = self._text.rfind("\n", 0, node.start) + 1
        after = self._text.find("\n", node.outer_end)
        after = len(self._text) if after < 0 else after + 1
        rest = self._text[node.outer_end : after].strip()
        if not self._text[begin : node.start].strip() and rest in ("", ",", ";"):
            return begin, after
        start = node.start
        while start and self._text[start - 1] in " \t":
            start -= 1
        return start, node.outer_end

    def _after(self, end: int, limit: int) -> int:
        """Behind a field and the comment on its line."""
        line_end = self._text.find("\n", end)
        line_end = len(self._text) if line_end < 0 else line_end
        if line_end > end and self._text[line_end - 1] == "\r":
            line_end -= 1
        rest = self._text[end:line_end].lstrip()
        return line_end if line_end <= limit and rest[:1] in ("", "#", ",", ";") else end

    def _indent(self, place: int) -> str:
        """The white space at the beginning of the line of a place."""
        begin = self._text.rfind("\n", 0, place) + 1
        found = _INDENT.match(self._text, begin)
        return found.group() if found else ""

    def _remark(self, first: int, name: str, field: str) -> None:
        """Puts the comment on a change above the line where the first of its edits begins."""
        lines = [comment(line) for line in self._remarks.get((name, field), ())]
        if not lines or first == len(self._edits):
            return
        edit = min(self._edits[first:], key=lambda edit: edit.start)
        if edit.text.startswith("\n"):
            # The change is new lines, so the comment is the first of them.
            indent = edit.text[1 : len(edit.text) - len(edit.text.lstrip())]
            above = "".join(f"\n{indent}{line}" for line in lines)
            place = self._edits.index(edit)
            self._edits[place] = _Edit(edit.start, edit.end, above + edit.text)
            return
        begin = self._text.rfind("\n", 0, edit.start) + 1
        indent = self._indent(edit.start)
        above = "".join(f"{indent}{line}\n" for line in lines)
        # Edits of one place keep their order, so that the comment comes first.
        self._edits.insert(first, _Edit(begin, begin, above))


def _is_list(field: FieldDescriptor) -> bool:
    return bool(field.label == FieldDescriptor.LABEL_REPEATED)


def _value(message: Message, field: FieldDescriptor) -> Any:
    """The field's value, None where it is not set."""
    if _is_list(field):
        value = list(getattr(message, field.name))
        return value or None
    return getattr(message, field.name) if message.HasField(field.name) else None
