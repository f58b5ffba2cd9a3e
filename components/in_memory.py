"""Whether an executor may compute in its own process instead of through Beam.

Executors that can do both raise `NotInMemoryError` before they have written anything,
say why in the log, and leave the work to the Beam executor they are derived from.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from components.execution_flags import parse_execution_flags
from core import columnar_examples

if TYPE_CHECKING:
    from tfx import types


class NotInMemoryError(Exception):
    """Why this execution goes through Beam."""


def require_in_memory(
    extra_flags: Iterable[str] | None,
    examples: Sequence[types.Artifact],
    splits: Iterable[str],
    outputs: Iterable[types.Artifact] = (),
) -> None:
    """Checks the threshold and the formats that the in-memory computations read.

    Args:
      extra_flags: The executor's extra flags, see `components.execution_flags`.
      examples: The Examples artifacts to be read.
      splits: The splits to be read.
      outputs: The artifacts to be written.

    Raises:
      NotInMemoryError: If the work belongs to Beam; the text says why.
    """
    from tfx.components.util import examples_utils
    from tfx.proto import example_gen_pb2

    limit = parse_execution_flags(extra_flags).in_memory_bytes
    if limit <= 0:
        raise NotInMemoryError("the in-memory computation is switched off")
    for artifact in examples:
        if artifact.has_custom_property(examples_utils.CUSTOM_SPLIT_PATTERN_PROPERTY_NAME):
            raise NotInMemoryError("the examples have their own split pattern")
        payload = examples_utils.get_payload_format(artifact)
        if payload != example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE:
            raise NotInMemoryError("the payload is not tf.Example")
        if examples_utils.get_file_format(artifact) != "tfrecords_gzip":
            raise NotInMemoryError("the files are not TFRecords")
    for artifact in outputs:
        if "://" in artifact.uri:
            raise NotInMemoryError(f"{artifact.uri} is not a local path")
    names = list(splits)
    size = sum(bytes_to_read(artifact.uri, split) for artifact in examples for split in names)
    if size > limit:
        raise NotInMemoryError(f"{size:,} bytes of examples are more than {limit:,}")


def bytes_to_read(examples_uri: str, split: str) -> int:
    """The size of the files that `core.columnar_examples.read_examples` would read."""
    copy = columnar_examples.columnar_path(examples_uri, split)
    if copy.is_file():
        return copy.stat().st_size
    # Only now: the copy is the rule, and TensorFlow takes seconds to import.
    import tensorflow as tf

    paths = tf.io.gfile.glob(os.path.join(examples_uri, f"Split-{split}", "*"))
    return sum(tf.io.gfile.stat(path).length for path in paths)
