"""Histograms of numeric features over bins that all splits share."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from tensorflow_metadata.proto.v0 import statistics_pb2

# As many as TFDV's histograms of equal width have: splits with the same range keep
# their own bins.
_EQUAL_BINS = 10
# For quantiles, whose buckets are narrow where values are dense.
_FINE_BINS = 24
# Up to so many different whole numbers get a bin each: hours, days, months, classes.
_INTEGER_BINS = 48
# A histogram of equal widths in which one bar holds more than this says little;
# TFDV's quantiles then show where the values are.
_CROWDED = 0.6

_STANDARD = statistics_pb2.Histogram.STANDARD
QUANTILES = statistics_pb2.Histogram.QUANTILES

# Lower bound, upper bound and count.
_Bucket = tuple[float, float, float]
_Protos = Mapping[str, statistics_pb2.FeatureNameStatistics]


@dataclasses.dataclass(frozen=True)
class Histogram:
    """Histograms of all splits over the same bins.

    Attributes:
      edges: Bin edges, one more than bins.
      shares: By split, the share of its values in each bin.
      beyond: By split, the share of its values right of the last edge, not drawn.
      whole: Whether each bin stands for one whole number, in its middle.
    """

    edges: tuple[float, ...]
    shares: Mapping[str, tuple[float, ...]]
    beyond: Mapping[str, float]
    whole: bool = False


def of_type(
    histograms: Iterable[statistics_pb2.Histogram], kind: int
) -> statistics_pb2.Histogram | None:
    """The histogram of a type (STANDARD or QUANTILES) over all values, None without one."""
    return next((h for h in histograms if h.type == kind and not h.name), None)


def histogram(protos: _Protos) -> Histogram | None:
    """The histograms of one feature over common bins.

    Args:
      protos: The feature's statistics by split name.

    Returns:
      None where no split has numbers.
    """
    numeric = {
        split: proto.num_stats
        for split, proto in protos.items()
        if proto.WhichOneof("stats") == "num_stats"
    }
    for kind in (_STANDARD, QUANTILES):
        sources = {}
        for split, stats in numeric.items():
            buckets = _buckets(of_type(stats.histograms, kind))
            if buckets:
                sources[split] = buckets
        if not sources:
            continue
        crowded = any(
            max(count for _, _, count in buckets) > _CROWDED * sum(c for _, _, c in buckets)
            for buckets in sources.values()
        )
        if kind == _STANDARD and crowded and _has_quantiles(numeric.values()):
            continue
        integers = all(
            proto.type == statistics_pb2.FeatureNameStatistics.INT for proto in protos.values()
        )
        if integers and kind == _STANDARD and _few_integers(sources):
            return _on_integers(sources)
        return _on_common_bins(sources, cut_tail=kind == QUANTILES)
    return None


def _has_quantiles(numeric: Iterable[statistics_pb2.NumericStatistics]) -> bool:
    for stats in numeric:
        buckets = _buckets(of_type(stats.histograms, QUANTILES))
        if len({low for low, _, _ in buckets}) > 2:
            return True
    return False


def _buckets(histogram: statistics_pb2.Histogram | None) -> list[_Bucket]:
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
    edges = (*(low + i * width for i in range(bins)), high)
    shares, beyond = {}, {}
    for split, buckets in sources.items():
        total = sum(count for _, _, count in buckets)
        shares[split] = tuple(share / total for share in _rebin(buckets, edges))
        beyond[split] = max(0.0, 1.0 - sum(shares[split]))
    return Histogram(edges, shares, {k: v if v > 1e-9 else 0.0 for k, v in beyond.items()})


def _few_integers(sources: Mapping[str, Sequence[_Bucket]]) -> bool:
    low = min(bucket[0] for buckets in sources.values() for bucket in buckets)
    high = max(bucket[1] for buckets in sources.values() for bucket in buckets)
    return high - low < _INTEGER_BINS


def _on_integers(sources: Mapping[str, Sequence[_Bucket]]) -> Histogram:
    """A bin for each whole number; the numbers within one of TFDV's buckets share alike.

    Buckets of equal width hold unequal numbers of integers (hours in ten buckets:
    two or three), which drawn as they are would look like a pattern of the data.
    """
    low = round(min(bucket[0] for buckets in sources.values() for bucket in buckets))
    high = round(max(bucket[1] for buckets in sources.values() for bucket in buckets))
    shares = {}
    for split, buckets in sources.items():
        least = min(bucket[0] for bucket in buckets)
        counts = [0.0] * (high - low + 1)
        for start, end, count in buckets:
            for n in (inside := _integers_in(start, end, first=start == least)):
                counts[min(max(n - low, 0), high - low)] += count / len(inside)
        total = sum(counts) or 1.0
        shares[split] = tuple(count / total for count in counts)
    edges = tuple(n - 0.5 for n in range(low, high + 2))
    return Histogram(edges, shares, dict.fromkeys(shares, 0.0), whole=True)


def _integers_in(start: float, end: float, *, first: bool) -> list[int]:
    """The whole numbers that a bucket with a count may hold.

    TFDV makes its buckets of equal width from quantiles: a value on a bound counts
    left of it, and buckets without a whole number get a few by interpolation. The
    bounds themselves may be off by a rounding error.
    """
    slack = 1e-6 * max(1.0, end - start)
    least = math.ceil(start - slack) if first else math.floor(start + slack) + 1
    most = math.floor(end + slack)
    return list(range(least, most + 1)) or [round((start + end) / 2)]


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


def jensen_shannon(p: Sequence[float], q: Sequence[float]) -> float:
    """The Jensen-Shannon divergence (base 2) of two distributions over the same bins.

    Lin (1991), "Divergence measures based on the Shannon entropy".

    Args:
      p: Shares that sum to 1.
      q: Shares that sum to 1, as many.

    Returns:
      0 for equal distributions, 1 for distributions without overlap.
    """
    total = 0.0
    for a, b in zip(p, q, strict=True):
        middle = (a + b) / 2
        for share in (a, b):
            if share > 0:
                total += share * math.log2(share / middle) / 2
    return min(1.0, max(0.0, total))
