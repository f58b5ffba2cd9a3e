"""The type that a file declares for a column."""

from __future__ import annotations

import dataclasses

from components.example_gen.settings import ColumnType


@dataclasses.dataclass(frozen=True)
class DeclaredType:
    """The type that a file declares for a column.

    Attributes:
      kind: What the column is in a tf.Example; None where it never has a value.
      meaning: What its values are; all files of one table must agree in that.
      declared: The type in the file's own words.
    """

    kind: ColumnType | None
    meaning: str
    declared: str
