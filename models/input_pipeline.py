"""From an Examples artifact of transformed rows to batches for the model.

A split that fits is read once and kept as arrays; batches are then gathered
by shuffled row numbers, which costs microseconds where parsing costs milliseconds. The
Arrow copy beside the TFRecords is read where there is one. A split that does not fit
is streamed: files interleaved, rows shuffled while still serialized, and whole
batches parsed at once.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from core import columnar_examples
from core.errors import DataError
from models.input_layout import BAG, DENSE, INDEX, InputLayout
from preprocessing.features import LABEL_KEY
from preprocessing.label import Task, has_label

Batch = tuple[dict[str, tf.Tensor], tf.Tensor]
_Chunk = tuple[dict[str, np.ndarray], np.ndarray]
# AutoGraph would rewrite the sources of what `map` is given, which needs none of it.
_as_it_is = tf.autograph.experimental.do_not_convert
_PARSE_ROWS = 8_192
_SHUFFLED_ROWS = 50_000
# A gzip file of transformed tf.Examples grows about so many times as arrays.
_BYTES_PER_FILE_BYTE = 4
# A short text leaves most places of its bag empty, which gzip makes next to nothing of.
_BYTES_PER_FILE_BYTE_OF_TEXT = 16


@dataclasses.dataclass(frozen=True)
class Rows:
    """A split in memory, rows without a label left out.

    Attributes:
      dense: float32 [rows, features].
      index: int32 [rows, indices].
      label: int64 or float32 [rows].
      without_label: How many rows were left out.
      bag: int32 [rows, tokens], None where the table has no text.
    """

    dense: np.ndarray
    index: np.ndarray
    label: np.ndarray
    without_label: int
    bag: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.label)

    def inputs(self) -> dict[str, np.ndarray]:
        """The model's inputs by name."""
        found = {DENSE: self.dense, INDEX: self.index}
        return found if self.bag is None else {**found, BAG: self.bag}


