"""Rows of sources whose values carry their own types, as tf.Examples know types."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from components.example_gen.formats.arrow_columns import plain
from components.example_gen.formats.rejects import Reject
from components.example_gen.settings import IngestionSettings

if TYPE_CHECKING:
    import pyarrow as pa

# Of a batch as its file stores it, uncompressed.
BATCH_BYTES = 16 * 1024**2
Value = int | float | str | bytes | None


@dataclasses.dataclass(frozen=True)
class TypedBatch:
    """Rows whose values carry their types.

    Attributes:
      columns: An array per column: int64, double, string or null typed.
      file: The file's path.
      lines: Where each row stands in the file, from 1.
      rejects: Rows that are no rows of a table.
      show: Gives a row (from 0) as it stands in the file; its values where it is None.
    """

    columns: dict[str, pa.Array]
    file: str
    lines: Sequence[int]
    rejects: tuple[Reject, ...] = ()
    show: Callable[[int], str] | None = None

    @property
    def typed(self) -> bool:
        """True: 12 in quotes is a text."""
        return True

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self.lines)

    def line(self, row: int) -> int:
        """The number of a row (from 0) in the file, from 1."""
        return self.lines[row]

    def text(self, row: int) -> str:
        """A row (from 0) as text."""
        if self.show is not None:
            return self.show(row)
        return str({name: column[row].as_py() for name, column in self.columns.items()})


@dataclasses.dataclass(frozen=True)
class Row:
    """One row that was taken apart by hand.

    Attributes:
      line: Where it stands in the file, from 1.
      values: Its values by column; a column that is not there is missing.
      text: The row as it stands in the file.
    """

    line: int
    values: Mapping[str, Value]
    text: str


def batches_of_rows(
    file: str,
    rows: Sequence[Row],
    names: Sequence[str] | None,
    settings: IngestionSettings,
    rejects: tuple[Reject, ...] = (),
) -> Iterator[TypedBatch]:
    """Puts rows together; a batch ends where a column turns from numbers to text or back.

    Args:
      file: The file's path.
      rows: The rows, in order.
      names: The columns of each batch; None for those that the rows of a batch have.
      settings: The null markers.
      rejects: Rows that could not be taken apart; they go with the first batch.

    Yields:
      At least one batch, which may be empty.
    """
    start, is_text = 0, dict[str, bool]()
    for place, row in enumerate(rows):
        kinds = {n: isinstance(v, str | bytes) for n, v in row.values.items() if v is not None}
        if any(is_text.get(name, kind) is not kind for name, kind in kinds.items()):
            yield _batch(file, rows[start:place], names, settings, rejects)
            start, is_text, rejects = place, {}, ()
        is_text.update(kinds)
    yield _batch(file, rows[start:], names, settings, rejects)


def _batch(
    file: str,
    rows: Sequence[Row],
    names: Sequence[str] | None,
    settings: IngestionSettings,
    rejects: tuple[Reject, ...],
) -> TypedBatch:
    wanted = names if names is not None else {name: None for row in rows for name in row.values}
    columns = {name: _array([row.values.get(name) for row in rows], settings) for name in wanted}
    lines = [row.line for row in rows]
    return TypedBatch(columns, file, lines, rejects, lambda row: rows[row].text)


def _array(values: list[Value], settings: IngestionSettings) -> pa.Array:
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.nulls(len(values))
    if kinds <= {str, bytes}:
        return plain(pa.array([_encoded(value) for value in values], pa.binary()), settings)
    return pa.array(values, pa.float64() if float in kinds else pa.int64())


def _encoded(value: Value) -> bytes | None:
    assert value is None or isinstance(value, str | bytes)
    return value.encode() if isinstance(value, str) else value
