"""The rows to replay: serialized examples of the evaluation splits, as evaluation reads them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import columnar_examples
from core.errors import DataError

if TYPE_CHECKING:
    from tfx import types


def sample(
    examples: Sequence[types.Artifact], splits: Sequence[str], count: int
) -> tuple[bytes, ...]:
    """The first rows of each split, in equal shares.

    Args:
      examples: The Examples artifacts.
      splits: The splits to read.
      count: How many rows in all, at most.

    Returns:
      Serialized tf.Examples.

    Raises:
      DataError: If there are none.
    """
    import tensorflow as tf

    places = [(artifact.uri, split) for artifact in examples for split in splits]
    found: list[bytes] = []
    for number, (uri, split) in enumerate(places):
        paths = sorted(tf.io.gfile.glob(os.path.join(uri, f"Split-{split}", "*")))
        if not paths:
            continue
        wanted = (count - len(found)) // (len(places) - number)
        records = tf.data.TFRecordDataset(
            paths, compression_type=columnar_examples.compression_of(paths[0])
        )
        found += [bytes(record) for record in records.take(wanted).as_numpy_iterator()]
    if not found:
        raise DataError(
            "there are no examples to try the model with",
            evidence=[f"splits: {', '.join(splits)}", *(f"folder: {uri}" for uri, _ in places)],
            hint="choose other splits to evaluate on, or give the split a larger share",
            code="empty-evaluation-split",
        )
    return tuple(found)
