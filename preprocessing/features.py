"""Feature roles: what the configuration says about each column.

A role is a small record (`preprocessing.roles`), chosen by its `role` key; the
configuration maps a feature's name to one, or to the role's bare name
(``fare: numeric``).

A role also tells which *transformed* features it becomes. That list is the whole
contract between preprocessing and models:

* a ``dense`` transformed feature is float32 of shape [batch];
* an ``index`` one is int64 of shape [batch] with values in ``[0, cardinality)``, where
  0 always means "missing";
* a ``bag`` is int64 of shape [batch, length] with values in ``[0, cardinality)``: the
  tokens of a text in their order, then zeros, which are no tokens. A missing text is
  all zeros.

The cardinality of a vocabulary is known after the analysis only; the contract then
names the vocabulary, whose number of entries is to be added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import pydantic

from core.errors import nearest
from preprocessing.plain_names import plain_name
from preprocessing.roles import (
    CALENDAR_PARTS,
    ROLES,
    BooleanRole,
    CalendarPart,
    CategoricalRole,
    CrossRole,
    FeatureRole,
    LatitudeLongitudeRole,
    NumericRole,
    TextRole,
    TimestampRole,
)

__all__ = [
    "CALENDAR_PARTS",
    "LABEL_KEY",
    "ROLES",
    "BooleanRole",
    "CalendarPart",
    "CategoricalRole",
    "CrossRole",
    "FeatureMap",
    "FeatureRole",
    "LatitudeLongitudeRole",
    "NumericRole",
    "TextRole",
    "TimestampRole",
    "TransformedFeature",
    "column_of",
    "dump_features",
    "load_features",
    "names",
    "raw_columns",
    "resolve_cross_part",
    "transformed_features",
    "vocabulary_name",
]

LABEL_KEY = "label"
"""The name of the transformed label. No feature may take it."""


class TransformedFeature(NamedTuple):
    """One output of preprocessing, as the model reads it.

    Attributes:
      name: The transformed feature's name.
      kind: "dense" (float32) or "index" (int64), both of shape [batch], or "bag"
        (int64 of shape [batch, length]).
      cardinality: For an index or a bag, the number of its values; where there is a
        vocabulary, the number of values beside the vocabulary's own entries. 0 for a
        dense one.
      vocabulary: The vocabulary's file name, or "" where there is none.
      length: How many values a row has: 1, but for a bag the most tokens of a text.
    """

    name: str
    kind: Literal["dense", "index", "bag"]
    cardinality: int = 0
    vocabulary: str = ""
    length: int = 1


def _expand_shorthand(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: {"role": role} if isinstance(role, str) else role for name, role in value.items()}


def _check_feature_map(features: dict[str, FeatureRole]) -> dict[str, FeatureRole]:
    if not features:
        raise ValueError("at least one feature is needed")
    owners: dict[str, str] = {}
    for name in features:
        for output in transformed_features({name: features[name]}):
            if output.name == LABEL_KEY:
                raise ValueError(f"feature {name!r}: the name {LABEL_KEY!r} is the label's own")
            if output.name in owners:
                raise ValueError(
                    f"features {owners[output.name]!r} and {name!r} both become {output.name!r}"
                )
            owners[output.name] = name
    for name, role in features.items():
        if isinstance(role, CrossRole):
            for part in role.of:
                resolve_cross_part(features, name, part)
    return features


FeatureMap = Annotated[
    dict[str, FeatureRole],
    pydantic.BeforeValidator(_expand_shorthand),
    pydantic.AfterValidator(_check_feature_map),
]
"""A pydantic field type: feature names to roles, with the shorthand of a bare role name."""

_ADAPTER: pydantic.TypeAdapter[dict[str, FeatureRole]] = pydantic.TypeAdapter(FeatureMap)


def load_features(plain: Mapping[str, Any]) -> dict[str, FeatureRole]:
    """Reads a feature map from plain data (as `dump_features` writes it).

    Raises:
      pydantic.ValidationError: If it is not a feature map.
    """
    return _ADAPTER.validate_python(dict(plain))


def dump_features(features: Mapping[str, FeatureRole]) -> dict[str, Any]:
    """Writes a feature map as plain JSON data."""
    return {name: role.model_dump(mode="json") for name, role in features.items()}


def column_of(name: str, role: FeatureRole) -> str:
    """The raw column of a feature that reads one column."""
    return getattr(role, "column", None) or name


def raw_columns(features: Mapping[str, FeatureRole]) -> list[str]:
    """The raw columns that the features read, sorted, the label's not among them."""
    columns: set[str] = set()
    for name, role in features.items():
        if isinstance(role, LatitudeLongitudeRole):
            columns |= {role.latitude, role.longitude}
        elif not isinstance(role, CrossRole):
            columns.add(column_of(name, role))
    return sorted(columns)


