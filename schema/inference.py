"""Schemas inferred from statistics, ready to be curated."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeAlias

from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from core.errors import UserError, nearest
from schema import tfdv_library
from schema.difference import FeatureDifference, difference

TRAINING = "TRAINING"
SERVING = "SERVING"

_Statistics: TypeAlias = statistics_pb2.DatasetFeatureStatistics


def infer_schema(
    splits: Iterable[_Statistics],
    *,
    not_served: Collection[str] = (),
    drift_threshold: float | None = None,
    skew_threshold: float | None = None,
) -> schema_pb2.Schema:
    """Infers a schema from all splits together, as TFX's SchemaGen does.

    Args:
      splits: The statistics of each split, at least one.
      not_served: Columns, such as the label's, that are absent when a model serves. Where
        there are any, the schema has the environments TRAINING and SERVING.
      drift_threshold: How far a feature may move from one span to the next: L-infinity
        for text, Jensen-Shannon divergence for numbers. None for no comparison.
      skew_threshold: The same from training to serving.

    Raises:
      UserError: If a column is not there or a threshold is not a share.
    """
    check_threshold(drift_threshold)
    check_threshold(skew_threshold)
    first, *further = splits
    schema = tfdv_library.infer_schema(first)
    for statistics in further:
        schema = tfdv_library.update_schema(schema, statistics)
    _add_environments(schema, not_served)
    for name, threshold in (
        ("drift_comparator", drift_threshold),
        ("skew_comparator", skew_threshold),
    ):
        if threshold is not None:
            _add_comparators(schema, name, threshold)
    return schema


def inferred_difference(
    curated: schema_pb2.Schema, splits: Iterable[_Statistics]
) -> tuple[FeatureDifference, ...]:
    """What inference would change in a curated schema.

    Environments and comparators, which inference knows nothing of, are not compared.

    Args:
      curated: The curated schema.
      splits: The statistics of each split, at least one.
    """
    inferred = infer_schema(splits)
    inferred.default_environment.extend(curated.default_environment)
    known = {feature.name: feature for feature in curated.feature}
    for feature in inferred.feature:
        own = known.get(feature.name)
        if own is None:
            continue
        for name in ("in_environment", "not_in_environment"):
            getattr(feature, name).extend(getattr(own, name))
        for name in ("drift_comparator", "skew_comparator", "distribution_constraints"):
            if own.HasField(name):
                getattr(feature, name).CopyFrom(getattr(own, name))
    return difference(curated, inferred)


def _add_environments(schema: schema_pb2.Schema, not_served: Collection[str]) -> None:
    if not not_served:
        return
    features = {feature.name: feature for feature in schema.feature}
    check_not_served(not_served, features)
    schema.default_environment.extend((TRAINING, SERVING))
    for name in not_served:
        features[name].not_in_environment.append(SERVING)


def check_not_served(columns: Iterable[str], known: Collection[str]) -> None:
    """Refuses columns of the label that the data does not have.

    Raises:
      UserError: With the nearest column.
    """
    for name in columns:
        if name not in known:
            near = nearest(name, known)
            raise UserError(
                f"the data has no column {name!r}, which the label reads",
                evidence=[f"its columns: {', '.join(known)}"],
                hint=f"did you mean {near!r}?" if near else "correct the label",
                code="unknown-column",
            )


def check_threshold(threshold: float | None) -> None:
    """Refuses a distance that is not above 0 and up to 1.

    Raises:
      UserError: If it makes no sense.
    """
    if threshold is not None and not 0 < threshold <= 1:
        raise UserError(
            f"a threshold of {threshold:g} makes no sense",
            hint="it lies above 0 (every change counts) and up to 1 (none does)",
            code="impossible-threshold",
        )


def _add_comparators(schema: schema_pb2.Schema, name: str, threshold: float) -> None:
    for feature in schema.feature:
        comparator = getattr(feature, name)
        if feature.type == schema_pb2.BYTES:
            comparator.infinity_norm.threshold = threshold
        elif feature.type in (schema_pb2.INT, schema_pb2.FLOAT):
            comparator.jensen_shannon_divergence.threshold = threshold
