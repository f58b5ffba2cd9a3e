"""One gzipped TFRecord file of transformed examples, encoded from Arrow batches."""

from __future__ import annotations

import zlib
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from components.example_gen.records.encoding import Column, encode_examples
from components.example_gen.records.tfrecords import data_bytes, frame_records, record_list
from core import files

# Level 1 takes a quarter of the time of gzip's usual level 6 for files a third larger.
_GZIP_LEVEL = 1
_GZIP_WINDOW = 31


class RecordFile:
    """Writes batches as tf.Examples; the file appears whole when the block ends well.

    Args:
      path: The file.
      serialized_schema: The serialized TensorFlow Metadata schema of the batches.
    """

    def __init__(self, path: Path | str, serialized_schema: bytes) -> None:
        self._replacement = files.replaced_when_whole(path)
        self._encoder = ExampleEncoder(serialized_schema)

    def __enter__(self) -> RecordFile:
        self._file = self._replacement.__enter__().open("wb")
        self._gzip = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        return self

    def write(self, batch: pa.RecordBatch) -> None:
        """Appends the rows of a batch of list columns."""
        records = self._encoder.encode(batch)
        framed = frame_records(records, record_list(records))
        self._file.write(self._gzip.compress(data_bytes(framed)))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._file.write(self._gzip.flush())
        self._file.close()
        self._replacement.__exit__(kind, error, trace)


class ExampleEncoder:
    """Encodes batches of transformed features.

    Args:
      serialized_schema: The serialized TensorFlow Metadata schema of the batches; it
        says what belongs together where a feature has several columns.
    """

    def __init__(self, serialized_schema: bytes) -> None:
        self._serialized_schema = serialized_schema
        self._general: Any = None

    def encode(self, batch: pa.RecordBatch) -> pa.Array:
        """The serialized tf.Examples of a batch of list columns, as large_binary."""
        columns = {}
        for name, values in zip(batch.schema.names, batch.columns, strict=True):
            column = _single_values(values)
            if column is None:
                return self._encode_lists(batch)
            columns[name] = column
        return encode_examples(columns)

    def _encode_lists(self, batch: pa.RecordBatch) -> pa.Array:
        if self._general is None:
            from tensorflow_metadata.proto.v0 import schema_pb2
            from tfx_bsl.coders import example_coder

            schema = schema_pb2.Schema.FromString(self._serialized_schema)
            self._general = example_coder.RecordBatchToExamplesEncoder(schema)
        return pa.array(self._general.encode(batch), pa.large_binary())


_ENCODED_BY_COLUMN = (pa.int64(), pa.float32(), pa.large_binary())
# Distinct values a row below which values are encoded once each and not row by row.
_FEW = 0.1


def _single_values(column: pa.Array) -> Column | None:
    """A value a row, null for an empty list; None where a row has several values."""
    kind = column.type
    if (
        not pa.types.is_large_list(kind)
        or kind.value_type not in _ENCODED_BY_COLUMN
        or column.null_count
    ):
        return None
    lengths = np.diff(np.asarray(column.offsets))
    if lengths.max(initial=0) > 1:
        return None
    values = column.flatten()
    if values.null_count:
        return None
    if lengths.min(initial=1) == 0:
        places = np.maximum(np.cumsum(lengths) - 1, 0)
        values = values.take(pa.array(places, mask=lengths == 0))
    if kind.value_type != pa.float32():
        encoded = values.dictionary_encode()
        if len(encoded.dictionary) <= _FEW * len(values):
            return Column(encoded.dictionary, encoded.indices)
    return Column(values)
