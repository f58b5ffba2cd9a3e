"""What two schemas say differently, feature by feature."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Literal

from google.protobuf.message import Message
from tensorflow_metadata.proto.v0 import schema_pb2

from schema.description import ASPECTS, Description, describe
from schema.rendering import one_line

SCHEMA = "the schema"
"""Stands for a feature's name where the schema as a whole says something else."""

Kind = Literal["added", "removed", "changed"]


@dataclasses.dataclass(frozen=True)
class Change:
    """One aspect of one feature that is not the same.

    Attributes:
      aspect: Such as ``presence`` or ``domain``, see `schema.description.ASPECTS`.
      before: What the first schema says; empty where it says nothing.
      after: What the second one says.
      added: Values of a domain that only the second one has.
      removed: Values of a domain that only the first one has.
    """

    aspect: str
    before: str
    after: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def describe(self, most: int = 8) -> str:
        """Writes the change as one line.

        Args:
          most: How many values of a domain are written out.
        """
        if self.added or self.removed:
            parts = []
            for word, values in (("added", self.added), ("removed", self.removed)):
                if values:
                    shown = ", ".join(f'"{value}"' for value in values[:most])
                    more = f" and {len(values) - most:,} more" if len(values) > most else ""
                    parts.append(f"{word} {shown}{more}")
            return f"{self.aspect}: {'; '.join(parts)}"
        if self.before == self.after:
            return f"{self.aspect}: in another order"
        before, after = self.before or "not said", self.after or "not said"
        return f"{self.aspect}: {before} \N{RIGHTWARDS ARROW} {after}"


@dataclasses.dataclass(frozen=True)
class FeatureDifference:
    """One feature that is not the same in both schemas.

    Attributes:
      feature: Its name, or `SCHEMA`.
      kind: Whether only the second schema has it, only the first, or both.
      changes: What differs; for a feature that only one has, what that one says.
    """

    feature: str
    kind: Kind
    changes: tuple[Change, ...]


def difference(
    before: schema_pb2.Schema, after: schema_pb2.Schema
) -> tuple[FeatureDifference, ...]:
    """Compares two schemas.

    Order of features, comments and the names of domains do not count.

    Args:
      before: The first schema.
      after: The second schema.

    Returns:
      The features that differ: those of the first in its order, then new ones. Empty
      where both say the same.
    """
    # Environments that only one has are the schema's difference, not each feature's.
    known = tuple(dict.fromkeys((*before.default_environment, *after.default_environment)))
    old = {feature.name: feature for feature in describe(before, known)}
    new = {feature.name: feature for feature in describe(after, known)}
    found = []
    whole = _schema_changes(before, after)
    if whole:
        found.append(FeatureDifference(SCHEMA, "changed", whole))
    for name in (*old, *(name for name in new if name not in old)):
        first, second = old.get(name), new.get(name)
        changes = tuple(_changes(first or Description(name, {}), second or Description(name, {})))
        if first is None or second is None:
            kind: Kind = "added" if first is None else "removed"
            found.append(FeatureDifference(name, kind, changes))
        elif changes:
            found.append(FeatureDifference(name, "changed", changes))
    return tuple(found)


def _changes(old: Description, new: Description) -> Iterable[Change]:
    further = sorted({*old.aspects, *new.aspects} - {*ASPECTS})
    for aspect in (*ASPECTS, *further):
        before, after = old[aspect], new[aspect]
        if aspect != "domain":
            if before != after:
                yield Change(aspect, before, after)
            continue
        added = tuple(value for value in new.values if value not in set(old.values))
        removed = tuple(value for value in old.values if value not in set(new.values))
        if before != after or added or removed:
            yield Change(aspect, before, after, added, removed)


def _schema_changes(before: schema_pb2.Schema, after: schema_pb2.Schema) -> tuple[Change, ...]:
    """What is said of no single feature."""
    told = ("feature", "string_domain", "default_environment")
    pairs = [
        (
            "environments",
            _text(sorted(before.default_environment), ", "),
            _text(sorted(after.default_environment), ", "),
        )
    ]
    names = {field.name for schema in (before, after) for field, _ in schema.ListFields()}
    for name in sorted(names - {*told}):
        words = name.replace("_", " ")
        pairs.append((words, _text(getattr(before, name)), _text(getattr(after, name))))
    return tuple(Change(*pair) for pair in pairs if pair[1] != pair[2])


def _text(value: object, separator: str = " ") -> str:
    if isinstance(value, Message):
        return one_line(value) if value.ListFields() else ""
    if isinstance(value, (str, bytes, bool, int, float)):
        return str(value) if value else ""
    if isinstance(value, Mapping):
        return " ".join(f"{key}: {_text(item)}" for key, item in sorted(value.items()))
    if isinstance(value, Iterable):
        return separator.join(_text(item) for item in value)
    return str(value)
