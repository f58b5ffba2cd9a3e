"""The first pass over the data: types, bad rows, and where time cuts the splits.

It reads everything and writes no example, so that bad data is refused before anything
is made of it. It holds one batch at a time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from components.example_gen import parquet_reader
from components.example_gen.batches import (
    RawBatch,
    add_misfits,
    column_names,
    convert_rows,
    read_batches,
)
from components.example_gen.conversion import convert
from components.example_gen.csv_reader import check_same_columns
from components.example_gen.prefetching import prefetched
from components.example_gen.rejects import Reject, RejectTally
from components.example_gen.settings import (
    ColumnType,
    IngestionSettings,
    SourceFormat,
    SplitMethod,
)
from components.example_gen.sources import SourceFile
from components.example_gen.splitting import time_cuts
from components.example_gen.type_inference import ColumnInference, wider
from core import progress
from core.errors import DataError, UserError, nearest


@dataclasses.dataclass(frozen=True)
class IngestionPlan:
    """What the first pass learned.

    Attributes:
      types: Each column's type, in the first file's order; None where all is missing.
      rows: How many rows can be read.
      rejected: How many cannot.
      cuts: The first time of each split but the first; empty without a split by time.
    """

    types: dict[str, ColumnType | None]
    rows: int
    rejected: int
    cuts: tuple[float, ...] = ()


def make_plan(
    files: Sequence[SourceFile],
    settings: IngestionSettings,
    weights: Sequence[int],
    scratch: Path,
) -> IngestionPlan:
    """Reads all files once; twice where rows are split by time.

    Args:
      files: The files, at least one.
      settings: How the data is read and split.
      weights: The output splits' weights, in order.
      scratch: A file that may be written meanwhile.

    Raises:
      DataError: If a file cannot be read, or more rows than allowed cannot.
      UserError: If the settings name a column that is not there.
    """
    names = column_names(files[0], settings)
    check_named_columns(names, settings)
    free = {n: ColumnInference(settings.type_evidence) for n in names if n not in settings.columns}
    tally = RejectTally(settings.rejects.max_share)
    rows = 0
    for source in files:
        if source.format is SourceFormat.PARQUET:
            rows += _check_parquet(source, names, free, settings, tally)
            continue
        with prefetched(read_batches(source, names, settings)) as batches:
            for raw in batches:
                tally.add(raw.rejects)
                bad = _misfits(raw, free, settings)
                tally.add(bad.values())
                rows += raw.num_rows - len(bad)
                progress.report(f"{rows:,} rows checked")
    types = {n: settings.columns[n] if n in settings.columns else free[n].kind for n in names}
    check_split_column(types, settings, files[0].path)
    cuts: tuple[float, ...] = ()
    if settings.split.method is SplitMethod.TIME and len(weights) > 1:
        times = _good_times(files, types, settings, tally)
        cuts = tuple(time_cuts(times, weights, scratch))
        rows -= tally.timeless
    tally.check(rows)
    if not rows:
        raise DataError("no row can be read", evidence=[files[0].path], code="no-rows")
    return IngestionPlan(types, rows, tally.count, cuts)


def check_named_columns(names: Sequence[str], settings: IngestionSettings) -> None:
    """Refuses settings that name columns which the data lacks.

    Raises:
      UserError: Naming the key and the nearest column.
    """
    named = {f"columns.{name}": name for name in settings.columns}
    if settings.split.key is not None:
        named["split.key"] = settings.split.key
    if settings.split.time_column is not None:
        named["split.time_column"] = settings.split.time_column
    for key, name in named.items():
        if name in names:
            continue
        close = nearest(name, names)
        raise UserError(
            f"`{key}` names the column {name!r}, which the data does not have",
            evidence=[f"its columns: {', '.join(names)}"],
            hint=f"did you mean {close!r}?" if close else "check the name",
            code="unknown-column",
        )


def check_split_column(
    types: Mapping[str, ColumnType | None], settings: IngestionSettings, path: str
) -> None:
    """Refuses to split by a column that cannot decide a split.

    Raises:
      DataError: If the key is a float, or the key or time column is empty.
    """
    for key in ("key", "time_column"):
        name = getattr(settings.split, key)
        if name is None:
            continue
        if types[name] is None:
            reason = "has no value at all"
        elif key == "key" and types[name] is ColumnType.FLOAT:
            reason = "holds floats, whose equality is no ground to split by"
        else:
            continue
        raise DataError(
            f"cannot split by {name!r}: it {reason}",
            evidence=[f"{path}, column {name!r}"],
            hint=f"choose another column for `split.{key}`",
            code="bad-split-column",
        )


def _misfits(
    raw: RawBatch, free: Mapping[str, ColumnInference], settings: IngestionSettings
) -> dict[int, Reject]:
    """Learns from one batch of CSV; gives its rows that do not fit."""
    bad: dict[int, Reject] = {}
    for name, inference in free.items():
        mask = inference.add(raw.columns[name])
        if mask is not None:
            add_misfits(bad, raw, name, inference.kind, mask, fixed=False)
    _fixed_misfits(raw, settings, bad)
    return bad


def _fixed_misfits(raw: RawBatch, settings: IngestionSettings, bad: dict[int, Reject]) -> None:
    for name, kind in settings.columns.items():
        if name not in raw.columns or kind is ColumnType.TEXT:
            continue
        _, mask = convert(raw.columns[name], kind, fixed=True)
        if mask is not None:
            add_misfits(bad, raw, name, kind, mask, fixed=True)


def _check_parquet(
    source: SourceFile,
    names: Sequence[str],
    free: Mapping[str, ColumnInference],
    settings: IngestionSettings,
    tally: RejectTally,
) -> int:
    """Takes types from the schema; only columns of fixed types have to be read."""
    schema = parquet_reader.read_schema(source)
    check_same_columns(source, names, list(schema))
    for name, inference in free.items():
        kind = schema[name]
        if kind is None:
            continue
        known = inference.kind
        if known is not None and (known is ColumnType.TEXT) != (kind is ColumnType.TEXT):
            raise DataError(
                f"column {name!r} changes its type: {known.value}, then {kind.value}",
                evidence=[f"{source.path}, row 1, column {name!r}"],
                hint="repair the file, or fix the column's type under `columns`",
                code="type-change",
            )
        inference.kind = wider(known, kind)
        inference.numbers = max(inference.numbers, inference.evidence)
    fixed = [name for name in settings.columns if schema[name] is not settings.columns[name]]
    if not fixed:
        return parquet_reader.count_rows(source)
    rows = 0
    for raw in read_batches(source, names, settings, only=fixed):
        bad: dict[int, Reject] = {}
        _fixed_misfits(raw, settings, bad)
        tally.add(bad.values())
        rows += raw.num_rows - len(bad)
    return rows


def _good_times(
    files: Sequence[SourceFile],
    types: Mapping[str, ColumnType | None],
    settings: IngestionSettings,
    tally: RejectTally,
) -> Iterator[np.ndarray]:
    """The times of all good rows; rows without a time are counted as rejects."""
    for source in files:
        for raw in read_batches(source, list(types), settings):
            rows = convert_rows(raw, types, settings)
            tally.add_timeless(r for r in rows.rejects if r.code == "no-time")
            assert rows.times is not None
            yield rows.times
