"""Profiles from TFDV's statistics, where nothing better is there."""

from __future__ import annotations

import math

from tensorflow_metadata.proto.v0 import statistics_pb2

from components.data_gate.profiles import (
    Categorical,
    FeatureProfile,
    Numeric,
    SliceProfile,
    SplitProfile,
)


def profile_of_statistics(dataset: statistics_pb2.DatasetFeatureStatistics) -> SplitProfile:
    """The profile that TFDV's statistics allow: histograms, without slices.

    Numeric features have the ten equally wide bins of TFDV's standard histogram, which
    says little where values have long tails.

    Args:
      dataset: The statistics of all examples.
    """
    features = {}
    for feature in dataset.features:
        name = feature.name or ".".join(feature.path.step)
        kind = feature.WhichOneof("stats")
        if kind == "string_stats":
            features[name] = _text(feature.string_stats)
        elif kind == "num_stats":
            features[name] = _number(feature.num_stats)
    examples = int(dataset.num_examples)
    return SplitProfile(examples, {"": SliceProfile(examples, features)})


def _present(common: statistics_pb2.CommonStatistics) -> int:
    # A feature may be there and hold no value.
    if common.max_num_values <= 1 and common.tot_num_values:
        return int(common.tot_num_values)
    return int(common.num_non_missing)


def _text(stats: statistics_pb2.StringStatistics) -> FeatureProfile:
    counts = {bucket.label: int(bucket.sample_count) for bucket in stats.rank_histogram.buckets}
    total = int(stats.common_stats.tot_num_values) or sum(counts.values())
    return FeatureProfile(
        _present(stats.common_stats), Categorical(counts, total) if counts else None
    )


def _number(stats: statistics_pb2.NumericStatistics) -> FeatureProfile:
    present = _present(stats.common_stats)
    buckets = [
        bucket
        for histogram in stats.histograms
        if histogram.type == histogram.STANDARD and not histogram.name
        for bucket in histogram.buckets
        if math.isfinite(bucket.low_value) and math.isfinite(bucket.high_value)
    ]
    if not buckets or not present:
        return FeatureProfile(present, None)
    # TFDV's last bucket holds its upper edge.
    edges = [bucket.low_value for bucket in buckets]
    edges.append(math.nextafter(buckets[-1].high_value, math.inf))
    counts = [0, *(round(bucket.sample_count) for bucket in buckets), 0]
    return FeatureProfile(present, Numeric(tuple(edges), tuple(counts), stats.min, stats.max))