@dataclasses.dataclass(frozen=True)
class Split:
    """One split of an Examples artifact, as the trainer's file patterns name it.

    Attributes:
      patterns: Globs such as ``<uri>/Split-train/*``.
      feature_spec: The transformed features' parsing specification.
      layout: The model's inputs.
      task: The task, which tells how a missing label looks.
    """

    patterns: tuple[str, ...]
    feature_spec: dict[str, Any]
    layout: InputLayout
    task: Task

    def files(self) -> list[str]:
        """The TFRecord files, sorted.

        Raises:
          DataError: If there are none.
        """
        found = sorted(path for pattern in self.patterns for path in tf.io.gfile.glob(pattern))
        if not found:
            raise DataError(
                "a split has no files",
                evidence=list(self.patterns),
                hint="look at the split's weight in the configuration",
                code="empty-split",
            )
        return found

    def fits(self, limit_bytes: int) -> bool:
        """Whether the split probably takes less memory than `limit_bytes`."""
        size = sum(tf.io.gfile.stat(path).length for path in self.files())
        grows = _BYTES_PER_FILE_BYTE_OF_TEXT if self.layout.bags else _BYTES_PER_FILE_BYTE
        return size * grows <= limit_bytes

    def read(self, limit_rows: int | None = None) -> Rows:
        """Reads the split, or its first rows, into memory.

        Args:
          limit_rows: Stop after so many rows (or a few more).

        Raises:
          DataError: If the split has no files.
        """
        parts: list[_Chunk] = []
        rows = without_label = 0
        for inputs, label in self._chunks():
            known = has_label(label)
            if not known.all():
                without_label += int(len(known) - known.sum())
                inputs = {name: values[known] for name, values in inputs.items()}
                label = label[known]
            parts.append((inputs, label))
            rows += len(label)
            if limit_rows is not None and rows >= limit_rows:
                break
        if not parts:
            empty = {
                name: np.zeros((0, columns), dtype)
                for name, (dtype, columns) in self.layout.shapes().items()
            }
            parts.append((empty, np.zeros(0, "f4" if self.task == "regression" else "i8")))
        stacked = {
            name: np.concatenate([inputs[name] for inputs, _ in parts]) for name in parts[0][0]
        }
        label = np.concatenate([label for _, label in parts])
        return Rows(stacked[DENSE], stacked[INDEX], label, without_label, stacked.get(BAG))

    def _chunks(self) -> Iterator[_Chunk]:
        copies = [_arrow_copy(pattern) for pattern in self.patterns]
        if all(copies):
            for copy in copies:
                yield from self._arrow_chunks(*copy)
            return
        dataset = (
            self._serialized().batch(_PARSE_ROWS).map(_as_it_is(self._parse), tf.data.AUTOTUNE)
        )
        yield from dataset.prefetch(1).as_numpy_iterator()

    def _arrow_chunks(self, uri: str, split: str) -> Iterator[_Chunk]:
        layout = self.layout
        indices = [index.name for index in layout.indices]
        names = [*layout.dense, *indices, *(bag.name for bag in layout.bags), LABEL_KEY]
        for batch in columnar_examples.read_columnar(uri, split, names):
            columns = {
                name: batch.column(batch.schema.get_field_index(name))
                .flatten()
                .to_numpy(zero_copy_only=False)
                for name in names
            }
            yield self._stack_arrays(columns, batch.num_rows), columns[LABEL_KEY]

    def _stack_arrays(self, columns: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
        # The same as InputLayout.stack, without tensors.
        dense = np.empty((rows, len(self.layout.dense)), np.float32)
        for place, name in enumerate(self.layout.dense):
            dense[:, place] = columns[name]
        index = np.empty((rows, len(self.layout.indices)), np.int32)
        for place, column in enumerate(self.layout.indices):
            values = columns[column.name]
            known = (values >= 0) & (values < column.cardinality)
            index[:, place] = np.where(known, values, 0) + column.first_row
        stacked = {DENSE: dense, INDEX: index}
        if self.layout.bags:
            stacked[BAG] = np.empty((rows, self.layout.shapes()[BAG][1]), np.int32)
        for bag in self.layout.bags:
            tokens = columns[bag.name].reshape(rows, bag.length)
            known = (tokens > 0) & (tokens < bag.cardinality)
            last = bag.first_column + bag.length
            stacked[BAG][:, bag.first_column : last] = np.where(known, tokens, 0)
        return stacked

    def _serialized(self) -> tf.data.Dataset:
        files = self.files()
        compression = columnar_examples.compression_of(files[0])
        return tf.data.Dataset.from_tensor_slices(files).interleave(
            _as_it_is(lambda path: tf.data.TFRecordDataset(path, compression_type=compression)),
            cycle_length=min(len(files), 16),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )

    def _parse(self, serialized: tf.Tensor) -> Batch:
        parsed = tf.io.parse_example(serialized, self.feature_spec)
        return self.layout.stack(parsed), tf.reshape(parsed[LABEL_KEY], [-1])

    def stream(self, batch_size: int, seed: int) -> tf.data.Dataset:
        """Endless shuffled batches, parsed as they are needed.

        Args:
          batch_size: Rows in a batch.
          seed: Seed of the shuffling.

        Returns:
          A dataset of (inputs, label); rows without a label are among them with the
          label that means "missing".
        """
        return (
            self._serialized()
            .shuffle(_SHUFFLED_ROWS, seed=seed, reshuffle_each_iteration=True)
            .repeat()
            .batch(batch_size, drop_remainder=True, num_parallel_calls=tf.data.AUTOTUNE)
            .map(_as_it_is(self._parse), num_parallel_calls=tf.data.AUTOTUNE)
            .prefetch(tf.data.AUTOTUNE)
        )


def _arrow_copy(pattern: str) -> tuple[str, ...]:
    """The artifact's uri and the split, if the split has an Arrow copy; else nothing."""
    uri, folder = os.path.split(os.path.dirname(pattern))
    split = folder.removeprefix("Split-")
    return (uri, split) if columnar_examples.has_columnar_copy(uri, [split]) else ()


def batches_from_memory(
    rows: Rows, batch_size: int, seed: int, first_step: int = 0
) -> tf.data.Dataset:
    """Endless batches of rows in memory, shuffled anew in every epoch.

    The order depends on the seed and the step alone, so that a training that was
    interrupted goes on with the batches it would have had.

    Args:
      rows: The rows.
      batch_size: Rows in a batch; all rows where there are fewer.
      seed: Seed of the shuffling.
      first_step: The step whose batch comes first.

    Returns:
      A dataset of (inputs, label).
    """
    size = min(batch_size, len(rows))
    steps_per_epoch = len(rows) // size
    inputs = {name: tf.constant(values) for name, values in rows.inputs().items()}
    label = tf.constant(rows.label)

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(rows)), seed=tf.stack([tf.constant(seed, tf.int64), number])
        )
        kept = tf.reshape(order[: steps_per_epoch * size], [steps_per_epoch, size])
        return tf.data.Dataset.from_tensor_slices(kept)

    def gather(chosen: tf.Tensor) -> Batch:
        gathered = {name: tf.gather(values, chosen) for name, values in inputs.items()}
        return gathered, tf.gather(label, chosen)

    first_epoch, skipped = divmod(first_step, steps_per_epoch)
    return (
        tf.data.Dataset.counter(first_epoch)
        .flat_map(_as_it_is(epoch))
        .skip(skipped)
        .map(_as_it_is(gather), num_parallel_calls=1)
        .prefetch(8)
    )


def split_of(
    patterns: Sequence[str], feature_spec: dict[str, Any], layout: InputLayout, task: Task
) -> Split:
    """Makes a `Split` of what TFX's `FnArgs` hold."""
    return Split(tuple(patterns), feature_spec, layout, task)
