"""The rows to evaluate: serialized examples for the model, columns for the slices."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import tensorflow as tf
from tfx_bsl.coders import example_coder

from core import columnar_examples
from core.errors import DataError

if TYPE_CHECKING:
    from tfx import types

BATCH_ROWS = 10_000


@dataclasses.dataclass(frozen=True)
class Rows:
    """A batch of examples.

    Attributes:
      serialized: Serialized tf.Examples, shape [rows].
      columns: The wanted raw features as list columns; those the data lacks are missing.
    """

    serialized: tf.Tensor
    columns: pa.RecordBatch


def read_rows(
    examples: Sequence[types.Artifact],
    splits: Sequence[str],
    wanted: Sequence[str],
    chosen: Callable[[], bool] | None = None,
) -> Iterator[Rows]:
    """Reads splits of Examples artifacts in batches of at most `BATCH_ROWS`.

    Args:
      examples: The artifacts.
      splits: The splits to read, one after another.
      wanted: The raw features to read as columns.
      chosen: Asked before each batch whether it is wanted; all are without.

    Yields:
      Batches with rows.

    Raises:
      DataError: If a split has no files.
    """
    for artifact in examples:
        for split in splits:
            yield from _read_split(artifact.uri, split, wanted, chosen)


def _read_split(
    uri: str, split: str, wanted: Sequence[str], chosen: Callable[[], bool] | None
) -> Iterator[Rows]:
    paths = sorted(tf.io.gfile.glob(os.path.join(uri, f"Split-{split}", "*")))
    if not paths:
        raise DataError(
            f"there are no examples in the split {split!r} to evaluate on",
            evidence=[f"folder: {uri}"],
            hint="choose other splits to evaluate on, or give the split a larger share",
            code="empty-evaluation-split",
        )
    compression = columnar_examples.compression_of(paths[0])
    records = tf.data.TFRecordDataset(paths, compression_type=compression).batch(BATCH_ROWS)
    decoder = example_coder.ExamplesToRecordBatchDecoder()
    # The copy is read row by row, so it is no help where batches are passed over.
    copy = _Copy(uri, split, wanted) if wanted and chosen is None else None
    for serialized in records.prefetch(2):
        if chosen is not None and not chosen():
            continue
        count = int(serialized.shape[0])
        if not wanted:
            yield Rows(serialized, pa.RecordBatch.from_arrays([], []))
            continue
        columns = None
        if copy is not None:
            # One record in ten thousand, decoded, shows whether the copy has the same
            # rows in the same order.
            columns = copy.next_rows(count, decoder.DecodeBatch([serialized[0].numpy()]))
            copy = copy if columns is not None else None
        if columns is None:
            decoded = decoder.DecodeBatch(serialized.numpy().tolist())
            columns = _select(decoded, wanted)
        yield Rows(serialized, columns)


def _select(batch: pa.RecordBatch, wanted: Sequence[str]) -> pa.RecordBatch:
    names = [name for name in wanted if name in batch.schema.names]
    return pa.RecordBatch.from_arrays([batch.column(name) for name in names], names)


class _Copy:
    """The wanted columns of the Arrow copy, in the steps of the TFRecords' batches."""

    def __init__(self, uri: str, split: str, wanted: Sequence[str]) -> None:
        self._wanted = wanted
        self._batches: Iterator[pa.RecordBatch] = iter(())
        if columnar_examples.has_columnar_copy(uri, [split]):
            self._batches = columnar_examples.read_columnar(uri, split, wanted)
        self._waiting: list[pa.RecordBatch] = []

    def next_rows(self, count: int, first: pa.RecordBatch) -> pa.RecordBatch | None:
        """The next `count` rows; None where the copy does not match the TFRecords.

        Args:
          count: The number of rows.
          first: The first of them, decoded from its TFRecord.
        """
        while sum(batch.num_rows for batch in self._waiting) < count:
            batch = next(self._batches, None)
            if batch is None:
                return None
            self._waiting.append(batch)
        table = pa.Table.from_batches(self._waiting)
        self._waiting = table.slice(count).to_batches()
        rows = table.slice(0, count)
        for name in self._wanted:
            seen = first.column(name).to_pylist() if name in first.schema.names else [None]
            copied = (
                rows.column(name).slice(0, 1).to_pylist() if name in table.column_names else [None]
            )
            if seen != copied:
                return None
        [batch] = rows.combine_chunks().to_batches()
        return batch
