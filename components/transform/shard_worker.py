"""A process that turns Arrow batches into a file of tf.Examples.

Encoding and compressing are most of the time of a large Transform and hold the
interpreter lock; a process of its own, which loads neither TensorFlow nor TFX, is ready
after a third of a second and uses another core.

Run as ``python -m components.transform.shard_worker PATH``; the batches come as an
Arrow stream on the standard input, with the serialized schema in its metadata.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from components.example_gen.encoding import Column, encode_examples
from components.tfrecords import TFRecordFile

SCHEMA = b"tensorflow_metadata.schema"


class ExampleEncoder:
    """Encodes batches of transformed features.

    Args:
      serialized_schema: The serialized schema of the transformed features.
    """

    def __init__(self, serialized_schema: bytes) -> None:
        self._serialized_schema = serialized_schema
        self._general: Any = None

    def encode(self, batch: pa.RecordBatch) -> Iterable[bytes]:
        """The serialized tf.Examples of a batch of list columns."""
        columns = {}
        for name, values in zip(batch.schema.names, batch.columns, strict=True):
            column = _single_values(values)
            if column is None:
                return self._encode_lists(batch)
            columns[name] = Column(column)
        return encode_examples(columns).to_pylist()  # type: ignore[no-any-return]

    def _encode_lists(self, batch: pa.RecordBatch) -> Iterable[bytes]:
        if self._general is None:
            from tensorflow_metadata.proto.v0 import schema_pb2
            from tfx_bsl.coders import example_coder

            schema = schema_pb2.Schema.FromString(self._serialized_schema)
            self._general = example_coder.RecordBatchToExamplesEncoder(schema)
        return self._general.encode(batch)  # type: ignore[no-any-return]


_ENCODED_BY_COLUMN = (pa.int64(), pa.float32(), pa.large_binary())


def _single_values(column: pa.Array) -> pa.Array | None:
    """A value a row, null for an empty list, or None where a row has several values."""
    if (
        not pa.types.is_large_list(column.type)
        or column.type.value_type not in _ENCODED_BY_COLUMN
        or column.null_count
    ):
        return None
    lengths = np.diff(np.asarray(column.offsets))
    if lengths.max(initial=0) > 1:
        return None
    values = column.flatten()
    if values.null_count:
        return None
    if lengths.min(initial=1) == 1:
        return values
    places = np.cumsum(lengths) - 1
    return values.take(pa.array(places, mask=lengths == 0))


def main(arguments: list[str]) -> None:
    """Reads batches until the stream ends."""
    (path,) = arguments
    with pa.ipc.open_stream(sys.stdin.buffer) as stream, TFRecordFile(path) as records:
        encoder = ExampleEncoder(stream.schema.metadata[SCHEMA])
        for batch in stream:
            records.write(encoder.encode(batch))


if __name__ == "__main__":
    main(sys.argv[1:])
