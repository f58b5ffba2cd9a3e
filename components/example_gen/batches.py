"""Any source file as batches of typed columns, whatever its format."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from components.example_gen.conversion import convert
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.reader import RawBatch, reader_of, refusing_damage
from components.example_gen.formats.rejects import Reject, shortened
from components.example_gen.number_format import NumberFormat, configured_format
from components.example_gen.records.encoding import Column
from components.example_gen.settings import (
    ColumnType,
    IngestionSettings,
    SplitMethod,
)
from components.example_gen.splitting import time_values
from components.example_gen.type_inference import fits

# The encoded rows that are held at once, in bytes; wide rows come in smaller batches.
_ENCODED_BYTES = 64 * 1024**2
# What a map entry of a tf.Example needs beside its name and a text.
_ENTRY_BYTES = 24


@dataclasses.dataclass(frozen=True)
class TypedRows:
    """Rows ready to be encoded.

    Attributes:
      columns: Feature names and their values.
      times: int64 or float64, a row's place in time; only where rows are split by time.
      rejects: Rows that could not be read, not among the columns' rows.
      file: Names their file wherever the data lie (`SourceFile.place`).
      numbers: int64, a row's place in the file, from 0; only where rows are split by it.
    """

    columns: dict[str, Column]
    times: np.ndarray | None
    rejects: tuple[Reject, ...]
    file: str = ""
    numbers: np.ndarray | None = None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def parts(self, batch_rows: int) -> Iterator[TypedRows]:
        """The same rows in parts whose encoded form stays small."""
        count = len(self)
        names = sum(len(name) + _ENTRY_BYTES for name in self.columns)
        texts = sum(column.text_bytes() for column in self.columns.values())
        rows = max(1, min(batch_rows, _ENCODED_BYTES // (names + texts // max(1, count))))
        for start in range(0, count, rows):
            columns = {name: c.slice(start, rows) for name, c in self.columns.items()}
            times = None if self.times is None else self.times[start : start + rows]
            numbers = None if self.numbers is None else self.numbers[start : start + rows]
            yield TypedRows(columns, times, (), self.file, numbers)


def read_typed(
    source: SourceFile, types: Mapping[str, ColumnType | None], settings: IngestionSettings
) -> Generator[TypedRows, None, None]:
    """Reads one file in batches that are ready to be encoded.

    Args:
      source: The file.
      types: Each column's type; None where all values are missing.
      settings: How the data is read and split.

    Raises:
      DataError: If the file cannot be read.
    """
    first = 0
    for raw in read_batches(source, list(types), settings):
        rows = convert_rows(raw, types, settings, first=first)
        first += raw.num_rows
        yield dataclasses.replace(rows, file=source.place)


def read_batches(
    source: SourceFile,
    names: Sequence[str] | None,
    settings: IngestionSettings,
    only: Sequence[str] | None = None,
) -> Generator[RawBatch, None, None]:
    """Reads one file in batches.

    Args:
      source: The file.
      names: The columns of the data; None where only its rows tell them.
      settings: How the data is read.
      only: The columns to return; None for all.

    Raises:
      DataError: If the file cannot be read.
    """
    with refusing_damage(source):
        yield from reader_of(source).read(source, names, settings, only=only)


def convert_rows(
    raw: RawBatch,
    types: Mapping[str, ColumnType | None],
    settings: IngestionSettings,
    *,
    first: int = 0,
) -> TypedRows:
    """Gives rows their types; those with a value that does not fit become rejects.

    Args:
      raw: The rows.
      types: Each column's type; None where all values are missing.
      settings: Which types are fixed, and what rows are split by.
      first: The place of the first row in its file.
    """
    columns: dict[str, Column] = {}
    bad: dict[int, Reject] = {}
    number_format = number_format_of(raw, settings)
    for name, kind in types.items():
        fixed = name in settings.columns
        values = raw.columns[name]
        strangers = values_of_another_kind(raw, name, kind) if not fixed else None
        if strangers is not None:
            values = pa.nulls(raw.num_rows)
        columns[name], mask = convert(values, kind, fixed=fixed, number_format=number_format)
        mask = strangers if strangers is not None else mask
        if mask is not None:
            add_misfits(bad, raw, name, kind, mask, fixed=fixed)
    times = None
    if settings.split.method is SplitMethod.TIME:
        times = _times(raw, types, settings, bad)
    numbers = None
    if settings.split.method is SplitMethod.ROW:
        numbers = np.arange(first, first + raw.num_rows)
    rejects = (*raw.rejects, *(bad[row] for row in sorted(bad)))
    if not bad:
        return TypedRows(columns, times, rejects, numbers=numbers)
    good = np.ones(raw.num_rows, bool)
    good[list(bad)] = False
    mask = pa.array(good)
    columns = {name: column.filter(mask) for name, column in columns.items()}
    times = None if times is None else times[good]
    numbers = None if numbers is None else numbers[good]
    return TypedRows(columns, times, rejects, numbers=numbers)


def number_format_of(raw: RawBatch, settings: IngestionSettings) -> NumberFormat | None:
    """How numbers in texts are written; None where values carry their types."""
    return None if raw.typed else configured_format(settings)


def values_of_another_kind(raw: RawBatch, name: str, kind: ColumnType | None) -> np.ndarray | None:
    """Where a typed batch has texts in a column of numbers, or numbers in one of texts.

    Args:
      raw: The rows.
      name: The column.
      kind: Its type; None where it is not known yet.

    Returns:
      A boolean mask of the rows; None where there is none.
    """
    values = raw.columns[name]
    if not raw.typed or fits(kind, values):
        return None
    return np.asarray(values.is_valid())


def add_misfits(
    bad: dict[int, Reject],
    raw: RawBatch,
    name: str,
    kind: ColumnType | None,
    mask: np.ndarray,
    *,
    fixed: bool,
) -> None:
    """Makes rejects of the rows whose value in one column is not of its type.

    Args:
      bad: Where the rejects go, by row (from 0); a row already there stays as it is.
      raw: The rows.
      name: The column.
      kind: Its type.
      mask: The rows whose value does not fit.
      fixed: Whether the configuration fixed the type.
    """
    wanted = {ColumnType.INTEGER: "a whole number", ColumnType.FLOAT: "a number"}
    for row in np.flatnonzero(mask).tolist():
        if row in bad:
            continue
        value = shortened(str(raw.columns[name][row].as_py()), 60)
        if fixed:
            what = wanted.get(kind, "a text") if kind is not None else "a text"
            reason, code = f"{value!r} is not {what}", "not-the-fixed-type"
        elif kind is ColumnType.TEXT:
            reason, code = f"{value} is a number among texts", "type-change"
        else:
            reason, code = f"{value!r} is text among numbers", "type-change"
        bad[row] = Reject(raw.file, raw.line(row), name, reason, raw.text(row), code)


def _times(
    raw: RawBatch,
    types: Mapping[str, ColumnType | None],
    settings: IngestionSettings,
    bad: dict[int, Reject],
) -> np.ndarray:
    name = settings.split.time_column
    assert name is not None
    # Doubles here: float32 would blur seconds since 1970 by two minutes.
    column, _ = convert(
        raw.columns[name],
        types[name],
        fixed=name in settings.columns,
        narrow=False,
        number_format=number_format_of(raw, settings),
    )
    pattern = settings.split.time_format
    times, missing = time_values(column, pattern)
    wanted = "no ISO 8601 time" if pattern is None else f"not of `time_format` {pattern!r}"
    for row in np.flatnonzero(missing).tolist():
        if row not in bad:
            value = raw.columns[name][row].as_py()
            reason = "no time to split by" if value is None else f"{value!r} is {wanted}"
            bad[row] = Reject(raw.file, raw.line(row), name, reason, raw.text(row), "no-time")
    return times
