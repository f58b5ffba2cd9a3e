"""Transform in memory and through Beam."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.components.transform import executor as tfx_executor
from tfx.types import artifact_utils
from tfx_bsl.coders import example_coder

from core.columnar_examples import has_columnar_copy, read_columnar

IN_MEMORY = "--in_memory_bytes=1000000000"
Row = dict[str, tuple[Any, ...]]


@pytest.fixture(params=["usual", "rare"])
def both(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """A run in memory and the same through Beam."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def no_beam(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Notes calls of TFX's executor instead of making them."""
    calls: list[int] = []
    monkeypatch.setattr(tfx_executor.Executor, "Do", lambda *arguments: calls.append(1))
    return calls


def test_both_ways_write_the_same_files(both: tuple[Any, Any]) -> None:
    memory, beam = both
    for key in memory.outputs:
        if key == "updated_analyzer_cache":
            continue
        ours = [path for path in memory.files(key) if not path.startswith("columnar/")]
        assert ours == beam.files(key), key


def test_both_ways_write_the_same_metadata_and_vocabularies(both: tuple[Any, Any]) -> None:
    memory, beam = both
    for name in memory.files("transform_graph"):
        if name.startswith(("metadata/", "transformed_metadata/")) or (
            "/assets/" in name and not name.endswith(".gz")
        ):
            assert (memory.graph / name).read_bytes() == (beam.graph / name).read_bytes(), name
    found, expected = (tft.TFTransformOutput(str(run.graph)) for run in both)
    for name in json.loads((beam.graph / "transformed_metadata" / "asset_map").read_text()):
        assert found.vocabulary_by_name(name) == expected.vocabulary_by_name(name)


def test_a_category_with_line_ends_is_in_the_vocabulary_of_both(usual: tuple[Any, Any]) -> None:
    for done in usual:
        firms = tft.TFTransformOutput(str(done.graph)).vocabulary_by_name("vocabulary_firm")
        assert {b"company 1", b"company 2", b"company\x10r\x10n3"} <= set(firms)


def test_both_ways_transform_every_row_alike(both: tuple[Any, Any]) -> None:
    memory, beam = both
    for split in ("train", "eval"):
        _assert_alike(_rows(memory, split), _rows(beam, split))


def test_both_graphs_give_the_same_for_the_same_input(both: tuple[Any, Any]) -> None:
    raw = {
        "fare": tf.sparse.from_dense([[12.5], [0.0], [3.25]]),
        "hour": tf.constant([3, 23, 11], tf.int64),
        "payment": tf.sparse.from_dense([["Cash"], ["Bitcoin"], [""]]),
        "company": tf.sparse.from_dense([["company 1"], ["nobody"], ["company\r\n3"]]),
        "tags": tf.sparse.from_dense([["tag1", "tag2"], ["new", ""], ["", ""]]),
        "note": tf.sparse.from_dense([["wörd1 wörd2 WÖRD1"], ["new words"], [""]]),
        "when": tf.sparse.from_dense([["1.2.2020"], ["31.2.2020"], [""]]),
        "unused": tf.constant([0, 0, 0], tf.int64),
    }
    found, expected = (
        tft.TFTransformOutput(str(run.graph)).transform_raw_features(dict(raw)) for run in both
    )
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        dense = [
            tf.sparse.to_dense(t) if isinstance(t, tf.SparseTensor) else t
            for t in (found[name], tensor)
        ]
        np.testing.assert_array_equal(*_comparable(dense), err_msg=name)


def test_both_ways_leave_the_same_statistics(usual: tuple[Any, Any]) -> None:
    memory, beam = usual
    for key in ("pre_transform_schema", "post_transform_schema"):
        name = "schema.pbtxt"
        assert (memory.folder(key) / name).read_text() == (beam.folder(key) / name).read_text()
    anomalies = [run.folder("post_transform_anomalies") / "SchemaDiff.pb" for run in usual]
    assert anomalies[0].read_bytes() == anomalies[1].read_bytes()
    for key in ("pre_transform_stats", "post_transform_stats"):
        found, expected = (_statistics(run.folder(key)) for run in usual)
        assert found.keys() == expected.keys()
        for name, feature in expected.items():
            assert _summary(found[name]) == pytest.approx(_summary(feature), rel=1e-4, abs=1e-5)