def vocabulary_name(name: str) -> str:
    """A file name for a feature's vocabulary, whatever characters the feature's name has."""
    return f"vocabulary_{plain_name(name)}"


def transformed_features(features: Mapping[str, FeatureRole]) -> tuple[TransformedFeature, ...]:
    """What the model reads: the outputs of preprocessing in their fixed order."""
    outputs: list[TransformedFeature] = []
    for name, role in features.items():
        outputs.extend(_outputs_of(name, role))
    return tuple(outputs)


def _outputs_of(name: str, role: FeatureRole) -> list[TransformedFeature]:
    if isinstance(role, NumericRole):
        return _numeric_outputs(name, role)
    if isinstance(role, CategoricalRole):
        if role.hash_buckets is not None:
            return [TransformedFeature(name, "index", 1 + role.hash_buckets)]
        beside = 1 + role.out_of_vocabulary_buckets
        return [TransformedFeature(name, "index", beside, vocabulary_name(name))]
    if isinstance(role, TextRole):
        if role.hash_buckets is not None:
            return [TransformedFeature(name, "bag", 1 + role.hash_buckets, "", role.longest)]
        beside = 1 + role.out_of_vocabulary_buckets
        return [TransformedFeature(name, "bag", beside, vocabulary_name(name), role.longest)]
    if isinstance(role, BooleanRole):
        return [TransformedFeature(name, "index", 3)]
    if isinstance(role, TimestampRole):
        return _timestamp_outputs(name, role)
    if isinstance(role, LatitudeLongitudeRole):
        return [
            TransformedFeature(f"{name}_latitude", "dense"),
            TransformedFeature(f"{name}_longitude", "dense"),
            TransformedFeature(f"{name}_missing", "dense"),
            TransformedFeature(f"{name}_latitude_bucket", "index", 1 + role.buckets),
            TransformedFeature(f"{name}_longitude_bucket", "index", 1 + role.buckets),
            TransformedFeature(f"{name}_cell", "index", 1 + role.hash_buckets),
        ]
    return [TransformedFeature(name, "index", 1 + role.hash_buckets)]


def _numeric_outputs(name: str, role: NumericRole) -> list[TransformedFeature]:
    outputs = []
    if role.scale != "buckets":
        outputs.append(TransformedFeature(name, "dense"))
        outputs.append(TransformedFeature(f"{name}_missing", "dense"))
    if role.buckets:
        outputs.append(TransformedFeature(f"{name}_bucket", "index", 1 + role.buckets))
    return outputs


def _timestamp_outputs(name: str, role: TimestampRole) -> list[TransformedFeature]:
    outputs = []
    for part in role.parts:
        if part == "year":
            outputs.append(TransformedFeature(f"{name}_year", "dense"))
            continue
        if role.encoding in ("cyclic", "both"):
            outputs.append(TransformedFeature(f"{name}_{part}_sin", "dense"))
            outputs.append(TransformedFeature(f"{name}_{part}_cos", "dense"))
        if role.encoding in ("categorical", "both"):
            outputs.append(TransformedFeature(f"{name}_{part}", "index", 1 + CALENDAR_PARTS[part]))
    outputs.append(TransformedFeature(f"{name}_missing", "dense"))
    return outputs


def resolve_cross_part(features: Mapping[str, FeatureRole], cross: str, part: str) -> str:
    """The transformed index that a cross means by a feature's (or an index's) name.

    Args:
      features: The feature map.
      cross: The cross's own name, for the message.
      part: A name in the cross's `of`.

    Raises:
      ValueError: If there is no such feature, or it has no index (or several).
    """
    indices = {
        output.name
        for name, role in features.items()
        if not isinstance(role, CrossRole)
        for output in _outputs_of(name, role)
        if output.kind == "index"
    }
    role = features.get(part)
    if isinstance(role, NumericRole) and role.buckets:
        return f"{part}_bucket"
    if isinstance(role, LatitudeLongitudeRole):
        return f"{part}_cell"
    if part in indices:
        return part
    if part in features:
        raise ValueError(
            f"feature {cross!r} cannot cross {part!r}: it has no index of its own; give it "
            "buckets, or name one of its transformed indices"
        )
    close = nearest(part, [*features, *indices])
    raise ValueError(
        f"feature {cross!r} crosses {part!r}, which does not exist"
        + (f"; did you mean {close!r}?" if close else "")
    )


def names(features: Iterable[TransformedFeature], kind: str) -> list[str]:
    """The names of the transformed features of one kind, in order."""
    return [feature.name for feature in features if feature.kind == kind]
