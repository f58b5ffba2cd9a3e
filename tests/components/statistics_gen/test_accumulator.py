"""Statistics added up batch by batch."""

from __future__ import annotations

import warnings

import numpy as np
import pyarrow as pa
import pytest
from tensorflow_data_validation.statistics import stats_options
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from components.in_memory import NotInMemoryError
from components.statistics_gen.accumulator import StatisticsAccumulator


def _words(*words: bytes) -> pa.RecordBatch:
    column = pa.array([[word] for word in words], pa.large_list(pa.large_binary()))
    return pa.RecordBatch.from_arrays([column], ["word"])


def _feature(
    statistics: statistics_pb2.DatasetFeatureStatisticsList,
) -> statistics_pb2.FeatureNameStatistics:
    return statistics.datasets[0].features[0]


def test_unique_values_are_counted_across_batches() -> None:
    accumulator = StatisticsAccumulator(stats_options.StatsOptions())
    accumulator.add(_words(b"x", b"y", b"x"))
    accumulator.add(_words(b"y", b"z", b"x"))
    found = _feature(accumulator.statistics()).string_stats
    assert found.unique == 3
    assert [(top.value, top.frequency) for top in found.top_values] == [
        ("x", 3),
        ("y", 2),
        ("z", 1),
    ]
    assert accumulator.rows == 6


def test_more_unique_values_than_a_sketch_holds_are_counted_exactly() -> None:
    accumulator = StatisticsAccumulator(stats_options.StatsOptions())
    for start in (0, 20_000):
        accumulator.add(_words(*(b"%d" % number for number in range(start, start + 30_000))))
    assert _feature(accumulator.statistics()).string_stats.unique == 50_000


def test_integers_declared_categorical_get_unique_values() -> None:
    schema = schema_pb2.Schema()
    feature = schema.feature.add(name="code", type=schema_pb2.INT)
    feature.int_domain.is_categorical = True
    accumulator = StatisticsAccumulator(stats_options.StatsOptions(schema=schema))
    column = pa.array([[4], [4], [9]], pa.large_list(pa.int64()))
    accumulator.add(pa.RecordBatch.from_arrays([column], ["code"]))
    assert _feature(accumulator.statistics()).string_stats.unique == 2


def test_no_batch_at_all_gives_one_empty_dataset() -> None:
    statistics = StatisticsAccumulator(stats_options.StatsOptions()).statistics()
    assert len(statistics.datasets) == 1
    assert statistics.datasets[0].num_examples == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("sample_rate", 0.5),
        ("label_feature", "label"),
        ("weight_feature", "weight"),
        ("enable_semantic_domain_stats", True),
        ("experimental_slice_sqls", ["SELECT STRUCT(word) FROM example.word"]),
    ],
)
def test_options_that_only_beam_knows_are_refused(option: str, value: object) -> None:
    options = stats_options.StatsOptions()
    setattr(options, option, value)
    if option == "weight_feature":
        options = stats_options.StatsOptions(weight_feature=value)
    with pytest.raises(NotInMemoryError):
        StatisticsAccumulator(options)


@pytest.mark.parametrize("values", [[np.inf, 1.0], [1.7e308, -1.7e308], [np.inf, -np.inf, np.nan]])
def test_numbers_without_a_mean_make_no_remarks(values: list[float]) -> None:
    column = pa.array([[value] for value in values], pa.large_list(pa.float64()))
    accumulator = StatisticsAccumulator(stats_options.StatsOptions())
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for _ in range(2):
            accumulator.add(pa.record_batch([column], ["x"]))
        [dataset] = accumulator.statistics().datasets
    assert dataset.num_examples == 2 * len(values)
