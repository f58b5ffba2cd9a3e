"""The second pass over the data: encode, split, write."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from components.example_gen.batches import TypedRows, read_typed
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.rejects import REJECTS_PATH, RejectsFile
from components.example_gen.records.encoding import Column, encode_examples
from components.example_gen.records.tfrecords import (
    SplitWriter,
    data_bytes,
    frame_records,
    record_list,
)
from components.example_gen.settings import ColumnType, IngestionSettings, SplitMethod
from components.example_gen.splitting import (
    hash_splits,
    key_splits,
    row_splits,
    time_splits,
    value_splits,
)
from components.example_gen.writing.planning import IngestionPlan
from components.example_gen.writing.prefetching import prefetched
from components.example_gen.writing.split_columns import hashed_columns
from core import progress
from core.errors import DataError

_VALUE_TYPES = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.FLOAT: pa.float32(),
    ColumnType.TEXT: pa.large_binary(),
}


@dataclasses.dataclass(frozen=True)
class IngestionResult:
    """What was written.

    Attributes:
      rows: How many examples each split holds.
      rejected: How many rows were set aside.
    """

    rows: dict[str, int]
    rejected: int


def write_examples(
    plan: IngestionPlan,
    sources: Mapping[str, Sequence[SourceFile]],
    weights: Mapping[str, int],
    settings: IngestionSettings,
    uri: str,
) -> IngestionResult:
    """Reads all files again and writes the Examples artifact.

    Args:
      plan: What was learned from the same files.
      sources: The files of each input split.
      weights: The output splits and their weights; empty where each input split is
        an output split of its own.
      settings: How the data is read and split.
      uri: The artifact's uri, a local path.

    Raises:
      DataError: If a split stays empty, or the files changed since the plan was made.
    """
    rejects = RejectsFile(Path(uri) / REJECTS_PATH)
    schema = columnar_schema(plan.types)
    rejected, done = 0, 0
    with contextlib.ExitStack() as stack:
        stack.callback(rejects.close)
        writers = [
            stack.enter_context(SplitWriter(uri, name, schema, settings.compression))
            for name in weights or sources
        ]
        for place, files in enumerate(sources.values()):
            # Where input splits are output splits, all rows of one go to one writer.
            targets = writers if weights else [writers[place]]
            with prefetched(_typed_rows(files, plan, settings)) as batches:
                for rows in batches:
                    rejects.write(rows.rejects)
                    rejected += len(rows.rejects)
                    for part in rows.parts(settings.batch_rows):
                        _write(part, plan, list(weights.values()), settings, targets)
                        done += len(part)
                        progress.report(f"{done:,} of {plan.rows:,} rows")
    rows_of = {writer.split: writer.rows for writer in writers}
    check_result(plan, rows_of, rejected)
    return IngestionResult(rows_of, rejected)


def _typed_rows(
    files: Sequence[SourceFile], plan: IngestionPlan, settings: IngestionSettings
) -> Generator[TypedRows, None, None]:
    for source in files:
        yield from read_typed(source, plan.types, settings)


def columnar_schema(types: Mapping[str, ColumnType | None]) -> pa.Schema:
    """The schema of the Arrow copy: the columns by name, as tfx_bsl's decoder types them."""
    fields = []
    for name in sorted(types):
        kind = types[name]
        arrow_type = pa.null() if kind is None else pa.large_list(_VALUE_TYPES[kind])
        fields.append(pa.field(name, arrow_type))
    return pa.schema(fields)


def split_places(
    rows: TypedRows,
    records: Sequence[bytes],
    plan: IngestionPlan,
    weights: Sequence[int],
    settings: IngestionSettings,
) -> np.ndarray:
    """The index of each row's output split, int64.

    Args:
      rows: The rows.
      records: The same rows as serialized examples.
      plan: Its cuts decide where rows are split by time.
      weights: The output splits' weights, in order.
      settings: How rows are split.
    """
    split = settings.split
    if split.method is SplitMethod.TIME:
        assert rows.times is not None
        return time_splits(rows.times, plan.cuts)
    if split.method is SplitMethod.ROW:
        assert rows.numbers is not None
        return row_splits(rows.file, rows.numbers, weights)
    if split.key is not None:
        return key_splits(rows.columns[split.key], weights)
    if split.method is SplitMethod.HASH_RECORD:
        return hash_splits(records, weights)
    hashed = hashed_columns(split, rows.columns)
    return value_splits({name: rows.columns[name] for name in hashed}, weights)


def _write(
    rows: TypedRows,
    plan: IngestionPlan,
    weights: Sequence[int],
    settings: IngestionSettings,
    writers: Sequence[SplitWriter],
) -> None:
    records = encode_examples(rows.columns)
    listed = record_list(records)
    framed = frame_records(records, listed)
    if len(writers) == 1:
        writers[0].write(data_bytes(framed), columnar_batch(rows.columns))
        return
    places = split_places(rows, listed, plan, weights, settings)
    for place, writer in enumerate(writers):
        chosen = places == place
        if not chosen.any():
            continue
        mask = pa.array(chosen)
        columns = {name: column.filter(mask) for name, column in rows.columns.items()}
        writer.write(data_bytes(framed.filter(mask)), columnar_batch(columns))


def columnar_batch(columns: Mapping[str, Column]) -> pa.RecordBatch:
    """Columns as a batch of lists, as tfx_bsl's decoder gives the examples made of them."""
    names = sorted(columns)
    return pa.RecordBatch.from_arrays([_as_lists(columns[name].rows()) for name in names], names)


def _as_lists(values: pa.Array) -> pa.Array:
    """Each value as a list of one; a missing one as an empty list, as the example has it."""
    if pa.types.is_null(values.type):
        return values
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum(np.asarray(values.is_valid()), out=offsets[1:])
    held = values.drop_null() if values.null_count else values
    return pa.LargeListArray.from_arrays(pa.array(offsets), held)


def check_result(plan: IngestionPlan, rows: Mapping[str, int], rejected: int) -> None:
    """Refuses an artifact that is not what the first pass promised, or has an empty split.

    Args:
      plan: The first pass.
      rows: How many rows each split got.
      rejected: How many rows were set aside.

    Raises:
      DataError: If the files changed between the passes or a split is empty.
    """
    written = sum(rows.values())
    if (written, rejected) != (plan.rows, plan.rejected):
        raise DataError(
            "the data changed while it was being read",
            evidence=[
                f"first pass: {plan.rows:,} rows, {plan.rejected:,} unreadable",
                f"second pass: {written:,} rows, {rejected:,} unreadable",
            ],
            hint="run again when nobody writes to the files",
            code="data-changed",
        )
    for split, count in rows.items():
        if not count:
            raise DataError(
                f"the split {split!r} got none of the {written:,} rows",
                evidence=[f"{name}: {held:,} rows" for name, held in rows.items()],
                hint="more rows, other weights or another way to split would fill it",
                code="empty-split",
            )
