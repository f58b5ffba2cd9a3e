"""A finished transformation applied to the examples of every split."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from tensorflow_transform import impl_helper

from components.in_memory import bytes_to_read
from components.transform.inputs import Dataset, InputReader
from components.transform.shards import ShardedExamples
from components.transform.statistics import Statistics
from components.transform.tracing import FinishedTransform
from core import progress
from core.columnar_examples import ColumnarWriter

# Below this, starting processes takes longer than they save.
_BYTES_WORTH_A_PROCESS = 4 * 1024**2
_MOST_SHARDS = 4


@dataclasses.dataclass(frozen=True)
class Target:
    """Where the transformed examples of a dataset go.

    Attributes:
      uri: The transformed Examples artifact's uri.
      split: The split's name.
      prefix: The beginning of the TFRecord files' paths.
    """

    uri: str
    split: str
    prefix: str


def transform(
    finished: FinishedTransform,
    reader: InputReader,
    datasets: Sequence[tuple[Dataset, Target | None]],
    statistics: Statistics | None,
) -> None:
    """Transforms every dataset, writes the results and adds up their statistics.

    Args:
      finished: The transformation.
      reader: Reads the features that it needs.
      datasets: The datasets and their targets; None where nothing is written.
      statistics: Takes all transformed batches, if wanted.
    """
    converter = impl_helper.make_tensor_to_arrow_converter(finished.schema)
    arrow_schema = converter.arrow_schema()
    rows = 0
    for dataset, target in datasets:
        with contextlib.ExitStack() as stack:
            outputs: list[Any] = [] if statistics is None else [statistics.add]
            if target is not None:
                outputs.append(
                    stack.enter_context(
                        ShardedExamples(
                            target.prefix,
                            arrow_schema,
                            finished.plain_schema.SerializeToString(),
                            _shards(dataset),
                        )
                    ).write
                )
                if _is_like_decoded(arrow_schema):
                    copy = ColumnarWriter(target.uri, target.split, arrow_schema)
                    outputs.append(stack.enter_context(copy).write)
            for batch in reader.batches(dataset):
                tensors = finished.function(reader.tensors(batch))
                transformed = converter.convert(dict(tensors))
                for output in outputs:
                    output(transformed)
                rows += transformed.num_rows
                progress.report(f"{rows:,} rows transformed")
    if statistics is not None:
        statistics.write()


def _shards(dataset: Dataset) -> int:
    if bytes_to_read(dataset.uri, dataset.split) < _BYTES_WORTH_A_PROCESS:
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), _MOST_SHARDS))


_DECODED = (
    pa.large_list(pa.int64()),
    pa.large_list(pa.float32()),
    pa.large_list(pa.large_binary()),
)


def _is_like_decoded(schema: pa.Schema) -> bool:
    """Whether decoding the tf.Examples of such batches would give the batches."""
    return all(field.type in _DECODED for field in schema)
