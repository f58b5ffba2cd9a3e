"""Statistics of features, read from TFDV's protos and made comparable across splits."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tensorflow_metadata.proto.v0 import statistics_pb2

from pipeline.metadata.artifact_files import split_folders

FILE_NAME = "FeatureStats.pb"

# As many as TFDV's histograms of equal width have: splits with the same range keep
# their own bins.
_EQUAL_BINS = 10
# For quantiles, whose buckets are narrow where values are dense.
_FINE_BINS = 24
_TOP_VALUES = 8
# A histogram of equal widths in which one bar holds more than this says little;
# TFDV's quantiles then show where the values are.
_CROWDED = 0.6

_Histogram = statistics_pb2.Histogram
_TYPES = statistics_pb2.FeatureNameStatistics


@dataclasses.dataclass(frozen=True)
class Numbers:
    """What a numeric feature's values are like in one split."""

    mean: float
    deviation: float
    zeros: float | None
    minimum: float
    median: float
    maximum: float
    quantiles: tuple[float, ...] = ()


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
      missing: Share of examples without one, 0 to 1.
      numbers: For numeric features.
      texts: For categorical features.
    """

    present: int
    missing: float
    numbers: Numbers | None = None
    texts: Texts | None = None


@dataclasses.dataclass(frozen=True)
class Histogram:
    """Histograms of all splits over the same bins.

    Attributes:
      edges: Bin edges, one more than bins.
      shares: By split, the share of its values in each bin.
      beyond: By split, the share of its values right of the last edge, not drawn.
    """

    edges: tuple[float, ...]
    shares: Mapping[str, tuple[float, ...]]
    beyond: Mapping[str, float]


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


def _feature(
    name: str, protos: Mapping[str, statistics_pb2.FeatureNameStatistics]
) -> Feature:
    splits = {split: _split(proto) for split, proto in protos.items()}
    kinds = {
        _TYPES.INT: "integer", _TYPES.FLOAT: "number", _TYPES.STRING: "text",
        _TYPES.BYTES: "bytes", _TYPES.STRUCT: "struct",
    }
    histogram = _histogram(protos)
    bars = None if histogram else _bars(splits)
    return Feature(
        name=name,
        type=kinds.get(next(iter(protos.values())).type, "unknown"),
        splits=splits,
        histogram=histogram,
        bars=bars,
        distance=_distance(histogram, bars),
    )


def _split(proto: statistics_pb2.FeatureNameStatistics) -> SplitFeature:
    kind = proto.WhichOneof("stats")
    stats = getattr(proto, kind) if kind else statistics_pb2.StringStatistics()
    common = stats.common_stats
    total = common.num_missing + common.num_non_missing
    return SplitFeature(
        present=common.num_non_missing,
        missing=common.num_missing / total if total else 0.0,
        numbers=_numbers(stats) if kind == "num_stats" and common.num_non_missing else None,
        texts=_texts(stats) if kind == "string_stats" and common.num_non_missing else None,
    )


def _numbers(stats: statistics_pb2.NumericStatistics) -> Numbers:
    values = stats.common_stats.tot_num_values or stats.common_stats.num_non_missing
    quantiles = _of_type(stats.histograms, _Histogram.QUANTILES)
    edges: tuple[float, ...] = ()
    if quantiles is not None and quantiles.buckets:
        edges = (quantiles.buckets[0].low_value, *(b.high_value for b in quantiles.buckets))
    return Numbers(
        mean=stats.mean,
        deviation=stats.std_dev,
        zeros=stats.num_zeros / values if values else None,
        minimum=stats.min,
        median=stats.median,
        maximum=stats.max,
        quantiles=edges,
    )


def _texts(stats: statistics_pb2.StringStatistics) -> Texts:
    values = stats.common_stats.tot_num_values or stats.common_stats.num_non_missing
    counts = [(item.value, item.frequency) for item in stats.top_values]
    if not counts:
        counts = [(b.label, b.sample_count) for b in stats.rank_histogram.buckets]
    top = tuple((value, count / values) for value, count in counts) if values else ()
    return Texts(unique=stats.unique, average_length=stats.avg_length, top=top)


def _of_type(histograms: Iterable[_Histogram], kind: int) -> _Histogram | None:
    return next((h for h in histograms if h.type == kind and not h.name), None)


def _histogram(
    protos: Mapping[str, statistics_pb2.FeatureNameStatistics],
) -> Histogram | None:
    numeric = {
        split: proto.num_stats
        for split, proto in protos.items()
        if proto.WhichOneof("stats") == "num_stats"
    }
    for kind in (_Histogram.STANDARD, _Histogram.QUANTILES):
        sources = {}
        for split, stats in numeric.items():
            buckets = _buckets(_of_type(stats.histograms, kind))
            if buckets:
                sources[split] = buckets
        if not sources:
            continue
        crowded = any(
            max(count for _, _, count in buckets) > _CROWDED * sum(c for _, _, c in buckets)
            for buckets in sources.values()
        )
        if kind == _Histogram.STANDARD and crowded and _has_quantiles(numeric.values()):
            continue
        return _on_common_bins(sources, cut_tail=kind == _Histogram.QUANTILES)
    return None


def _has_quantiles(numeric: Iterable[statistics_pb2.NumericStatistics]) -> bool:
    for stats in numeric:
        buckets = _buckets(_of_type(stats.histograms, _Histogram.QUANTILES))
        if len({low for low, _, _ in buckets}) > 2:
            return True
    return False


_Bucket = tuple[float, float, float]


def _buckets(histogram: _Histogram | None) -> list[_Bucket]:
    if histogram is None:
        return []
    return [
        (bucket.low_value, bucket.high_value, bucket.sample_count)
        for bucket in histogram.buckets
        if math.isfinite(bucket.low_value)
        and math.isfinite(bucket.high_value)
        and bucket.sample_count > 0
    ]


def _on_common_bins(sources: Mapping[str, Sequence[_Bucket]], *, cut_tail: bool) -> Histogram:
    low = min(bucket[0] for buckets in sources.values() for bucket in buckets)
    high = max(bucket[1] for buckets in sources.values() for bucket in buckets)
    if cut_tail:
        # The last tenth may reach far out; its beginning is where the bulk ends.
        bulk = max(buckets[-1][0] for buckets in sources.values())
        high = min(high, bulk + 0.25 * (bulk - low)) if bulk > low else high
    if not high > low:
        high = low + (abs(low) or 1.0) * 1e-3
    bins = _FINE_BINS if cut_tail else _EQUAL_BINS
    width = (high - low) / bins
    edges = tuple(low + i * width for i in range(bins)) + (high,)
    shares, beyond = {}, {}
    for split, buckets in sources.items():
        total = sum(count for _, _, count in buckets)
        shares[split] = tuple(share / total for share in _rebin(buckets, edges))
        beyond[split] = max(0.0, 1.0 - sum(shares[split]))
    return Histogram(edges, shares, {k: v if v > 1e-9 else 0.0 for k, v in beyond.items()})


def _rebin(buckets: Iterable[_Bucket], edges: Sequence[float]) -> list[float]:
    """Spreads each bucket evenly over the bins that it overlaps."""
    bins = [0.0] * (len(edges) - 1)
    span = edges[-1] - edges[0]
    for low, high, count in buckets:
        if high <= low:
            place = int((low - edges[0]) / span * len(bins))
            if 0 <= place <= len(bins) and low <= edges[-1]:
                bins[min(place, len(bins) - 1)] += count
            continue
        for i in range(len(bins)):
            overlap = min(high, edges[i + 1]) - max(low, edges[i])
            if overlap > 0:
                bins[i] += count * overlap / (high - low)
    return bins


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


def _distance(histogram: Histogram | None, bars: Bars | None) -> float | None:
    if histogram is not None and len(histogram.shares) > 1:
        first, second = list(histogram.shares)[:2]
        p = (*histogram.shares[first], histogram.beyond[first])
        q = (*histogram.shares[second], histogram.beyond[second])
        return _jensen_shannon(p, q)
    if bars is not None and len(bars.shares) > 1:
        first_bars, second_bars = list(bars.shares.values())[:2]
        known = [
            abs(a - b)
            for a, b in zip(first_bars, second_bars, strict=True)
            if a is not None and b is not None
        ]
        return max(known, default=None)
    return None


def _jensen_shannon(p: Sequence[float], q: Sequence[float]) -> float:
    total = 0.0
    for a, b in zip(p, q, strict=True):
        middle = (a + b) / 2
        for share in (a, b):
            if share > 0:
                total += share * math.log2(share / middle) / 2
    return min(1.0, max(0.0, total))
