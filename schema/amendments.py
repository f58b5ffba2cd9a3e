"""What a curated schema must say for a run's anomalies to be accepted.

TFDV's own `update_schema` relaxes a schema until statistics fit. It is followed for the
features that are accepted and for nothing else, except where it gives a feature up: a
column that is missing becomes optional instead of deprecated, and a type that changed is
refused, because models are built on types.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from core.errors import UserError, nearest
from schema import tfdv_library
from schema.difference import FeatureDifference, difference
from schema.relaxation import Relaxation, rounded_up

_Anomaly: TypeAlias = anomalies_pb2.AnomalyInfo
_Measurement = anomalies_pb2.DriftSkewInfo.Measurement
_NORMS = {
    _Measurement.L_INFTY: "infinity_norm",
    _Measurement.JENSEN_SHANNON_DIVERGENCE: "jensen_shannon_divergence",
    _Measurement.NORMALIZED_ABSOLUTE_DIFFERENCE: "normalized_abs_difference",
}


@dataclasses.dataclass(frozen=True)
class Observed:
    """What a run found in one split.

    Attributes:
      statistics: Of all examples of the split.
      anomalies: Against the schema of the run.
    """

    statistics: statistics_pb2.DatasetFeatureStatistics
    anomalies: anomalies_pb2.Anomalies


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Anomalies that no amendment accepts.

    Attributes:
      feature: The feature, or ``the dataset``.
      reason: Why, in a sentence with the evidence.
    """

    feature: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Amendment:
    """A schema that accepts what a run found.

    Attributes:
      schema: The amended schema.
      differences: What was changed.
      refusals: What was not accepted, and why.
    """

    schema: schema_pb2.Schema
    differences: tuple[FeatureDifference, ...]
    refusals: tuple[Refusal, ...]


def anomalous_features(splits: Mapping[str, Observed]) -> dict[str, list[_Anomaly]]:
    """The anomalies of each feature in all splits."""
    found: dict[str, list[_Anomaly]] = {}
    for observed in splits.values():
        for name, info in observed.anomalies.anomaly_info.items():
            found.setdefault(".".join(info.path.step) or name, []).append(info)
    return dict(sorted(found.items()))


def amend(
    schema: schema_pb2.Schema,
    splits: Mapping[str, Observed],
    *,
    features: Sequence[str] = (),
    relax_domains: bool = False,
) -> Amendment:
    """Amends a schema from what a run found.

    Args:
      schema: The curated schema.
      splits: Statistics and anomalies by split.
      features: The features to accept; empty for all with anomalies.
      relax_domains: Whether unexpected values lower `min_domain_mass` instead of joining
        the domain.

    Returns:
      The amended schema, equal to `schema` where nothing needs to change.

    Raises:
      UserError: If a feature is not known or has no anomalies.
    """
    found = anomalous_features(splits)
    _check_features(features, schema, found, splits)
    wanted = {name: found[name] for name in features or found}
    relaxation = Relaxation(schema, relax_domains=relax_domains)
    refusals = [] if features else _dataset_refusals(splits)
    for observed in splits.values():
        relaxation.follow(
            tfdv_library.update_schema(relaxation.schema, observed.statistics),
            observed.statistics,
            wanted,
        )
        _relax_comparators(relaxation.schema, observed.anomalies, wanted)
    refusals += [Refusal(name, reason) for name, reason in relaxation.refused.items()]
    refusals += _remaining(relaxation.schema, splits, set(wanted) - {*relaxation.refused})
    return Amendment(relaxation.schema, difference(schema, relaxation.schema), tuple(refusals))


def _check_features(
    features: Sequence[str],
    schema: schema_pb2.Schema,
    found: Mapping[str, object],
    splits: Mapping[str, Observed],
) -> None:
    seen = {
        ".".join(feature.path.step)
        for observed in splits.values()
        for feature in observed.statistics.features
    }
    known = {feature.name for feature in schema.feature} | seen | {*found}
    for name in features:
        if name in found:
            continue
        having = f"features with anomalies: {', '.join(found)}"
        if name in known:
            raise UserError(
                f"the feature {name!r} has no anomalies in this run",
                evidence=[having],
                hint="leave it out",
                code="no-anomaly",
            )
        near = nearest(name, found) or nearest(name, known)
        raise UserError(
            f"there is no feature {name!r}",
            evidence=[having],
            hint=f"did you mean {near!r}?" if near else "name one of these",
            code="unknown-feature",
        )


def _dataset_refusals(splits: Mapping[str, Observed]) -> list[Refusal]:
    refusals = []
    for split, observed in splits.items():
        if observed.anomalies.HasField("dataset_anomaly_info"):
            text = " ".join(observed.anomalies.dataset_anomaly_info.description.split())
            reason = f"{split}: {text} Edit `dataset_constraints` by hand."
            refusals.append(Refusal("the dataset", reason))
    return refusals


def _relax_comparators(
    schema: schema_pb2.Schema, anomalies: anomalies_pb2.Anomalies, wanted: Collection[str]
) -> None:
    """Raises thresholds to the distances that ExampleValidator measured."""
    features = {feature.name: feature for feature in schema.feature}
    for info in anomalies.drift_skew_info:
        name = ".".join(info.path.step)
        if name not in wanted or name not in features:
            continue
        for kind, measurements in (
            ("drift_comparator", info.drift_measurements),
            ("skew_comparator", info.skew_measurements),
        ):
            for measured in measurements:
                comparator = getattr(features[name], kind)
                norm = _NORMS.get(measured.type)
                if norm is None or not comparator.HasField(norm):
                    continue
                threshold = getattr(comparator, norm).threshold
                if measured.value > threshold:
                    getattr(comparator, norm).threshold = rounded_up(measured.value)


def _remaining(
    schema: schema_pb2.Schema, splits: Mapping[str, Observed], accepted: Collection[str]
) -> list[Refusal]:
    """What TFDV still finds in features that were to be accepted."""
    left: dict[str, str] = {}
    for observed in splits.values():
        # Without an environment, as TFX's ExampleValidator looks at it.
        found = tfdv_library.validate_statistics(schema, observed.statistics)
        for name, info in found.anomaly_info.items():
            path = ".".join(info.path.step) or name
            if path in accepted:
                left[path] = " ".join(info.description.split())
    return [Refusal(name, f"{text} Edit the schema by hand.") for name, text in left.items()]
