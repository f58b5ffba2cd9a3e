"""tf.Examples from Arrow batches, and the files they go to."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pyarrow as pa
import pytest
import tensorflow as tf
from tfx_bsl.coders import example_coder

from components.transform.record_file import ExampleEncoder, RecordFile
from components.transform.shards import ShardedExamples
from core.errors import InfrastructureError

_SCHEMA = pa.schema(
    [
        ("number", pa.large_list(pa.float32())),
        ("code", pa.large_list(pa.int64())),
        ("word", pa.large_list(pa.large_binary())),
    ]
)


def _batch(rows: list[tuple[list[float], list[int], list[bytes]]]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) if rows else [[], [], []]
    return pa.RecordBatch.from_arrays(
        [pa.array(column, kind) for column, kind in zip(columns, _SCHEMA.types, strict=True)],
        schema=_SCHEMA,
    )


def _decoded(records: list[bytes]) -> list[dict[str, object]]:
    names = sorted(_SCHEMA.names)
    return example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(records).to_pylist() and [
        {
            name: list(getattr(feature, feature.WhichOneof("kind")).value)
            for name in names
            for feature in [tf.train.Example.FromString(record).features.feature[name]]
        }
        for record in records
    ]


def _read(path: Path) -> list[bytes]:
    return list(tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator())


_floats = st.floats(width=32, allow_nan=False)
_rows = st.lists(
    st.tuples(
        st.lists(_floats, max_size=1),
        st.lists(st.integers(-(2**63), 2**63 - 1), max_size=1),
        st.lists(st.binary(max_size=5), max_size=1),
    ),
    min_size=1,
    max_size=30,
)


@hypothesis.given(_rows)
@hypothesis.settings(max_examples=50, deadline=None)
def test_single_values_are_encoded_as_tfx_bsl_would(
    rows: list[tuple[list[float], list[int], list[bytes]]],
) -> None:
    batch = _batch(rows)
    ours = ExampleEncoder(b"").encode(batch).to_pylist()
    theirs = example_coder.RecordBatchToExamplesEncoder().encode(batch)
    assert [tf.train.Example.FromString(record) for record in ours] == [
        tf.train.Example.FromString(record) for record in theirs
    ]


def test_rows_with_several_values_are_encoded() -> None:
    records = ExampleEncoder(b"").encode(_batch([([1.5, 2.5], [], [b"a"]), ([], [7, 8], [])]))
    assert _decoded(records.to_pylist()) == [
        {"number": [1.5, 2.5], "code": [], "word": [b"a"]},
        {"number": [], "code": [7, 8], "word": []},
    ]


def test_tensorflow_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "examples.gz"
    with RecordFile(path, b"") as records:
        records.write(_batch([([1.0], [1], [b"a"])]))
        records.write(_batch([([2.0], [2], [b"b"])]))
    assert [row["code"] for row in _decoded(_read(path))] == [[1], [2]]


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "examples.gz"
    with pytest.raises(AttributeError), RecordFile(path, b"") as records:
        records.write("not a batch")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shards", [1, 2])
def test_shards_hold_all_rows_under_the_names_of_beam(tmp_path: Path, shards: int) -> None:
    prefix = str(tmp_path / "transformed_examples")
    with ShardedExamples(prefix, _SCHEMA, b"", shards) as examples:
        for number in range(5):
            examples.write(_batch([([1.0], [number], [b"a"])]))
    paths = sorted(tmp_path.iterdir())
    assert [path.name for path in paths] == [
        f"transformed_examples-{index:05d}-of-{shards:05d}.gz" for index in range(shards)
    ]
    codes = [row["code"][0] for path in paths for row in _decoded(_read(path))]
    assert sorted(codes) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("shards", [1, 2])
def test_a_failing_writer_leaves_no_shards(tmp_path: Path, shards: int) -> None:
    with (
        pytest.raises(RuntimeError),
        ShardedExamples(str(tmp_path / "transformed_examples"), _SCHEMA, b"", shards),
    ):
        raise RuntimeError("no more")
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]


def test_a_process_that_ends_early_is_an_error(tmp_path: Path) -> None:
    # The folder's place is taken by a file, so no worker can write there.
    (tmp_path / "taken").write_text("")
    prefix = str(tmp_path / "taken" / "examples")
    with (
        pytest.raises(InfrastructureError) as failure,
        ShardedExamples(prefix, _SCHEMA, b"", 2) as examples,
    ):
        examples.write(_batch([([1.0], [1], [b"a"])]))
    assert failure.value.evidence
