"""An Arrow copy of an Examples artifact, so that nobody decodes tf.Examples twice.

The TFRecord files of an Examples artifact are what TFX and every other reader
knows. Decoding them costs ten microseconds a row, which is most of the time of
StatisticsGen, Transform and Evaluator. An executor of ours that has the rows as
Arrow record batches anyway also leaves them in ``<uri>/columnar/``, outside the
``Split-*`` folders that other readers glob. Readers of ours take the copy where it is
there and decode the TFRecords where it is not; both give equal batches.

A batch has a column per feature, typed as tfx_bsl's decoder types it:
``large_list<int64>``, ``large_list<float32>`` or ``large_list<large_binary>``, null
where the example lacks the feature.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from core import files
from core.arrow_files import open_ipc_file

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "columnar"


def columnar_path(examples_uri: str, split: str) -> Path:
    """Where the Arrow copy of one split lies."""
    return Path(examples_uri) / FOLDER / f"Split-{split}.arrow"


class ColumnarWriter:
    """Writes the Arrow copy of one split; the file appears whole when the block ends.

    Args:
      examples_uri: The Examples artifact's uri (a local path).
      split: The split's name.
      schema: The Arrow schema of every batch.
    """

    def __init__(self, examples_uri: str, split: str, schema: pa.Schema) -> None:
        self._replacement = files.replaced_when_whole(columnar_path(examples_uri, split))
        self._schema = schema

    def __enter__(self) -> ColumnarWriter:
        import pyarrow as pa

        temporary = self._replacement.__enter__()
        self._writer = pa.ipc.new_file(
            str(temporary), self._schema, options=pa.ipc.IpcWriteOptions(compression="lz4")
        )
        return self

    def write(self, batch: pa.RecordBatch) -> None:
        """Appends one batch."""
        self._writer.write_batch(batch)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        self._replacement.__exit__(kind, error, trace)


def compression_of(path: str) -> str:
    """How a TFRecord file is compressed, in TensorFlow's words; its name's ending decides.

    The property `file_format` does not: TFX has one name for TFRecords, compressed or not.
    """
    return "GZIP" if path.endswith(".gz") else ""


def has_columnar_copy(examples_uri: str, splits: Sequence[str]) -> bool:
    """Whether every one of `splits` has an Arrow copy."""
    return all(columnar_path(examples_uri, split).is_file() for split in splits)


def read_columnar(
    examples_uri: str, split: str, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Reads the Arrow copy of one split, batch by batch, as it was written.

    Args:
      examples_uri: The Examples artifact's uri.
      split: The split's name.
      columns: The columns to read; None for all.

    Yields:
      Record batches.

    Raises:
      FileNotFoundError: If there is no copy.
    """
    import pyarrow as pa

    path = columnar_path(examples_uri, split)
    with pa.memory_map(os.fspath(path)) as source:
        included = None
        if columns is not None:
            names = open_ipc_file(source).schema.names
            included = [names.index(name) for name in columns if name in names]
        options = pa.ipc.IpcReadOptions(included_fields=included)
        reader = open_ipc_file(source, options)
        for index in range(reader.num_record_batches):
            yield reader.get_batch(index)


def read_examples(
    examples_uri: str,
    split: str,
    *,
    columns: Sequence[str] | None = None,
    batch_rows: int = 50_000,
) -> Iterator[pa.RecordBatch]:
    """Reads one split of an Examples artifact: the Arrow copy, else the TFRecords.

    Args:
      examples_uri: The Examples artifact's uri.
      split: The split's name.
      columns: The columns to read; None for all.
      batch_rows: How many tf.Examples are decoded at once where there is no copy.

    Yields:
      Record batches of list columns as described in the module's text.

    Raises:
      FileNotFoundError: If the split has no files at all.
    """
    if columnar_path(examples_uri, split).is_file():
        yield from read_columnar(examples_uri, split, columns)
        return
    yield from _decode_tfrecords(examples_uri, split, columns, batch_rows)


def _decode_tfrecords(
    examples_uri: str, split: str, columns: Sequence[str] | None, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    import tensorflow as tf
    from tfx_bsl.coders import example_coder

    paths = sorted(tf.io.gfile.glob(os.path.join(examples_uri, f"Split-{split}", "*")))
    if not paths:
        raise FileNotFoundError(f"no files in {examples_uri}/Split-{split}")
    decoder = example_coder.ExamplesToRecordBatchDecoder()
    for path in paths:
        dataset = tf.data.TFRecordDataset(path, compression_type=compression_of(path))
        for serialized in dataset.batch(batch_rows).as_numpy_iterator():
            batch = decoder.DecodeBatch(serialized.tolist())
            if columns is not None:
                kept = [name for name in columns if name in batch.schema.names]
                batch = _select(batch, kept)
            yield batch


def _select(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_arrays(
        [batch.column(batch.schema.get_field_index(name)) for name in columns], list(columns)
    )