def test_both_ways_name_the_splits(both: tuple[Any, Any]) -> None:
    names = [
        sorted(
            artifact_utils.decode_split_names(run.outputs["transformed_examples"][0].split_names)
        )
        for run in both
    ]
    assert names == [["eval", "train"], ["eval", "train"]]


def test_arrow_copy_equals_the_decoded_examples(usual: tuple[Any, Any]) -> None:
    folder = usual[0].folder("transformed_examples")
    assert has_columnar_copy(str(folder), ["train", "eval"])
    (path,) = (folder / "Split-eval").iterdir()
    records = list(tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator())
    decoded = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(records)
    copy = pa.Table.from_batches(read_columnar(str(folder), "eval")).combine_chunks()
    assert copy.num_rows == decoded.num_rows
    assert sorted(copy.schema.names) == sorted(decoded.schema.names)
    for name in decoded.schema.names:
        column = decoded.column(decoded.schema.get_field_index(name))
        assert copy.column(name).to_pylist() == column.to_pylist()
        assert copy.schema.field(name).type == column.type


def test_small_examples_do_not_start_beam(
    examples_uri: Path, tmp_path: Path, run: Callable[..., Any], no_beam: list[int]
) -> None:
    done = run([examples_uri], tmp_path, "preprocessing_without_analyzers.py", IN_MEMORY)
    assert not no_beam
    assert (done.graph / "transform_fn" / "saved_model.pb").is_file()
    assert not (done.graph / ".temp_path").exists()


def test_statistics_options_of_the_user_are_taken(
    examples_uri: Path, tmp_path: Path, run: Callable[..., Any]
) -> None:
    done = run([examples_uri], tmp_path, "preprocessing_without_analyzers.py", IN_MEMORY)
    feature = _statistics(done.folder("pre_transform_stats"))["hour"]
    assert len(feature.num_stats.histograms[0].buckets) == 3


@pytest.mark.parametrize(
    ("module", "flag", "properties"),
    [
        ("preprocessing_without_analyzers.py", "--in_memory_bytes=0", {}),
        ("preprocessing_without_analyzers.py", "--in_memory_bytes=1000", {}),
        ("preprocessing_without_analyzers.py", IN_MEMORY, {"force_tf_compat_v1": 1}),
        ("preprocessing_gaussian.py", IN_MEMORY, {}),
    ],
)
def test_what_belongs_to_beam_goes_through_beam(
    examples_uri: Path,
    tmp_path: Path,
    run: Callable[..., Any],
    no_beam: list[int],
    module: str,
    flag: str,
    properties: dict[str, Any],
) -> None:
    done = run([examples_uri], tmp_path, module, flag, properties=properties)
    assert no_beam == [1]
    assert not done.files("transform_graph")


def test_a_column_of_another_type_leaves_nothing_behind_for_beam(
    tmp_path: Path,
    run: Callable[..., Any],
    make_examples: Callable[..., None],
    raw_batches: dict[str, pa.RecordBatch],
    no_beam: list[int],
) -> None:
    right = raw_batches["eval"]
    wrong = dict(zip(right.schema.names, right.columns, strict=True))
    wrong["hour"] = pa.array([[1.5]] * right.num_rows, pa.large_list(pa.float32()))
    batches = {"train": raw_batches["train"], "eval": pa.RecordBatch.from_pydict(wrong)}
    make_examples(tmp_path / "examples", batches, arrow_copy=True)
    done = run(
        [tmp_path / "examples"], tmp_path / "out", "preprocessing_without_analyzers.py", IN_MEMORY
    )
    assert no_beam == [1]
    assert not any(done.files(key) for key in done.outputs)


def test_without_statistics_and_materialization_only_the_graph_is_written(
    examples_uri: Path, tmp_path: Path, run: Callable[..., Any]
) -> None:
    done = run(
        [examples_uri],
        tmp_path,
        "preprocessing_usual.py",
        IN_MEMORY,
        custom_config={"buckets": 3},
        statistics=False,
        materialize=False,
    )
    assert tft.TFTransformOutput(str(done.graph)).vocabulary_size_by_name("company_top") == 5


def test_examples_are_transformed_without_analyzers_and_statistics(
    examples_uri: Path, tmp_path: Path, run: Callable[..., Any], raw_batches: dict[str, Any]
) -> None:
    done = run(
        [examples_uri], tmp_path, "preprocessing_without_analyzers.py", IN_MEMORY, statistics=False
    )
    hours = raw_batches["eval"].to_pydict()["hour"]
    hours = [hour for (hour,) in hours]
    assert [row["late"] for row in _rows(done, "eval")] == [(int(hour > 20),) for hour in hours]


