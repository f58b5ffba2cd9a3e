"""ExampleValidator's anomalies, as findings with the numbers behind them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from tensorflow_metadata.proto.v0 import anomalies_pb2, path_pb2, statistics_pb2

from core.errors import UserError, nearest

DATASET = "dataset"
_ANY = ""
_Anomaly: TypeAlias = anomalies_pb2.AnomalyInfo


@dataclasses.dataclass(frozen=True)
class Finding:
    """One anomaly of one feature in one split.

    Attributes:
      split: The split's name.
      feature: The feature's path, or `DATASET`.
      is_error: Whether TFDV calls it an error; else it is a warning.
      kinds: TFDV's names of the anomaly's reasons.
      headline: What is wrong in a few words.
      details: What was expected and seen.
      present: How many examples have the feature; None where it is not known.
      examples: How many examples the split has; None where it is not known.
    """

    split: str
    feature: str
    is_error: bool
    kinds: tuple[str, ...]
    headline: str
    details: str
    present: int | None
    examples: int | None

    def describe(self) -> str:
        """Writes the finding as one line."""
        text = f"{self.split}: {self.feature}: {self.headline}"
        if self.details and self.details != self.headline:
            text += f". {self.details}"
        if self.examples is not None and self.present is not None:
            text += f" [in {self.present:,} of {self.examples:,} examples]"
        return text


def findings_of_split(
    split: str,
    anomalies: anomalies_pb2.Anomalies,
    statistics: statistics_pb2.DatasetFeatureStatisticsList | None,
) -> list[Finding]:
    """Reads the anomalies of one split, errors first, then by feature.

    Args:
      split: The split's name.
      anomalies: What ExampleValidator wrote.
      statistics: The split's statistics, for the numbers; None where there are none.
    """
    numbers = _Numbers(statistics)
    found = [
        _finding(split, _path(info.path) or name, info, numbers)
        for name, info in anomalies.anomaly_info.items()
    ]
    if anomalies.HasField("dataset_anomaly_info"):
        found.append(_finding(split, DATASET, anomalies.dataset_anomaly_info, numbers))
    if anomalies.data_missing:
        found.append(
            Finding(
                split,
                DATASET,
                is_error=True,
                kinds=("NO_DATA_IN_SPAN",),
                headline="No examples",
                details="The split is empty.",
                present=None,
                examples=0,
            )
        )
    return sorted(found, key=lambda finding: (not finding.is_error, finding.feature))


def _finding(split: str, feature: str, info: _Anomaly, numbers: _Numbers) -> Finding:
    reasons = info.reason or [info]
    return Finding(
        split,
        feature,
        is_error=info.severity == _Anomaly.ERROR,
        kinds=tuple(_Anomaly.Type.Name(reason.type) for reason in info.reason),
        headline="; ".join(_plain(reason.short_description) for reason in reasons),
        details=" ".join(_plain(reason.description) for reason in reasons),
        present=numbers.present.get(feature),
        examples=numbers.examples,
    )


def _plain(text: str) -> str:
    return " ".join(text.split())


def _path(path: path_pb2.Path) -> str:
    return ".".join(path.step)


class _Numbers:
    """How many examples there are, and how many have each feature."""

    def __init__(self, statistics: statistics_pb2.DatasetFeatureStatisticsList | None) -> None:
        self.examples: int | None = None
        self.present: dict[str, int] = {}
        for dataset in statistics.datasets if statistics is not None else ():
            if dataset.name not in ("", "All Examples"):
                continue
            self.examples = int(dataset.num_examples)
            for feature in dataset.features:
                values = getattr(feature, feature.WhichOneof("stats") or "", None)
                if values is not None:
                    name = feature.name or _path(feature.path)
                    self.present[name] = int(values.common_stats.num_non_missing)


def parse_allowed(allowed: Iterable[str]) -> dict[str, set[str]]:
    """Reads the features and ``feature:ANOMALY`` pairs that do not stop a run.

    Returns:
      The allowed kinds of anomaly by feature; the empty kind stands for every one.

    Raises:
      UserError: If TFDV knows no anomaly of the name.
    """
    known = list(_Anomaly.Type.keys())
    kinds: dict[str, set[str]] = {}
    for entry in allowed:
        feature, separator, kind = entry.rpartition(":")
        if not separator:
            feature, kind = entry, _ANY
        elif kind not in known:
            close = nearest(kind, known)
            raise UserError(
                f"there is no anomaly {kind!r}",
                evidence=[f"allowed: {entry}"],
                hint=f"did you mean {feature}:{close}?" if close else "name the feature only",
                code="unknown-anomaly",
            )
        kinds.setdefault(feature, set()).add(kind)
    return kinds


def separate(
    findings: Iterable[Finding], allowed: dict[str, set[str]]
) -> Iterator[tuple[Finding, bool]]:
    """Says of each finding whether it is allowed: all of its kinds, or the whole feature."""
    for finding in findings:
        kinds = allowed.get(finding.feature, set())
        yield finding, _ANY in kinds or bool(finding.kinds and set(finding.kinds) <= kinds)


def count_features(findings: Collection[Finding]) -> int:
    """How many different features the findings are about."""
    return len({finding.feature for finding in findings})
