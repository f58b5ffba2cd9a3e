"""The Arrow copy of an Examples artifact."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core.columnar_examples import (
    ColumnarWriter,
    columnar_path,
    has_columnar_copy,
    read_columnar,
    read_examples,
)

_SCHEMA = pa.schema([("a", pa.large_list(pa.int64())), ("b", pa.large_list(pa.large_binary()))])


def _batch(*numbers: int) -> pa.RecordBatch:
    columns = [[[number] for number in numbers], [[str(number).encode()] for number in numbers]]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, _SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _write(uri: Path, *batches: pa.RecordBatch) -> None:
    with ColumnarWriter(str(uri), "train", _SCHEMA) as writer:
        for batch in batches:
            writer.write(batch)


def test_batches_come_back_as_they_were_written(tmp_path: Path) -> None:
    _write(tmp_path, _batch(1, 2), _batch(3))
    assert list(read_columnar(str(tmp_path), "train")) == [_batch(1, 2), _batch(3)]
    assert list(read_examples(str(tmp_path), "train")) == [_batch(1, 2), _batch(3)]


def test_only_the_named_columns_are_read(tmp_path: Path) -> None:
    _write(tmp_path, _batch(1))
    [batch] = read_columnar(str(tmp_path), "train", ["b", "unknown"])
    assert batch.to_pydict() == {"b": [[b"1"]]}


def test_a_copy_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    def fail_halfway() -> None:
        with ColumnarWriter(str(tmp_path), "train", _SCHEMA) as writer:
            writer.write(_batch(1))
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert not columnar_path(str(tmp_path), "train").exists()
    assert not has_columnar_copy(str(tmp_path), ["train"])


def test_every_split_needs_its_copy(tmp_path: Path) -> None:
    _write(tmp_path, _batch(1))
    assert has_columnar_copy(str(tmp_path), ["train"])
    assert not has_columnar_copy(str(tmp_path), ["train", "eval"])


def test_records_are_decoded_where_there_is_no_copy(tmp_path: Path) -> None:
    import tensorflow as tf

    (tmp_path / "Split-train").mkdir()
    options = tf.io.TFRecordOptions(compression_type="GZIP")
    with tf.io.TFRecordWriter(str(tmp_path / "Split-train" / "data.gz"), options) as writer:
        for number in (1, 2):
            integers = tf.train.Feature(int64_list=tf.train.Int64List(value=[number]))
            texts = tf.train.Feature(bytes_list=tf.train.BytesList(value=[str(number).encode()]))
            features = tf.train.Features(feature={"a": integers, "b": texts})
            writer.write(tf.train.Example(features=features).SerializeToString(deterministic=True))
    assert list(read_examples(str(tmp_path), "train")) == [_batch(1, 2)]
    [chosen] = read_examples(str(tmp_path), "train", columns=["b"])
    assert chosen.to_pydict() == {"b": [[b"1"], [b"2"]]}


def test_a_split_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Split-train"):
        list(read_examples(str(tmp_path), "train"))
