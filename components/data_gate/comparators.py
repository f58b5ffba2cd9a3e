"""The schema's own drift and skew comparators, evaluated by TFDV itself."""

from __future__ import annotations

from collections.abc import Iterator

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.data_gate.anomalies import findings_of_split
from components.data_gate.findings import Finding

_PREFIX = "COMPARATOR_"


def has_comparators(schema: schema_pb2.Schema) -> bool:
    """Whether a schema compares anything with other data."""
    constraints = schema.dataset_constraints
    return constraints.HasField("num_examples_drift_comparator") or any(
        feature.HasField("drift_comparator") or feature.HasField("skew_comparator")
        for feature in schema.feature
    )


def comparator_findings(
    split: str,
    statistics: statistics_pb2.DatasetFeatureStatistics,
    schema: schema_pb2.Schema,
    previous: statistics_pb2.DatasetFeatureStatistics | None,
    serving: statistics_pb2.DatasetFeatureStatistics | None,
) -> Iterator[Finding]:
    """What the schema's comparators find, with TFDV's own distances.

    Args:
      split: The split's name.
      statistics: The new statistics.
      schema: The schema.
      previous: The statistics of the accepted data; None for none.
      serving: Those of serving; None for none.
    """
    from schema.tfdv_library import validate_statistics

    if not has_comparators(schema) or (previous is None and serving is None):
        return
    found = validate_statistics(schema, statistics, previous=previous, serving=serving)
    compared = anomalies_pb2.Anomalies(anomaly_info=found.anomaly_info)
    if found.HasField("dataset_anomaly_info"):
        compared.dataset_anomaly_info.CopyFrom(found.dataset_anomaly_info)
    for finding in findings_of_split(split, compared, statistics, schema):
        # Data to compare with may be missing for good reasons, such as a first span.
        if finding.check.startswith(_PREFIX) and "DATA_MISSING" not in finding.check:
            yield finding
