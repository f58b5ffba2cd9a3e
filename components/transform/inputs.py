"""The raw examples of one Transform run, as batches and as tensors.

TFX's executor reads through a `TFXIO` made from the schema. The same TFXIO says here
which columns of which types a batch has and how they become tensors; only the reading
itself is ours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.util import tfxio_utils
from tfx.proto import example_gen_pb2
from tfx_bsl.tfxio import tensor_adapter

from components.in_memory import NotInMemoryError
from components.transform.tracing import Tensors
from core import columnar_examples

# Larger batches are hardly faster and take memory; smaller ones cost a call each.
BATCH_ROWS = 50_000
# Analyzers add up a batch in float32 within the graph and batches in float64 outside.
# The error of a sum grows with its length, so they get batches of about Beam's size:
# with 10,000 rows the mean of the taxi trips' longitudes was off by 0.4 percent of their
# standard deviation, with 2,000 rows by as little as through Beam.
ANALYSIS_ROWS = 2_000


@dataclasses.dataclass(frozen=True)
class Dataset:
    """One split of one Examples artifact.

    Attributes:
      uri: The artifact's uri.
      split: The split's name.
    """

    uri: str
    split: str


class InputReader:
    """Reads some of the features that the schema describes.

    Args:
      schema: The schema of the raw examples.
      columns: The features to read; None for all.
    """

    def __init__(self, schema: schema_pb2.Schema, columns: Sequence[str] | None = None) -> None:
        tfxio = tfxio_utils.make_tfxio(
            file_pattern="unused",
            telemetry_descriptors=["Transform"],
            payload_format=example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE,
            schema=schema,
        )
        if columns is not None:
            tfxio = tfxio.Project(list(columns))
        self._arrow_schema = tfxio.ArrowSchema()
        self._adapter = tensor_adapter.TensorAdapter(tfxio.TensorAdapterConfig())
        self._placeholders = {
            name: _placeholder(spec)
            for name, spec in self.specs.items()
            if name not in self._adapter.TypeSpecs()
        }

    @property
    def specs(self) -> Mapping[str, tf.TypeSpec]:
        """The type of every feature of the schema, read or not."""
        return self._adapter.OriginalTypeSpecs()

    def batches(self, dataset: Dataset) -> Iterator[pa.RecordBatch]:
        """The rows of a dataset in large batches of the columns that TFXIO would give.

        Raises:
          NotInMemoryError: If a column is not of the type that the schema says. TFX's
            own reader then says what is wrong, or reads what is not known here.
        """
        read = columnar_examples.read_examples(
            dataset.uri, dataset.split, columns=self._arrow_schema.names, batch_rows=BATCH_ROWS
        )
        return _in_large_batches(self._conformed(batch) for batch in read)

    def tensors(self, batch: pa.RecordBatch) -> Tensors:
        """The batch as a dict of (composite) tensors, one for every feature of the schema.

        Features that are not read get a placeholder; nothing that is computed with
        them depends on it.
        """
        tensors = self._adapter.ToBatchTensors(batch, produce_eager_tensors=True)
        return {
            name: tensors[name] if name in tensors else self._placeholders[name]
            for name in self.specs
        }

    def _conformed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = []
        for field in self._arrow_schema:
            index = batch.schema.get_field_index(field.name)
            column = None if index < 0 else batch.column(index)
            if column is None or (column.null_count == len(column) and column.type != field.type):
                column = pa.nulls(batch.num_rows, field.type)
            elif column.type != field.type:
                raise NotInMemoryError(
                    f"feature {field.name} is {column.type}, the schema says {field.type}"
                )
            columns.append(column)
        return pa.RecordBatch.from_arrays(columns, schema=self._arrow_schema)


def _in_large_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Puts small batches together."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if waiting and rows + batch.num_rows > BATCH_ROWS:
            yield _joined(waiting)
            waiting, rows = [], 0
        waiting.append(batch)
        rows += batch.num_rows
    if rows:
        yield _joined(waiting)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    (joined,) = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return joined


def _placeholder(spec: tf.TypeSpec) -> Any:
    """A tensor of one row for a feature that is not read."""
    if isinstance(spec, tf.TensorSpec):
        return tf.zeros([size or 1 for size in spec.shape.as_list()], spec.dtype)
    if isinstance(spec, tf.SparseTensorSpec):
        rank = spec.shape.rank
        return tf.SparseTensor(
            indices=tf.zeros([1, rank], tf.int64),
            values=tf.zeros([1], spec.dtype),
            dense_shape=[size or 1 for size in spec.shape.as_list()],
        )
    raise NotInMemoryError(f"no placeholder is known for {spec}")