def test_tfrecords_without_an_arrow_copy_give_the_same(
    tmp_path: Path,
    run: Callable[..., Any],
    make_examples: Callable[..., None],
    raw_batches: dict[str, pa.RecordBatch],
    usual: tuple[Any, Any],
) -> None:
    make_examples(tmp_path / "examples", raw_batches, arrow_copy=False)
    done = run(
        [tmp_path / "examples"],
        tmp_path / "out",
        "preprocessing_usual.py",
        IN_MEMORY,
        custom_config={"buckets": 5},
        statistics=False,
    )
    assert _rows(done, "eval") == _rows(usual[0], "eval")


def test_several_examples_artifacts_are_analysed_together(
    tmp_path: Path,
    run: Callable[..., Any],
    make_examples: Callable[..., None],
    raw_batches: dict[str, pa.RecordBatch],
    usual: tuple[Any, Any],
) -> None:
    halves: list[Path] = []
    for half in range(2):
        uri = tmp_path / f"examples{half}"
        batches = {
            split: batch.slice(half * (batch.num_rows // 2), batch.num_rows // 2)
            for split, batch in raw_batches.items()
        }
        make_examples(uri, batches, arrow_copy=False)
        halves.append(uri)
    done = run(
        halves,
        tmp_path / "out",
        "preprocessing_usual.py",
        IN_MEMORY,
        custom_config={"buckets": 5},
        statistics=False,
    )
    assert len(done.outputs["transformed_examples"]) == 2
    rows = [
        row for artifact in done.outputs["transformed_examples"] for row in _read(artifact, "eval")
    ]
    _assert_alike(rows, _rows(usual[1], "eval"))


def _read(artifact: Any, split: str) -> list[Row]:
    rows = []
    for path in sorted(Path(artifact_utils.get_split_uri([artifact], split)).iterdir()):
        for record in tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator():
            features = tf.train.Example.FromString(record).features.feature
            rows.append(
                {
                    name: tuple(getattr(feature, feature.WhichOneof("kind")).value)
                    for name, feature in sorted(features.items())
                }
            )
    return rows


def _rows(run: Any, split: str) -> list[Row]:
    (artifact,) = run.outputs["transformed_examples"]
    return _read(artifact, split)


def _assert_alike(found: list[Row], expected: list[Row]) -> None:
    """Equal in any order, floats within the precision of float32 sums."""
    assert len(found) == len(expected)
    for left, right in zip(sorted(found, key=_key), sorted(expected, key=_key), strict=True):
        assert left.keys() == right.keys()
        for name in right:
            if right[name] and isinstance(right[name][0], float):
                assert left[name] == pytest.approx(right[name], rel=1e-4, abs=1e-4), name
            else:
                assert left[name] == right[name], name


def _key(row: Row) -> tuple[Any, ...]:
    """Sorts alike what is alike: whole numbers and bytes first, then rounded floats."""
    return tuple(
        (name, tuple(round(v, 2) if isinstance(v, float) else v for v in values))
        for name, values in sorted(row.items(), key=lambda item: _is_float(item[1]))
    )


def _is_float(values: tuple[Any, ...]) -> bool:
    return bool(values) and isinstance(values[0], float)


def _comparable(tensors: list[tf.Tensor]) -> list[np.ndarray]:
    arrays = [tensor.numpy() for tensor in tensors]
    return [np.round(a, 3) if a.dtype.kind == "f" else a for a in arrays]


def _statistics(folder: Path) -> dict[str, statistics_pb2.FeatureNameStatistics]:
    loaded = statistics_pb2.DatasetFeatureStatisticsList.FromString(
        (folder / "FeatureStats.pb").read_bytes()
    )
    (dataset,) = loaded.datasets
    return {feature.path.step[0]: feature for feature in dataset.features}


def _summary(feature: statistics_pb2.FeatureNameStatistics) -> dict[str, float]:
    is_text = feature.HasField("string_stats")
    stats = feature.string_stats if is_text else feature.num_stats
    summary = {
        "type": feature.type,
        "present": stats.common_stats.num_non_missing,
        "missing": stats.common_stats.num_missing,
        "values": stats.common_stats.tot_num_values,
    }
    if is_text:
        return {**summary, "unique": stats.unique, "length": stats.avg_length}
    return {**summary, "mean": stats.mean, "deviation": stats.std_dev, "max": stats.max}
