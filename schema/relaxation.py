"""Takes from TFDV's updated schema what is accepted, in rounder and milder terms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from schema.description import domain_values, type_name

_Anomaly: TypeAlias = anomalies_pb2.AnomalyInfo
_Statistics: TypeAlias = statistics_pb2.DatasetFeatureStatistics
# A domain may grow by as many values at once; more are no slips that a person looks at.
_MOST_NEW_VALUES = 100
_STEP = 100
# Sums of shares in floating point may miss a hundredth by as much.
_ERROR = 1e-9


def rounded_down(share: float) -> float:
    """A share in whole hundredths, so that the next span's slightly lower one fits too."""
    return math.floor(share * _STEP + _ERROR) / _STEP


def rounded_up(distance: float) -> float:
    """A distance in whole hundredths, not above 1."""
    return min(1.0, math.ceil(distance * _STEP - _ERROR) / _STEP)


class Relaxation:
    """A schema that follows TFDV's updates, split by split, for chosen features.

    Args:
      schema: Where it starts.
      relax_domains: Whether unexpected values lower `min_domain_mass` instead of joining
        the domain.

    Attributes:
      schema: Where it stands.
      refused: By feature, why it was left as it was.
    """

    def __init__(self, schema: schema_pb2.Schema, *, relax_domains: bool) -> None:
        self.schema = schema_pb2.Schema()
        self.schema.CopyFrom(schema)
        self._start = schema
        self.refused: dict[str, str] = {}
        self._relax_domains = relax_domains

    def follow(
        self,
        updated: schema_pb2.Schema,
        statistics: _Statistics,
        wanted: Mapping[str, Sequence[_Anomaly]],
    ) -> None:
        """Takes over what TFDV would change because of one split.

        Args:
          updated: TFDV's update of `schema`.
          statistics: The split's.
          wanted: The features to accept, with their anomalies.
        """
        own = {feature.name: feature for feature in self.schema.feature}
        seen = {".".join(feature.path.step): feature for feature in statistics.features}
        for proposed in updated.feature:
            if proposed.name not in wanted or proposed.name in self.refused:
                continue
            feature = own.get(proposed.name)
            if feature is None:
                self.schema.feature.add().CopyFrom(proposed)
                self._take_domain(proposed, updated)
            else:
                self._follow_feature(feature, proposed, updated, seen.get(proposed.name))

    def _follow_feature(
        self,
        feature: schema_pb2.Feature,
        proposed: schema_pb2.Feature,
        updated: schema_pb2.Schema,
        seen: statistics_pb2.FeatureNameStatistics | None,
    ) -> None:
        given_up = proposed.lifecycle_stage == schema_pb2.DEPRECATED
        if given_up and feature.lifecycle_stage != schema_pb2.DEPRECATED:
            if seen is None:
                _make_optional(feature)
            else:
                self._refuse(feature.name, _type_change(feature, seen))
            return
        common = _common(seen)
        taken = schema_pb2.Feature()
        taken.CopyFrom(proposed)
        if taken.presence.min_fraction < feature.presence.min_fraction:
            _set_min_fraction(taken, taken.presence.min_fraction)
        if feature.HasField("shape") and not taken.HasField("shape"):
            least = min(_size(feature.shape), common.min_num_values)
            taken.value_count.min = least
            taken.value_count.max = max(_size(feature.shape), common.max_num_values)
        elif feature.value_count.HasField("min") and not taken.value_count.HasField("min"):
            taken.value_count.min = 0
        self._follow_domain(feature, taken, updated, seen)
        feature.CopyFrom(taken)

    def _follow_domain(
        self,
        feature: schema_pb2.Feature,
        taken: schema_pb2.Feature,
        updated: schema_pb2.Schema,
        seen: statistics_pb2.FeatureNameStatistics | None,
    ) -> None:
        values = domain_values(feature, _domains(self.schema))
        new_values = domain_values(taken, _domains(updated))
        if not values or new_values == values:
            return
        if self._relax_domains:
            taken.distribution_constraints.min_domain_mass = rounded_down(
                _share_within(values, seen)
            )
            kind = feature.WhichOneof("domain_info")
            if kind == "string_domain":
                taken.string_domain.CopyFrom(feature.string_domain)
            else:
                taken.domain = feature.domain
        elif len(new_values) - len(values) > _MOST_NEW_VALUES:
            self._refuse(
                feature.name,
                f"{len(new_values) - len(values):,} values are not in the domain, too many to add"
                " unread. Lower min_domain_mass instead (--relax-domains), or open the domain by"
                " hand.",
            )
            taken.CopyFrom(self._original(feature.name))
        else:
            self._take_domain(taken, updated)

    def _original(self, name: str) -> schema_pb2.Feature:
        return next(feature for feature in self._start.feature if feature.name == name)

    def _refuse(self, name: str, reason: str) -> None:
        """Leaves a feature as it was at the start, whatever other splits would change."""
        self.refused[name] = reason
        original = self._original(name)
        next(f for f in self.schema.feature if f.name == name).CopyFrom(original)
        for domain in self.schema.string_domain:
            if domain.name == original.domain:
                domain.CopyFrom(next(d for d in self._start.string_domain if d.name == domain.name))

    def _take_domain(self, feature: schema_pb2.Feature, updated: schema_pb2.Schema) -> None:
        if feature.WhichOneof("domain_info") != "domain":
            return
        proposed = next(d for d in updated.string_domain if d.name == feature.domain)
        for domain in self.schema.string_domain:
            if domain.name == proposed.name:
                known = set(domain.value)
                domain.value.extend(value for value in proposed.value if value not in known)
                return
        self.schema.string_domain.add().CopyFrom(proposed)


def _domains(schema: schema_pb2.Schema) -> dict[str, tuple[str, ...]]:
    return {domain.name: tuple(domain.value) for domain in schema.string_domain}


def _make_optional(feature: schema_pb2.Feature) -> None:
    feature.presence.ClearField("min_fraction")
    feature.presence.min_count = 0
    if feature.HasField("shape"):
        # A shape is only for what is always there.
        size = _size(feature.shape)
        feature.value_count.min = feature.value_count.max = size


def _set_min_fraction(feature: schema_pb2.Feature, share: float) -> None:
    low = rounded_down(share)
    if low > 0:
        feature.presence.min_fraction = low
    else:
        feature.presence.ClearField("min_fraction")


def _size(shape: schema_pb2.FixedShape) -> int:
    return math.prod(dim.size for dim in shape.dim)


def _common(
    seen: statistics_pb2.FeatureNameStatistics | None,
) -> statistics_pb2.CommonStatistics:
    kind = seen.WhichOneof("stats") if seen is not None else None
    if kind is None:
        return statistics_pb2.CommonStatistics()
    stats = getattr(seen, kind)
    return stats.common_stats


def _share_within(
    values: Sequence[str], seen: statistics_pb2.FeatureNameStatistics | None
) -> float:
    """The share of a split's values that are in a domain."""
    if seen is None:
        return 1.0
    known = set(values)
    buckets = seen.string_stats.rank_histogram.buckets
    outside = sum(bucket.sample_count for bucket in buckets if bucket.label not in known)
    total = seen.string_stats.common_stats.tot_num_values
    return max(0.0, 1 - outside / total) if total else 1.0


def _type_change(feature: schema_pb2.Feature, seen: statistics_pb2.FeatureNameStatistics) -> str:
    kind = statistics_pb2.FeatureNameStatistics.Type.Name(seen.type).lower()
    return (
        f"The values are of type {kind}, the schema says {type_name(feature)}. A model that was"
        " built on one type cannot take another: correct the data, or write the new type by hand."
    )
