"""The first pass over the data: types, bad rows, and where time cuts the splits.

It reads everything and writes no example, so that bad data is refused before anything
is made of it. It holds one batch at a time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from components.example_gen.batches import (
    add_misfits,
    number_format_of,
    read_batches,
    values_of_another_kind,
)
from components.example_gen.conversion import convert
from components.example_gen.formats.detection import TITLES, SourceFile
from components.example_gen.formats.reader import RawBatch, check_same_columns, reader_of
from components.example_gen.formats.rejects import Reject, RejectTally
from components.example_gen.partitions import partition_types
from components.example_gen.settings import (
    ColumnType,
    IngestionSettings,
    SourceFormat,
    SplitMethod,
)
from components.example_gen.splitting import time_cuts
from components.example_gen.type_agreement import TypeAgreement
from components.example_gen.type_inference import ColumnInference, wider
from components.example_gen.width import check_width
from components.example_gen.writing.prefetching import prefetched
from components.example_gen.writing.split_columns import check_split_column, good_times
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
      leading_zeros: How many values of a column are whole numbers that start with a zero.
    """

    types: dict[str, ColumnType | None]
    rows: int
    rejected: int
    cuts: tuple[float, ...] = ()
    leading_zeros: Mapping[str, int] = dataclasses.field(default_factory=dict)


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
    names = declared_columns(files, settings)
    if names is not None:
        check_named_columns(names, settings)
    learned = {name: ColumnInference.configured(settings, name) for name in names or ()}
    given = partition_types(files)
    tally = RejectTally(settings.rejects.max_share)
    rows = 0
    agreement = TypeAgreement(settings)
    for source in files:
        if (declared := reader_of(source).types(source)) is not None:
            agreement.add(source, declared)
            kinds = {name: found.kind for name, found in declared.items()}
            rows += _check_declared(source, kinds, learned, settings, tally)
            continue
        with prefetched(read_batches(source, names, settings)) as batches:
            for raw in batches:
                if names is None:
                    _add_columns(source, learned, raw, settings)
                tally.add(raw.rejects)
                bad = _misfits(raw, learned, settings, given)
                tally.add(bad.values())
                rows += raw.num_rows - len(bad)
                progress.report(f"{rows:,} rows checked")
    if names is None and (rows or learned):
        check_named_columns(list(learned), settings)
    fixed = settings.columns
    known = {**given, **fixed}
    types = {n: known.get(n, found.decided) for n, found in learned.items()}
    if types:
        check_split_column(types, settings, files[0].path)
    cuts: tuple[float, ...] = ()
    if settings.split.method is SplitMethod.TIME and len(weights) > 1:
        times = good_times(files, types, settings, tally)
        cuts = tuple(time_cuts(times, weights, scratch))
        rows -= tally.timeless
    tally.check(rows)
    if not rows or not types:
        raise DataError("no row can be read", evidence=[files[0].path], code="no-rows")
    padded = {name: found.digits.padded for name, found in learned.items() if found.digits.padded}
    return IngestionPlan(types, rows, tally.count, cuts, padded)


def declared_columns(
    files: Sequence[SourceFile], settings: IngestionSettings
) -> tuple[str, ...] | None:
    """The columns of the first file that declares any; None where only rows tell them.

    Raises:
      DataError: If a file has no proper header or schema.
      UserError: If `column_names` is set and a file is no CSV.
    """
    check_column_names(files, settings)
    for source in files:
        names = reader_of(source).columns(source, settings)
        if names is not None:
            check_width(source, len(names), settings)
            return names
    return None


def check_column_names(files: Sequence[SourceFile], settings: IngestionSettings) -> None:
    """Refuses `column_names` where a file names its columns itself.

    Raises:
      UserError: Naming the first such file.
    """
    if settings.column_names is None:
        return
    for source in files:
        if source.format is not SourceFormat.CSV:
            raise UserError(
                f"`column_names` is for CSV files, and {source.name} is {TITLES[source.format]}",
                evidence=[source.path],
                hint="leave `column_names` out: these files name their columns themselves",
                code="column-names-not-csv",
            )


def check_named_columns(names: Sequence[str], settings: IngestionSettings) -> None:
    """Refuses settings that name columns which the data lacks.

    Raises:
      UserError: Naming the key and the nearest column.
    """
    for key, name in named_columns(settings).items():
        if name in names:
            continue
        close = nearest(name, names)
        raise UserError(
            f"`{key}` names the column {name!r}, which the data does not have",
            evidence=[f"its columns: {', '.join(names)}"],
            hint=f"did you mean {close!r}?" if close else "check the name",
            code="unknown-column",
        )


def named_columns(settings: IngestionSettings) -> dict[str, str]:
    """The columns that the settings name, by the keys that name them."""
    named = {f"columns.{name}": name for name in settings.columns}
    if settings.split.key is not None:
        named["split.key"] = settings.split.key
    if settings.split.time_column is not None:
        named["split.time_column"] = settings.split.time_column
    return named


def _add_columns(
    source: SourceFile,
    learned: dict[str, ColumnInference],
    raw: RawBatch,
    settings: IngestionSettings,
) -> None:
    """Makes room for the columns that rows bring with them."""
    for name in raw.columns:
        learned.setdefault(name, ColumnInference.configured(settings, name))
    check_width(source, len(learned), settings)


def _misfits(
    raw: RawBatch,
    learned: Mapping[str, ColumnInference],
    settings: IngestionSettings,
    given: Collection[str],
) -> dict[int, Reject]:
    """Learns from one batch; gives its rows that do not fit."""
    bad: dict[int, Reject] = {}
    for name, values in raw.columns.items():
        if name in settings.columns or name in given:
            continue
        inference = learned[name]
        mask = values_of_another_kind(raw, name, inference.kind)
        if mask is None and raw.typed:
            inference.add_typed(values)
        elif mask is None:
            mask = inference.add(values)
        if mask is not None:
            add_misfits(bad, raw, name, inference.kind, mask, fixed=False)
    _fixed_misfits(raw, settings, bad)
    return bad


def _fixed_misfits(raw: RawBatch, settings: IngestionSettings, bad: dict[int, Reject]) -> None:
    for name, kind in settings.columns.items():
        if name not in raw.columns or kind is ColumnType.TEXT:
            continue
        _, mask = convert(
            raw.columns[name], kind, fixed=True, number_format=number_format_of(raw, settings)
        )
        if mask is not None:
            add_misfits(bad, raw, name, kind, mask, fixed=True)


def _check_declared(
    source: SourceFile,
    kinds: Mapping[str, ColumnType | None],
    learned: Mapping[str, ColumnInference],
    settings: IngestionSettings,
    tally: RejectTally,
) -> int:
    """Takes types from the file's schema; only columns whose values matter have to be read."""
    check_same_columns(source, list(learned), list(kinds))
    for name, inference in learned.items():
        kind = kinds[name]
        if kind is None or name in settings.columns:
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
    fixed = [name for name, kind in settings.columns.items() if kinds[name] is not kind]
    doubtful = [
        name
        for name, inference in learned.items()
        if inference.is_doubtful
        and kinds[name] is ColumnType.FLOAT
        and name not in settings.columns
    ]
    if not fixed and not doubtful:
        return reader_of(source).count_rows(source)
    rows = 0
    for raw in read_batches(source, list(learned), settings, only=[*fixed, *doubtful]):
        for name in doubtful:
            learned[name].add_typed(raw.columns[name])
        bad: dict[int, Reject] = {}
        _fixed_misfits(raw, settings, bad)
        tally.add(bad.values())
        rows += raw.num_rows - len(bad)
    return rows
