"""ExampleValidator's anomalies, as findings with the numbers behind them."""

from __future__ import annotations

from typing import TypeAlias

from tensorflow_metadata.proto.v0 import anomalies_pb2, path_pb2, schema_pb2, statistics_pb2

from components.data_gate.expectations import Facts, facts_of
from components.data_gate.findings import DATASET, Finding

_Anomaly: TypeAlias = anomalies_pb2.AnomalyInfo


def findings_of_split(
    split: str,
    anomalies: anomalies_pb2.Anomalies,
    statistics: statistics_pb2.DatasetFeatureStatistics | None,
    schema: schema_pb2.Schema | None = None,
) -> list[Finding]:
    """Reads the anomalies of one split, a finding for each reason of each feature.

    Args:
      split: The split's name.
      anomalies: What ExampleValidator wrote.
      statistics: The split's statistics, for the numbers; None where there are none.
      schema: The schema, for what was expected; None where there is none.
    """
    found: list[Finding] = []
    numbers = _Numbers(statistics, schema)
    for name, info in anomalies.anomaly_info.items():
        found += _findings(split, _path(info.path) or name, info, numbers)
    if anomalies.HasField("dataset_anomaly_info"):
        found += _findings(split, DATASET, anomalies.dataset_anomaly_info, numbers)
    if anomalies.data_missing:
        found.append(
            Finding(
                split,
                DATASET,
                "NO_DATA_IN_SPAN",
                "block",
                headline="No examples",
                seen="The split is empty.",
                examples=0,
            )
        )
    return found


def _findings(split: str, feature: str, info: _Anomaly, numbers: _Numbers) -> list[Finding]:
    reasons = [
        (_Anomaly.Type.Name(reason.type), reason.short_description, reason.description)
        for reason in info.reason
    ] or [("UNKNOWN_TYPE", info.short_description, info.description)]
    found = []
    for check, headline, description in reasons:
        facts = numbers.facts(feature, check)
        found.append(
            Finding(
                split,
                feature,
                check,
                "block" if info.severity == _Anomaly.ERROR else "warn",
                headline=_plain(headline),
                expected=facts.expected,
                seen=_plain(description),
                values=facts.values,
                count=facts.count,
                present=numbers.present.get(feature),
                examples=numbers.examples,
            )
        )
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())


def _path(path: path_pb2.Path) -> str:
    return ".".join(path.step)


class _Numbers:
    """How many examples there are, and what is known of each feature."""

    def __init__(
        self,
        statistics: statistics_pb2.DatasetFeatureStatistics | None,
        schema: schema_pb2.Schema | None,
    ) -> None:
        self.examples: int | None = None
        self.present: dict[str, int] = {}
        self._schema = schema or schema_pb2.Schema()
        self._features: dict[str, statistics_pb2.FeatureNameStatistics] = {}
        self._expected = {feature.name: feature for feature in self._schema.feature}
        if statistics is None:
            return
        self.examples = int(statistics.num_examples)
        for feature in statistics.features:
            values = getattr(feature, feature.WhichOneof("stats") or "", None)
            if values is not None:
                name = feature.name or _path(feature.path)
                self._features[name] = feature
                self.present[name] = int(values.common_stats.num_non_missing)

    def facts(self, feature: str, check: str) -> Facts:
        return facts_of(
            check,
            self._expected.get(feature),
            self._features.get(feature),
            self.examples,
            self._schema,
        )
