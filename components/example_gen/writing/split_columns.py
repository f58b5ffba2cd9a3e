"""The columns that decide a row's split: whether they can, and the times of all rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from components.example_gen.batches import convert_rows, read_batches
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.reader import RawBatch
from components.example_gen.formats.rejects import Reject, RejectTally, shortened
from components.example_gen.settings import (
    ColumnType,
    IngestionSettings,
    SplitMethod,
    SplitSettings,
)
from core.errors import DataError, UserError
from preprocessing import time_format

_SHOWN = 5
# Tried in this order to suggest one; the first that reads all shown values.
_COMMON_FORMATS = tuple(
    day + clock
    for day in ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d %b %Y", "%Y%m%d")
    for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)


def check_split_column(
    types: Mapping[str, ColumnType | None], settings: IngestionSettings, path: str
) -> None:
    """Refuses to split by a column that cannot decide a split.

    Raises:
      UserError: If no column is left to hash.
      DataError: If the key is a float, the key or time column is empty, or a column of
        numbers is to be read with `time_format`.
    """
    if settings.split.method is SplitMethod.HASH and settings.split.key is None:
        hashed_columns(settings.split, types)
    for key in ("key", "time_column"):
        name = getattr(settings.split, key)
        if name is None:
            continue
        hint = f"choose another column for `split.{key}`"
        kind = types[name]
        if kind is None:
            reason = "has no value at all"
        elif key == "key" and kind is ColumnType.FLOAT:
            reason = "holds floats, whose equality cannot be relied on to split by"
        elif key == "time_column" and settings.split.time_format and kind is not ColumnType.TEXT:
            reason = "holds numbers, and `split.time_format` is for texts"
            hint = f"leave `time_format` out, or fix the type: `columns: {{{name}: text}}`"
        else:
            continue
        raise DataError(
            f"cannot split by {name!r}: it {reason}",
            evidence=[f"{path}, column {name!r}"],
            hint=hint,
            code="bad-split-column",
        )


def hashed_columns(split: SplitSettings, names: Iterable[str]) -> list[str]:
    """The columns whose values decide a row's split, where they are hashed and there is no key.

    A column of `columns` that the data lack is passed over here: what the features need and
    the data do not have is for the gate to refuse.

    Args:
      split: How rows are split.
      names: The columns of the data.

    Raises:
      UserError: If none is left.
    """
    chosen = split.columns
    if split.method is not SplitMethod.HASH or chosen is None:
        found = [name for name in names if name not in split.without]
    else:
        found = [name for name in names if name in chosen]
    if not found:
        raise UserError(
            "no column is left to split by: the data hold the label's columns and no others",
            hint="set `split.method` to row, which splits by the number of the row",
            code="nothing-to-split-by",
        )
    return found


def good_times(
    files: Sequence[SourceFile],
    types: Mapping[str, ColumnType | None],
    settings: IngestionSettings,
    tally: RejectTally,
) -> Iterator[np.ndarray]:
    """The times of all good rows; rows without a time are counted as rejects.

    Args:
      files: The files.
      types: Each column's type.
      settings: Which column holds the time, and how it is written.
      tally: Counts the rows without a time.

    Yields:
      int64 or float64, a time a row.

    Raises:
      DataError: If the first rows with a value hold no time at all, or more rows than
        allowed have none.
    """
    some = False
    for source in files:
        for raw in read_batches(source, list(types), settings):
            rows = convert_rows(raw, types, settings)
            assert rows.times is not None
            timeless = [reject for reject in rows.rejects if reject.code == "no-time"]
            some = some or len(rows.times) > 0
            if not some and timeless:
                _refuse_texts(raw, timeless, settings)
            tally.add_timeless(timeless)
            yield rows.times


def _refuse_texts(raw: RawBatch, timeless: Sequence[Reject], settings: IngestionSettings) -> None:
    """Raises where a batch without any time has values, naming some of them."""
    import pyarrow.compute as pc

    name = str(settings.split.time_column)
    values = [str(v) for v in pc.unique(pc.drop_null(raw.columns[name])).slice(0, 50).to_pylist()]
    if not values:
        return
    pattern = settings.split.time_format
    kind = "an ISO 8601 time" if pattern is None else f"of `split.time_format` {pattern!r}"
    shown = ", ".join(repr(shortened(value, 40)) for value in values[:_SHOWN])
    fitting = suggest_time_format(values)
    raise DataError(
        f"cannot split by {name!r}: no value of it is {kind}",
        evidence=[f"{raw.file}, from row {timeless[0].row:,} on: {shown}"],
        hint=f"set `split.time_format` to {fitting!r}, if that is what they mean"
        if fitting
        else "give the pattern in `split.time_format`, such as '%d.%m.%Y %H:%M', or split by hash",
        code="bad-split-column",
    )


def suggest_time_format(values: Sequence[str]) -> str | None:
    """The first common pattern that reads all of some texts; None where none does.

    Args:
      values: At least one text.
    """
    for pattern in _COMMON_FORMATS:
        if all(time_format.parse(pattern, value) is not None for value in values):
            return pattern
    return None
