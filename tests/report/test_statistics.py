"""Splits are made comparable: the same bins, the same values."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_metadata.proto.v0 import statistics_pb2

from report.histograms import jensen_shannon
from report.statistics import Feature, compare, read_statistics
from tests.made_run import HOSTILE, statistics, write_data_artifacts

Dataset = statistics_pb2.DatasetFeatureStatistics


def numeric(
    buckets: list[tuple[float, float, float]],
    kind: int = statistics_pb2.Histogram.STANDARD,
    type_: int = statistics_pb2.FeatureNameStatistics.FLOAT,
) -> Dataset:
    """A dataset with one numeric feature and one histogram."""
    dataset = Dataset(num_examples=10)
    feature = dataset.features.add(type=type_, name="x")
    feature.num_stats.common_stats.num_non_missing = 10
    feature.num_stats.common_stats.tot_num_values = 10
    histogram = feature.num_stats.histograms.add(type=kind)
    for low, high, count in buckets:
        histogram.buckets.add(low_value=low, high_value=high, sample_count=count)
    return dataset


def textual(values: dict[str, float], unique: int) -> Dataset:
    """A dataset with one categorical feature of ten values."""
    dataset = Dataset(num_examples=10)
    feature = dataset.features.add(type=statistics_pb2.FeatureNameStatistics.STRING, name="x")
    feature.string_stats.common_stats.num_non_missing = 10
    feature.string_stats.common_stats.tot_num_values = 10
    feature.string_stats.unique = unique
    for value, count in values.items():
        feature.string_stats.top_values.add(value=value, frequency=count)
    return dataset


def only(**splits: Dataset) -> Feature:
    """The only feature of some splits."""
    (feature,) = compare(splits).features
    return feature


def test_an_artifact_is_read_with_all_splits(tmp_path: Path) -> None:
    write_data_artifacts(tmp_path)

    found = read_statistics(str(tmp_path / "statistics"))

    assert found.rows == {"train": 600, "eval": 300}
    assert [f.name for f in found.features] == ["fare", "month", "payment_type", "census_tract"]
    fare = found.features[0].splits["train"].numbers
    assert fare is not None
    assert (fare.mean, fare.low, fare.median, fare.high) == (10.5, 2.0, 10.0, 18.0)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    write_data_artifacts(tmp_path)
    (tmp_path / "statistics" / "Split-eval" / "FeatureStats.pb").write_bytes(b"\xff" * 20)

    with pytest.raises(DecodeError):
        read_statistics(str(tmp_path / "statistics"))


def test_shares_of_one_split_do_not_depend_on_its_size() -> None:
    feature = only(train=numeric([(0, 1, 30), (1, 2, 10)]), eval=numeric([(0, 1, 3), (1, 2, 1)]))

    assert feature.histogram is not None
    assert feature.histogram.shares["train"] == pytest.approx(feature.histogram.shares["eval"])
    assert feature.distance == pytest.approx(0.0)


def test_splits_of_other_ranges_share_their_bins() -> None:
    feature = only(train=numeric([(0, 5, 5), (5, 10, 5)]), eval=numeric([(10, 15, 5), (15, 20, 5)]))

    assert feature.histogram is not None
    assert feature.histogram.edges[0] == 0
    assert feature.histogram.edges[-1] == 20
    assert feature.distance == pytest.approx(1.0)


@given(
    st.lists(
        st.tuples(
            st.floats(min_value=-1e6, max_value=1e6),
            st.floats(min_value=0, max_value=1e6),
            st.floats(min_value=0.1, max_value=1e3),
        ),
        min_size=1,
        max_size=10,
    )
)
def test_no_value_gets_lost_between_bins(parts: list[tuple[float, float, float]]) -> None:
    buckets = [(low, low + width, count) for low, width, count in parts]

    histogram = only(train=numeric(buckets)).histogram

    assert histogram is not None
    total = sum(histogram.shares["train"]) + histogram.beyond["train"]
    assert total == pytest.approx(1.0, abs=1e-6)


def test_months_that_are_alike_have_bars_alike() -> None:
    (dataset,) = statistics(600).datasets

    month = compare({"train": dataset}).features[1].histogram

    assert month is not None
    assert month.whole
    assert len(month.edges) == 13
    assert month.shares["train"] == pytest.approx([1 / 12] * 12)


@given(
    st.integers(-1000, 1000),
    st.lists(st.integers(0, 20), min_size=2, max_size=40),
    st.floats(-1e-12, 1e-12),
)
def test_no_whole_number_gets_lost(low: int, counts: list[int], error: float) -> None:
    counts[0], counts[-1] = counts[0] + 1, counts[-1] + 1
    high = low + len(counts) - 1
    bounds = [low + (high - low) * i / 10 + (error if 0 < i < 10 else 0) for i in range(11)]
    buckets = [[a, b, 0.0] for a, b in itertools.pairwise(bounds)]
    for i, count in enumerate(counts):
        place = next((k for k, (_, b, _) in enumerate(buckets) if low + i <= b), 9)
        buckets[place][2] += count
    whole = statistics_pb2.FeatureNameStatistics.INT

    histogram = only(train=numeric([(a, b, c) for a, b, c in buckets], type_=whole)).histogram

    assert histogram is not None
    if histogram.whole:
        assert len(histogram.shares["train"]) == len(counts)
        assert sum(histogram.shares["train"]) == pytest.approx(1.0)
        if len(counts) <= 10:
            expected = [count / sum(counts) for count in counts]
            assert histogram.shares["train"] == pytest.approx(expected)


def test_a_crowded_histogram_gives_way_to_quantiles() -> None:
    dataset = numeric([(0, 1000, 99), (1000, 2000, 1)])
    quantiles = dataset.features[0].num_stats.histograms.add(
        type=statistics_pb2.Histogram.QUANTILES
    )
    for i in range(10):
        quantiles.buckets.add(low_value=i, high_value=2000 if i == 9 else i + 1, sample_count=10)

    histogram = only(train=dataset).histogram

    assert histogram is not None
    assert histogram.edges[-1] < 20
    assert 0.05 < histogram.beyond["train"] <= 0.1


def test_infinite_buckets_are_left_out() -> None:
    feature = only(train=numeric([(-math.inf, 0, 5), (0, 1, 5), (1, math.inf, 5)]))

    assert feature.histogram is not None
    assert (feature.histogram.edges[0], feature.histogram.edges[-1]) == (0, 1)


def test_a_constant_has_a_histogram() -> None:
    histogram = only(train=numeric([(7, 7, 10)])).histogram

    assert histogram is not None
    assert sum(histogram.shares["train"]) == pytest.approx(1.0)


def test_values_of_both_splits_are_compared() -> None:
    feature = only(train=textual({"a": 8, "b": 2}, 2), eval=textual({"b": 5, "c": 5}, 2))

    assert feature.bars is not None
    assert feature.bars.values == ("a", "c", "b")
    assert feature.bars.shares == {"train": (0.8, 0.0, 0.2), "eval": (0.0, 0.5, 0.5)}
    assert feature.distance == pytest.approx(0.8)


def test_a_value_beyond_the_listed_ones_is_unknown_and_not_zero() -> None:
    feature = only(train=textual({"a": 8}, 1), eval=textual({"b": 5}, 40))

    assert feature.bars is not None
    assert feature.bars.shares["eval"] == (None, 0.5)


def test_a_feature_that_one_split_lacks_is_shown_for_the_other() -> None:
    feature = only(train=numeric([(0, 1, 1)]), eval=Dataset(num_examples=3))

    assert list(feature.splits) == ["train"]
    assert feature.distance is None


def test_a_feature_without_values_has_nothing_to_draw() -> None:
    (dataset,) = statistics(600).datasets

    empty = compare({"train": dataset}).features[3]

    assert (empty.histogram, empty.bars) == (None, None)
    assert empty.splits["train"].missing == 1.0


def test_a_feature_with_no_values_is_missing_in_that_example() -> None:
    dataset = numeric([(0, 1, 6)])
    common = dataset.features[0].num_stats.common_stats
    common.num_missing, common.tot_num_values, common.max_num_values = 10, 5, 1

    split = only(train=dataset).splits["train"]

    assert (split.present, split.missing) == (5, 0.75)


def test_a_split_without_any_value_is_all_missing_and_has_no_mean() -> None:
    dataset = numeric([])
    dataset.features[0].num_stats.common_stats.tot_num_values = 0

    split = only(train=dataset).splits["train"]

    assert (split.numbers, split.missing) == (None, 1.0)


def test_values_are_kept_as_they_are() -> None:
    (dataset,) = statistics(600).datasets

    payment = compare({"train": dataset}).features[2]

    assert payment.bars is not None
    assert payment.bars.values == ("Cash", "Credit Card", HOSTILE)


@pytest.mark.parametrize(
    ("p", "q", "divergence"),
    [((1, 0), (1, 0), 0.0), ((1, 0), (0, 1), 1.0), ((0.5, 0.5), (1, 0), 0.311)],
)
def test_jensen_shannon_of_known_cases(
    p: tuple[float, ...], q: tuple[float, ...], divergence: float
) -> None:
    assert jensen_shannon(p, q) == pytest.approx(divergence, abs=1e-3)
