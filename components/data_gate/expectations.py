"""What the schema expects of a feature where an anomaly was found, and who offends."""

from __future__ import annotations

import dataclasses
import itertools

from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from components.data_gate.findings import MOST_VALUES


@dataclasses.dataclass(frozen=True)
class Facts:
    """The numbers of one anomaly.

    Attributes:
      expected: What the schema says, in a few words.
      values: Up to `MOST_VALUES` of the offending values.
      count: How many examples offend; None where that is not known.
    """

    expected: str = ""
    values: tuple[str, ...] = ()
    count: int | None = None


def facts_of(
    check: str,
    feature: schema_pb2.Feature | None,
    statistics: statistics_pb2.FeatureNameStatistics | None,
    examples: int | None,
    schema: schema_pb2.Schema,
) -> Facts:
    """The facts behind one anomaly, as far as schema and statistics hold them.

    Args:
      check: TFDV's name of the anomaly.
      feature: What the schema says of the feature.
      statistics: The feature's statistics.
      examples: How many examples there are.
      schema: The schema, for its common domains.
    """
    if feature is None:
        return Facts("no such feature") if check == "SCHEMA_NEW_COLUMN" else Facts()
    if check == "ENUM_TYPE_UNEXPECTED_STRING_VALUES":
        return _outside_domain(feature, statistics, schema)
    if "PRESENT" in check or check == "SCHEMA_MISSING_COLUMN":
        return _presence(feature, statistics, examples)
    if check.endswith("NUMBER_VALUES"):
        low, high = feature.value_count.min, feature.value_count.max
        return Facts(f"{low} to {high or 'any number of'} values an example")
    if check.endswith(("BIG_FLOAT", "SMALL_FLOAT", "BIG_INT", "SMALL_INT")):
        return _outside_range(feature, statistics)
    return Facts(
        f"type {schema_pb2.FeatureType.Name(feature.type)}", _texts_for_numbers(feature, statistics)
    )


def domain_of(feature: schema_pb2.Feature, schema: schema_pb2.Schema) -> set[str] | None:
    """The values that a feature may have; None where it has no domain of texts."""
    if feature.WhichOneof("domain_info") == "string_domain":
        return set(feature.string_domain.value)
    if feature.WhichOneof("domain_info") == "domain":
        for domain in schema.string_domain:
            if domain.name == feature.domain:
                return set(domain.value)
    return None


def _outside_domain(
    feature: schema_pb2.Feature,
    statistics: statistics_pb2.FeatureNameStatistics | None,
    schema: schema_pb2.Schema,
) -> Facts:
    domain = domain_of(feature, schema)
    if domain is None or statistics is None:
        return Facts()
    buckets = statistics.string_stats.rank_histogram.buckets
    outside = [bucket for bucket in buckets if bucket.label not in domain]
    share = feature.distribution_constraints.min_domain_mass
    wanted = "all" if share == 1 or not share else f"{share:.4g} of all"
    return Facts(
        f"{wanted} values among the {len(domain)} of the domain",
        tuple(bucket.label for bucket in outside[:MOST_VALUES]),
        int(sum(bucket.sample_count for bucket in outside)),
    )


def _texts_for_numbers(
    feature: schema_pb2.Feature, statistics: statistics_pb2.FeatureNameStatistics | None
) -> tuple[str, ...]:
    """Texts that are no numbers, where numbers are expected."""
    if statistics is None or feature.type not in (schema_pb2.INT, schema_pb2.FLOAT):
        return ()
    labels = (bucket.label for bucket in statistics.string_stats.rank_histogram.buckets)
    return tuple(
        itertools.islice((label for label in labels if not _is_number(label)), MOST_VALUES)
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _presence(
    feature: schema_pb2.Feature,
    statistics: statistics_pb2.FeatureNameStatistics | None,
    examples: int | None,
) -> Facts:
    presence = feature.presence
    parts = []
    if presence.min_fraction:
        parts.append(f"in at least {presence.min_fraction:.4g} of the examples")
    if presence.min_count:
        parts.append(f"in at least {presence.min_count:,} examples")
    missing = examples
    if statistics is not None and examples is not None:
        values = getattr(statistics, statistics.WhichOneof("stats") or "num_stats")
        missing = examples - int(values.common_stats.num_non_missing)
    return Facts(" and ".join(parts), count=missing)


def _outside_range(
    feature: schema_pb2.Feature, statistics: statistics_pb2.FeatureNameStatistics | None
) -> Facts:
    kind = feature.WhichOneof("domain_info")
    if kind not in ("int_domain", "float_domain"):
        return Facts()
    domain = getattr(feature, kind)
    low = f"{domain.min:,}" if domain.HasField("min") else "any"
    high = f"{domain.max:,}" if domain.HasField("max") else "any"
    values: tuple[str, ...] = ()
    if statistics is not None:
        extremes = (statistics.num_stats.min, statistics.num_stats.max)
        values = tuple(
            f"{value:g}"
            for value in extremes
            if (domain.HasField("min") and value < domain.min)
            or (domain.HasField("max") and value > domain.max)
        )
    return Facts(f"{low} to {high}", values)
