"""The schema that `millrace init` writes: inferred, then loosened until one can live with it.

TFDV takes what it sees for the rule. New data are never quite like the first: a value is
missing for the first time, a category is new, a column that nobody reads is gone. None of
that is a reason to stop a run; a column that is suddenly half empty is.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from onboarding.model import Proposal

if TYPE_CHECKING:
    import pyarrow as pa
    from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

    from pipeline.configuration.model import PipelineConfiguration

# A column may lose so much of what it had before a run stops.
_SLACK = 0.05
# So many deviations of the share of a split are chance.
_DEVIATIONS = 4.0
# Where fewer rows of a split are expected to have a value, it may have none.
_FEW_ROWS = 50
# Where more of the rows hold a value that no other has, the list of values is open.
_MOST_SINGLE = 0.005
_DOMAIN_MASS = 0.95
_LABEL_DOMAIN_MASS = 0.99


def schema_text(
    proposal: Proposal,
    configuration: PipelineConfiguration,
    data: str,
    splits: Mapping[str, pa.Table],
    source: str,
) -> str:
    """Infers the schema from all rows and writes it.

    Args:
      proposal: The proposal.
      configuration: What it becomes.
      data: The data's path on this machine.
      splits: The sampled rows of each split.
      source: What to call the data in the heading.

    Raises:
      UserError: If the label's columns are not there.
      DataError: If the files cannot be read.
    """
    from pipeline.curation.table_statistics import sampled_statistics
    from schema.rendering import render_schema

    found = sampled_statistics(data, configuration.data.ingestion)
    schema = living_schema(proposal, configuration, found.statistics, splits)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    heading = [
        f"What {proposal.name}'s data may look like: inferred from {source}, {found.rows:,} rows,",
        f"on {today}, with room for what new data bring. Made to be edited.",
        "",
        "min_fraction: so many of the rows must have a value",
        "min_domain_mass: so many of the values must be in the list",
        "stage DISABLED: no feature: its values are not looked at, and it may be absent",
        "not in SERVING: a model is asked without it, such as the label",
    ]
    return render_schema(schema, heading)


def living_schema(
    proposal: Proposal,
    configuration: PipelineConfiguration,
    statistics: statistics_pb2.DatasetFeatureStatistics,
    splits: Mapping[str, pa.Table],
) -> schema_pb2.Schema:
    """Infers a schema and loosens it.

    Args:
      proposal: The proposal.
      configuration: What it becomes: features and label.
      statistics: Of all rows.
      splits: The sampled rows of each split.
    """
    from tensorflow_metadata.proto.v0 import schema_pb2

    from preprocessing.expression import parse_label
    from preprocessing.features import raw_columns
    from schema.inference import infer_schema

    features = set(raw_columns(configuration.features))
    label = set(parse_label(configuration.label).columns)
    not_served = [
        feature.path.step[0]
        for feature in statistics.features
        if feature.path.step[0] in label - features
    ]
    schema = infer_schema([statistics], not_served=not_served)
    open_lists = _open_lists(statistics)
    closed = {
        column.facts.name
        for column in proposal.columns
        if column.kind in ("categorical", "boolean")
    } | label
    for feature in schema.feature:
        feature.ClearField("shape")
        if feature.name not in features | label:
            _disable(feature)
            continue
        feature.value_count.min, feature.value_count.max = 0, 1
        _loosen_presence(feature, splits)
        is_label = feature.name in label
        has_domain = feature.name in closed and feature.name not in open_lists
        _loosen_domain(feature, keep=has_domain, is_label=is_label)
    known = {feature.name for feature in schema.feature}
    for name in proposal.sample.types:
        if name not in known:
            _disable(schema.feature.add(name=name, type=schema_pb2.BYTES))
    _drop_unused_domains(schema)
    return schema


def _disable(feature: schema_pb2.Feature) -> None:
    from tensorflow_metadata.proto.v0 import schema_pb2

    for field in ("presence", "value_count", "distribution_constraints"):
        feature.ClearField(field)
    _clear_domain(feature)
    feature.lifecycle_stage = schema_pb2.DISABLED


def _clear_domain(feature: schema_pb2.Feature) -> None:
    kind = feature.WhichOneof("domain_info")
    if kind is not None:
        feature.ClearField(kind)


def _loosen_presence(feature: schema_pb2.Feature, splits: Mapping[str, pa.Table]) -> None:
    """Asks for a little less than the split with the fewest values has."""
    lowest, least_rows = 1.0, math.inf
    for table in splits.values():
        if not table.num_rows or feature.name not in table.column_names:
            continue
        share = 1.0 - table.column(feature.name).null_count / table.num_rows
        lowest, least_rows = min(lowest, share), min(least_rows, table.num_rows)
    chance = math.sqrt(lowest * (1.0 - lowest) / least_rows)
    fraction = lowest - max(_SLACK, _DEVIATIONS * chance)
    feature.presence.min_fraction = max(0.0, math.floor(100 * round(fraction, 6)) / 100)
    feature.presence.min_count = int(lowest * least_rows >= _FEW_ROWS)
    if fraction <= 0:
        feature.presence.ClearField("min_fraction")


def _loosen_domain(feature: schema_pb2.Feature, *, keep: bool, is_label: bool) -> None:
    if feature.WhichOneof("domain_info") == "domain" and keep:
        mass = _LABEL_DOMAIN_MASS if is_label else _DOMAIN_MASS
        feature.distribution_constraints.min_domain_mass = mass
        return
    _clear_domain(feature)
    feature.ClearField("distribution_constraints")


def _open_lists(statistics: statistics_pb2.DatasetFeatureStatistics) -> Collection[str]:
    """Text columns of which new data will bring further values.

    How probable a value is that was never seen is about the share of rows with a value
    that was seen once (Good, "The population frequencies of species", Biometrika 1953).
    """
    open_lists = set()
    for feature in statistics.features:
        if feature.WhichOneof("stats") != "string_stats":
            continue
        buckets = feature.string_stats.rank_histogram.buckets
        once = sum(1 for bucket in buckets if bucket.sample_count <= 1)
        if once > _MOST_SINGLE * max(1.0, float(statistics.num_examples)):
            open_lists.add(feature.path.step[0])
    return open_lists


def _drop_unused_domains(schema: schema_pb2.Schema) -> None:
    used = {f.domain for f in schema.feature if f.WhichOneof("domain_info") == "domain"}
    kept = [domain for domain in schema.string_domain if domain.name in used]
    del schema.string_domain[:]
    schema.string_domain.extend(kept)
