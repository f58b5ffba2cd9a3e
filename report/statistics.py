"""Statistics of features, read from TFDV's protos and made comparable across splits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from tensorflow_metadata.proto.v0 import statistics_pb2

from core.artifact_files import split_folders
from report.histograms import (
    QUANTILES,
    Histogram,
    histogram,
    jensen_shannon,
    of_type,
)

FILE_NAME = "FeatureStats.pb"

_TOP_VALUES = 8
# Edges of TFDV's ten quantile buckets.
_DECILES = 11
_TYPES = statistics_pb2.FeatureNameStatistics


@dataclasses.dataclass(frozen=True)
class Numbers:
    """What a numeric feature's values are like in one split.

    `low` and `high` are the 10 % and 90 % quantiles.
    """

    mean: float
    deviation: float
    zeros: float
    minimum: float
    median: float
    maximum: float
    low: float | None = None
    high: float | None = None


@dataclasses.dataclass(frozen=True)
class Texts:
    """What a categorical feature's values are like in one split."""

    unique: int
    average_length: float
    top: tuple[tuple[str, float], ...]


@dataclasses.dataclass(frozen=True)
class SplitFeature:
    """One feature in one split.

    Attributes:
      present: Examples that have a value.
      missing: Share of examples without one, 0 to 1; where a feature may have several
        values, an example with none counts as having the feature.
      numbers: For numeric features.
      texts: For categorical features.
    """

    present: int
    missing: float
    numbers: Numbers | None = None
    texts: Texts | None = None


@dataclasses.dataclass(frozen=True)
class Bars:
    """Shares of the most frequent values in all splits.

    Attributes:
      values: Values, the most frequent of the first split first.
      shares: By split, the share of each value among present values; None where
        the split's statistics do not list the value.
    """

    values: tuple[str, ...]
    shares: Mapping[str, tuple[float | None, ...]]


@dataclasses.dataclass(frozen=True)
class Feature:
    """One feature in all splits.

    Attributes:
      name: Its path.
      type: ``integer``, ``number``, ``text``, ``bytes`` or ``struct``.
      splits: By split name.
      histogram: For numeric features with values.
      bars: For categorical features with values.
      distance: Between the first two splits: Jensen-Shannon divergence (base 2, 0 to
        1) of the binned values or the largest difference of a value's share.
    """

    name: str
    type: str
    splits: Mapping[str, SplitFeature]
    histogram: Histogram | None
    bars: Bars | None
    distance: float | None


@dataclasses.dataclass(frozen=True)
class Statistics:
    """The statistics of a dataset.

    Attributes:
      rows: Number of examples by split.
      features: In the order of the statistics.
    """

    rows: Mapping[str, int]
    features: tuple[Feature, ...]


def read_statistics(uri: str) -> Statistics:
    """Reads an ExampleStatistics artifact.

    Args:
      uri: The artifact's uri, with ``Split-<name>/FeatureStats.pb``.

    Raises:
      OSError: If a file cannot be read.
      google.protobuf.message.DecodeError: If a file is not such a proto.
    """
    datasets = {
        name: _dataset(folder / FILE_NAME)
        for name, folder in split_folders(uri).items()
        if (folder / FILE_NAME).is_file()
    }
    return compare(datasets)


def compare(datasets: Mapping[str, statistics_pb2.DatasetFeatureStatistics]) -> Statistics:
    """Puts the splits of a dataset side by side.

    Args:
      datasets: TFDV's statistics by split name.
    """
    by_name: dict[str, dict[str, statistics_pb2.FeatureNameStatistics]] = {}
    for split, dataset in datasets.items():
        for feature in dataset.features:
            by_name.setdefault(_name(feature), {})[split] = feature
    return Statistics(
        rows={split: dataset.num_examples for split, dataset in datasets.items()},
        features=tuple(_feature(name, splits) for name, splits in by_name.items()),
    )


def _dataset(path: Path) -> statistics_pb2.DatasetFeatureStatistics:
    collection = statistics_pb2.DatasetFeatureStatisticsList.FromString(path.read_bytes())
    # The first is over all examples, others over slices of them.
    return next(iter(collection.datasets), statistics_pb2.DatasetFeatureStatistics())


