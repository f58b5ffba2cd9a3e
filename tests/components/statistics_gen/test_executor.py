"""The statistics artifact, computed in memory and through Beam."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx import types
from tfx.components.statistics_gen import executor as tfx_executor
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils, standard_artifacts

from components.statistics_gen.executor import Executor
from core.columnar_examples import read_examples

IN_MEMORY = "--in_memory_bytes=1000000000"
BEAM = "--in_memory_bytes=0"


def _examples(uri: Path) -> types.Artifact:
    examples = standard_artifacts.Examples()
    examples.uri = str(uri)
    examples.span = 12
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    return examples


def _run(examples_uri: Path, output: Path, *flags: str, excluded: str = "[]") -> types.Artifact:
    statistics = standard_artifacts.ExampleStatistics()
    statistics.uri = str(output)
    context = base_beam_executor.BaseBeamExecutor.Context(
        beam_pipeline_args=["--runner=DirectRunner"],
        tmp_dir=str(output / ".temp"),
        unique_id="1",
        extra_flags=list(flags),
    )
    Executor(context).Do(
        {"examples": [_examples(examples_uri)]},
        {"statistics": [statistics]},
        {"exclude_splits": excluded},
    )
    return statistics


def _load(statistics: types.Artifact, split: str) -> statistics_pb2.DatasetFeatureStatistics:
    path = Path(artifact_utils.get_split_uri([statistics], split)) / "FeatureStats.pb"
    loaded = statistics_pb2.DatasetFeatureStatisticsList.FromString(path.read_bytes())
    assert len(loaded.datasets) == 1
    return loaded.datasets[0]


def _by_name(
    dataset: statistics_pb2.DatasetFeatureStatistics,
) -> dict[str, statistics_pb2.FeatureNameStatistics]:
    return {feature.path.step[0]: feature for feature in dataset.features}


@pytest.fixture(scope="module")
def examples_uri(
    tmp_path_factory: pytest.TempPathFactory, write_examples: Callable[..., None]
) -> Path:
    uri = tmp_path_factory.mktemp("examples")
    write_examples(uri, arrow_copy=True)
    return uri


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, examples_uri: Path
) -> tuple[types.Artifact, types.Artifact]:
    folder = tmp_path_factory.mktemp("statistics")
    return (
        _run(examples_uri, folder / "memory", IN_MEMORY),
        _run(examples_uri, folder / "beam", BEAM),
    )


def test_small_examples_do_not_start_beam(
    examples_uri: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("Beam was started")

    monkeypatch.setattr(tfx_executor.Executor, "Do", fail)
    _run(examples_uri, tmp_path, IN_MEMORY)
    assert (tmp_path / "Split-train" / "FeatureStats.pb").is_file()


@pytest.mark.parametrize("flag", ["--in_memory_bytes=0", "--in_memory_bytes=100"])
def test_examples_above_the_threshold_go_through_beam(
    examples_uri: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    called = []
    monkeypatch.setattr(tfx_executor.Executor, "Do", lambda *arguments: called.append(1))
    _run(examples_uri, tmp_path, flag)
    assert called == [1]


def test_both_ways_write_the_same_files_and_properties(
    both: tuple[types.Artifact, types.Artifact],
) -> None:
    memory, beam = both
    trees = [
        sorted(
            str(path.relative_to(artifact.uri))
            for path in Path(artifact.uri).rglob("*")
            if path.is_file()
        )
        for artifact in both
    ]
    assert trees[0] == trees[1]
    assert memory.mlmd_artifact.properties == beam.mlmd_artifact.properties
    assert memory.mlmd_artifact.custom_properties == beam.mlmd_artifact.custom_properties


@pytest.mark.parametrize("split", ["train", "eval"])
def test_both_ways_count_the_same(both: tuple[types.Artifact, types.Artifact], split: str) -> None:
    memory, beam = (_load(artifact, split) for artifact in both)
    assert memory.num_examples == beam.num_examples
    assert _by_name(memory).keys() == _by_name(beam).keys()
    for name, expected in _by_name(beam).items():
        found = _by_name(memory)[name]
        assert found.type == expected.type, name
        assert _counts(found) == _counts(expected), name


@pytest.mark.parametrize("split", ["train", "eval"])
def test_both_ways_find_the_same_moments(
    both: tuple[types.Artifact, types.Artifact], split: str
) -> None:
    memory, beam = (_by_name(_load(artifact, split)) for artifact in both)
    for name in ("fare", "hour", "stops"):
        found, expected = memory[name].num_stats, beam[name].num_stats
        for field in ("mean", "std_dev"):
            assert getattr(found, field) == pytest.approx(getattr(expected, field), rel=1e-9)
        for field in ("num_zeros", "min", "max"):
            assert getattr(found, field) == getattr(expected, field)


@pytest.mark.parametrize("split", ["train", "eval"])
def test_quantiles_of_both_ways_agree_within_the_sketch(
    examples_uri: Path, both: tuple[types.Artifact, types.Artifact], split: str
) -> None:
    values = np.sort(
        np.concatenate(
            [
                batch.column(0).flatten().to_numpy()
                for batch in read_examples(str(examples_uri), split, columns=["fare"])
            ]
        )
    )
    ranks = [
        [np.searchsorted(values, bound) / len(values) for bound in _quantiles(artifact, split)]
        for artifact in both
    ]
    # TFDV's epsilon is 0.01 in rank; either sketch may be off by that much.
    np.testing.assert_allclose(ranks[0], ranks[1], atol=0.02)


def test_arrow_copy_and_tfrecords_give_equal_statistics(
    both: tuple[types.Artifact, types.Artifact],
    tmp_path: Path,
    write_examples: Callable[..., None],
) -> None:
    write_examples(tmp_path / "examples", arrow_copy=False)
    decoded = _run(tmp_path / "examples", tmp_path / "statistics", IN_MEMORY)
    for split in ("train", "eval"):
        found, expected = _by_name(_load(decoded, split)), _by_name(_load(both[0], split))
        assert {name: _counts(feature) for name, feature in found.items()} == {
            name: _counts(feature) for name, feature in expected.items()
        }


def test_excluded_splits_are_left_out(examples_uri: Path, tmp_path: Path) -> None:
    statistics = _run(examples_uri, tmp_path, IN_MEMORY, excluded='["eval"]')
    assert artifact_utils.decode_split_names(statistics.split_names) == ["train"]
    assert not (tmp_path / "Split-eval").exists()


def _quantiles(artifact: types.Artifact, split: str) -> Iterator[float]:
    feature = _by_name(_load(artifact, split))["fare"]
    (histogram,) = [
        histogram
        for histogram in feature.num_stats.histograms
        if histogram.type == statistics_pb2.Histogram.QUANTILES
    ]
    for bucket in histogram.buckets:
        yield bucket.high_value


def _counts(feature: statistics_pb2.FeatureNameStatistics) -> tuple[object, ...]:
    stats = feature.string_stats if feature.HasField("string_stats") else feature.num_stats
    common = stats.common_stats
    words = feature.string_stats
    return (
        common.num_non_missing,
        common.num_missing,
        common.min_num_values,
        common.max_num_values,
        common.tot_num_values,
        words.unique,
        words.invalid_utf8_count,
        [(top.value, top.frequency) for top in words.top_values],
        [(bucket.label, bucket.sample_count) for bucket in words.rank_histogram.buckets],
    )
