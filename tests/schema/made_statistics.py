"""Statistics of a few features, written by hand."""

from __future__ import annotations

from collections.abc import Mapping

from tensorflow_metadata.proto.v0 import statistics_pb2

from schema.amendments import Observed
from schema.reading import parse_schema
from schema.tfdv_library import validate_statistics

EXAMPLES = 1000

SCHEMA = """\
# Trips. Read this first.
default_environment: "TRAINING"
default_environment: "SERVING"

# How a trip is paid.
feature {
  name: "payment" # not the card's number
  type: BYTES
  presence { min_fraction: 0.9 min_count: 1 } # nearly always
  value_count { min: 1 max: 1 }
  domain: "payment"
  distribution_constraints { min_domain_mass: 0.99 }
}

feature {
  name: "fare"
  type: FLOAT
  presence { min_fraction: 1.0 min_count: 1 }
  shape { dim { size: 1 } }
  float_domain { min: 0.0 max: 100.0 }
}

# One line.
feature { name: "hour" type: INT presence { min_count: 1 } int_domain { min: 0 max: 23 } }

feature {
  name: "tips"
  type: FLOAT
  presence { min_fraction: 1.0 min_count: 1 }
  value_count { min: 1 max: 1 }
  not_in_environment: "SERVING"
}

string_domain {
  name: "payment"
  value: "Cash"
  value: "Card"
}
# The end.
"""


def text(
    name: str, counts: Mapping[str, int], examples: int = EXAMPLES
) -> statistics_pb2.FeatureNameStatistics:
    """A text feature with so many examples of each value."""
    made = statistics_pb2.FeatureNameStatistics(type=statistics_pb2.FeatureNameStatistics.STRING)
    made.path.step.append(name)
    _count(made.string_stats.common_stats, sum(counts.values()), examples)
    made.string_stats.unique = len(counts)
    for value, count in counts.items():
        made.string_stats.rank_histogram.buckets.add(label=value, sample_count=count)
    return made


def number(
    name: str,
    low: float,
    high: float,
    *,
    present: int = EXAMPLES,
    least: int = 1,
    whole: bool = False,
) -> statistics_pb2.FeatureNameStatistics:
    """A number feature; an example that has it has `least` to one values."""
    kinds = statistics_pb2.FeatureNameStatistics
    made = kinds(type=kinds.INT if whole else kinds.FLOAT)
    made.path.step.append(name)
    _count(made.num_stats.common_stats, present, EXAMPLES)
    made.num_stats.common_stats.min_num_values = least
    made.num_stats.min, made.num_stats.max = low, high
    made.num_stats.mean = (low + high) / 2
    return made


def _count(common: statistics_pb2.CommonStatistics, present: int, examples: int) -> None:
    common.num_non_missing = common.tot_num_values = present
    common.num_missing = examples - present
    common.min_num_values = common.max_num_values = 1
    common.avg_num_values = 1.0


def statistics(
    **replaced: statistics_pb2.FeatureNameStatistics | None,
) -> statistics_pb2.DatasetFeatureStatistics:
    """Statistics that fit `SCHEMA`, with some features replaced, added or taken out (None)."""
    features = {
        "payment": text("payment", {"Cash": 600, "Card": 400}),
        "fare": number("fare", 1.0, 50.0),
        "hour": number("hour", 0, 23, whole=True),
        "tips": number("tips", 0.0, 9.0),
        **replaced,
    }
    kept = [feature for feature in features.values() if feature is not None]
    return statistics_pb2.DatasetFeatureStatistics(num_examples=EXAMPLES, features=kept)


def observed(
    schema_text: str = SCHEMA, **replaced: statistics_pb2.FeatureNameStatistics | None
) -> Observed:
    """Statistics with what TFDV finds in them."""
    made = statistics(**replaced)
    schema = parse_schema(schema_text, "schema.pbtxt")
    return Observed(made, validate_statistics(schema, made))
