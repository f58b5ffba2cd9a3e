"""The records that pass between the steps of a proposal.

A sample of the table becomes facts of each column, the facts become decisions, the
decisions a proposal. Every value that somebody might doubt carries its reason, which
stands as a comment in the configuration that is written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

    from components.example_gen.settings import ColumnType, IngestionSettings
    from preprocessing.label import Task

Kind = Literal[
    "numeric",
    "categorical",
    "boolean",
    "timestamp",
    "text",
    "bytes",
    "latitude",
    "longitude",
    "identifier",
    "near_unique",
    "constant",
    "empty",
]
"""What the values of a column are, whatever is done with it."""

Use = Literal["feature", "label", "key", "time", "dropped"]
"""What becomes of a column."""


@dataclasses.dataclass(frozen=True)
class Request:
    """What a person asked for.

    Attributes:
      data: A file, a folder or a glob pattern.
      label: A column or an expression over columns.
      name: The pipeline's name; None for one made from the path.
      task: The task; None for what the label tells.
      key: The column whose equal values stay in one split.
      time: The column to split by time.
      column_names: The columns of a CSV without a header line.
      keep: Columns that are to be features whatever was found.
      drop: Columns that are not to be features.
      most_rows: Most rows to look at.
    """

    data: str
    label: str
    name: str | None = None
    task: Task | None = None
    key: str | None = None
    time: str | None = None
    column_names: tuple[str, ...] | None = None
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    most_rows: int = 100_000


@dataclasses.dataclass(frozen=True)
class Choice:
    """A value of the configuration, as plain JSON data, and why it was chosen."""

    value: Any
    why: str = ""


@dataclasses.dataclass(frozen=True)
class SampledTable:
    """Rows of the table, read as a run would read them.

    Attributes:
      path: What was read: a file, a folder or a pattern.
      files: How many files.
      rows: How many rows the table has.
      table: The sampled rows; columns int64, float32/float64 or string, null where missing.
      types: The type of each column over the whole table; None where it has no value.
      settings: How the files are read; what differs from the defaults was detected.
      why: Reasons by setting (`delimiter`, `null_markers`, …) for what was detected.
      remarks: What a person should look at, a sentence each.
      codes: Columns of digits that are text for their leading zeros.
    """

    path: str
    files: int
    rows: int
    table: pa.Table
    types: Mapping[str, ColumnType | None]
    settings: IngestionSettings
    why: Mapping[str, str]
    remarks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class ColumnFacts:
    """What was counted of one column, in the sampled rows.

    Attributes:
      name: The column.
      type: Its type over the whole table; None where it has no value.
      rows: The sampled rows.
      missing: Rows without a value.
      distinct: Different values.
      common: The most frequent values as text, with their counts, at most ten.
      lowest: The smallest number, None for text.
      highest: The largest number, None for text.
    """

    name: str
    type: ColumnType | None
    rows: int
    missing: int
    distinct: int
    common: tuple[tuple[str, int], ...]
    lowest: float | None = None
    highest: float | None = None

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing


@dataclasses.dataclass(frozen=True)
class ColumnDecision:
    """What a column is, and what becomes of it.

    Attributes:
      facts: What was counted.
      kind: What its values are.
      use: What becomes of it.
      why: The reason, a phrase without a full stop.
      feature: The feature that it became a part of, None where it is none.
    """

    facts: ColumnFacts
    kind: Kind
    use: Use
    why: str
    feature: str | None = None


@dataclasses.dataclass(frozen=True)
class LabelFacts:
    """What the label is like, in the sampled rows.

    Attributes:
      expression: Its text.
      columns: The columns that it reads.
      missing: Rows without a label.
      classes: Class names with their counts, most frequent first; none for a regression.
      mean: Of a regression's label, else None.
      deviation: Of a regression's label, else None.
    """

    expression: str
    columns: tuple[str, ...]
    missing: int
    classes: tuple[tuple[str, int], ...] = ()
    mean: float | None = None
    deviation: float | None = None


@dataclasses.dataclass(frozen=True)
class Proposal:
    """A whole configuration, and why it is as it is.

    Attributes:
      name: The pipeline's name.
      sample: The table.
      label: The label's facts.
      task: The task, with the reason.
      classes: The classes' names in order where they must be configured, else None.
      columns: A decision for every column, in the table's order.
      features: Feature name to its role as plain data (a bare role name or a mapping).
      sections: The other sections (`data`, `gate`, `trainer`, `evaluation`, …): each a
        mapping of keys, dotted where they lie deeper, to choices.
      remarks: What a person should look at, a sentence each.
    """

    name: str
    sample: SampledTable
    label: LabelFacts
    task: Choice
    classes: Choice | None
    columns: tuple[ColumnDecision, ...]
    features: Mapping[str, Choice]
    sections: Mapping[str, Mapping[str, Choice]]
    remarks: tuple[str, ...] = ()