def _name(feature: statistics_pb2.FeatureNameStatistics) -> str:
    return feature.name or ".".join(feature.path.step)


def _feature(name: str, protos: Mapping[str, statistics_pb2.FeatureNameStatistics]) -> Feature:
    splits = {split: _split(proto) for split, proto in protos.items()}
    kinds = {
        _TYPES.INT: "integer",
        _TYPES.FLOAT: "number",
        _TYPES.STRING: "text",
        _TYPES.BYTES: "bytes",
        _TYPES.STRUCT: "struct",
    }
    numbers = histogram(protos)
    bars = None if numbers else _bars(splits)
    return Feature(
        name=name,
        type=kinds.get(next(iter(protos.values())).type, "unknown"),
        splits=splits,
        histogram=numbers,
        bars=bars,
        distance=_distance(numbers, bars),
    )


def _split(proto: statistics_pb2.FeatureNameStatistics) -> SplitFeature:
    kind = proto.WhichOneof("stats")
    stats = getattr(proto, kind) if kind else statistics_pb2.StringStatistics()
    common = stats.common_stats
    total = common.num_missing + common.num_non_missing
    # A value that a CSV lacks is a feature with no values, which TFDV counts as there.
    empty = 0
    if common.max_num_values <= 1:
        empty = max(0, common.num_non_missing - common.tot_num_values)
    has_values = common.tot_num_values > 0
    return SplitFeature(
        present=common.num_non_missing - empty,
        missing=(common.num_missing + empty) / total if total else 0.0,
        numbers=_numbers(stats) if kind == "num_stats" and has_values else None,
        texts=_texts(stats) if kind == "string_stats" and has_values else None,
    )


def _numbers(stats: statistics_pb2.NumericStatistics) -> Numbers:
    values = stats.common_stats.tot_num_values
    quantiles = of_type(stats.histograms, QUANTILES)
    edges: tuple[float, ...] = ()
    if quantiles is not None and quantiles.buckets:
        edges = (quantiles.buckets[0].low_value, *(b.high_value for b in quantiles.buckets))
    return Numbers(
        mean=stats.mean,
        deviation=stats.std_dev,
        zeros=stats.num_zeros / values,
        minimum=stats.min,
        median=stats.median,
        maximum=stats.max,
        low=edges[1] if len(edges) == _DECILES else None,
        high=edges[-2] if len(edges) == _DECILES else None,
    )


def _texts(stats: statistics_pb2.StringStatistics) -> Texts:
    values = stats.common_stats.tot_num_values
    counts = [(item.value, item.frequency) for item in stats.top_values]
    if not counts:
        counts = [(b.label, b.sample_count) for b in stats.rank_histogram.buckets]
    top = tuple((value, count / values) for value, count in counts)
    return Texts(unique=stats.unique, average_length=stats.avg_length, top=top)


def _bars(splits: Mapping[str, SplitFeature]) -> Bars | None:
    tops = {split: dict(f.texts.top) for split, f in splits.items() if f.texts and f.texts.top}
    if not tops:
        return None
    best: dict[str, float] = {}
    for top in tops.values():
        for value, share in top.items():
            best.setdefault(value, share)
    values = sorted(best, key=lambda value: -best[value])[:_TOP_VALUES]
    shares = {}
    for split, top in tops.items():
        texts = splits[split].texts
        complete = texts is not None and texts.unique <= len(top)
        shares[split] = tuple(top.get(value, 0.0 if complete else None) for value in values)
    return Bars(tuple(values), shares)


def _distance(numbers: Histogram | None, bars: Bars | None) -> float | None:
    if numbers is not None and len(numbers.shares) > 1:
        first, second = list(numbers.shares)[:2]
        p = (*numbers.shares[first], numbers.beyond[first])
        q = (*numbers.shares[second], numbers.beyond[second])
        return jensen_shannon(p, q)
    if bars is not None and len(bars.shares) > 1:
        first_bars, second_bars = list(bars.shares.values())[:2]
        known = [
            abs(a - b)
            for a, b in zip(first_bars, second_bars, strict=True)
            if a is not None and b is not None
        ]
        return max(known, default=None)
    return None
