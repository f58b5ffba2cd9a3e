"""Feature roles: what the configuration says about each column.

A role is a small record, chosen by its `role` key; the configuration maps a
feature's name to one, or to the role's bare name (``fare: numeric``).

A role also tells which *transformed* features it becomes. That list is the whole
contract between preprocessing and models: a ``dense`` transformed feature is
float32 of shape [batch]; an ``index`` one is int64 of shape [batch] with values in
``[0, cardinality)``, where 0 always means "missing". The cardinality of a vocabulary
is known after the analysis only; the contract then names the vocabulary.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import pydantic

from core.errors import nearest
from core.settings import Settings

LABEL_KEY = "label"
"""The name of the transformed label. No feature may take it."""

CALENDAR_PARTS: dict[str, int] = {
    "minute": 60,
    "hour": 24,
    "weekday": 7,
    "day": 31,
    "month": 12,
    "day_of_year": 366,
}
"""Parts of a timestamp that repeat, with the length of their cycle."""


class TransformedFeature(NamedTuple):
    """One output of preprocessing, as the model reads it.

    Attributes:
      name: The transformed feature's name.
      kind: "dense" (float32) or "index" (int64); both of shape [batch].
      cardinality: For an index, the number of its values; of a vocabulary's index,
        the number of values beside the vocabulary's own entries. 0 for a dense one.
      vocabulary: The vocabulary's file name, or "" where the index has none.
    """

    name: str
    kind: Literal["dense", "index"]
    cardinality: int = 0
    vocabulary: str = ""


class NumericRole(Settings):
    """A number: scaled, cut at its quantiles, or both."""

    role: Literal["numeric"] = "numeric"
    column: str | None = pydantic.Field(None, description="The raw column; the name by default.")
    scale: Literal["zscore", "buckets", "none"] = pydantic.Field(
        "zscore",
        description="zscore: mean 0, deviation 1; none: as it is; buckets: only the bucket.",
    )
    buckets: int = pydantic.Field(
        0, ge=0, le=10_000, description="Also cut at the quantiles into so many buckets; 0: not."
    )
    log1p: bool = pydantic.Field(
        False, description="Scale sign(x) * log(1 + |x|): for amounts with a long tail."
    )

    @pydantic.model_validator(mode="after")
    def _buckets_are_given(self) -> NumericRole:
        if self.buckets == 1 or (self.scale == "buckets" and self.buckets == 0):
            raise ValueError("buckets must be at least 2")
        return self


class CategoricalRole(Settings):
    """One of many values: looked up in a vocabulary, or hashed."""

    role: Literal["categorical"] = "categorical"
    column: str | None = pydantic.Field(None, description="The raw column; the name by default.")
    top_k: int = pydantic.Field(
        1_000, ge=1, le=10_000_000, description="The vocabulary's size: the most frequent values."
    )
    min_count: int = pydantic.Field(
        1, ge=1, description="Values seen fewer times are out of vocabulary."
    )
    out_of_vocabulary_buckets: int = pydantic.Field(
        1, ge=1, le=1_000_000, description="Unknown values are hashed to so many indices."
    )
    hash_buckets: int | None = pydantic.Field(
        None, ge=2, le=10_000_000, description="Hash to so many indices instead of a vocabulary."
    )


class BooleanRole(Settings):
    """Yes or no, as a number (0 is no) or as text (true, yes, y, t, 1, on)."""

    role: Literal["boolean"] = "boolean"
    column: str | None = pydantic.Field(None, description="The raw column; the name by default.")


CalendarPart = Literal["minute", "hour", "weekday", "day", "month", "day_of_year", "year"]


class TimestampRole(Settings):
    """A moment, as a number of units since 1970-01-01T00:00Z, taken apart."""

    role: Literal["timestamp"] = "timestamp"
    column: str | None = pydantic.Field(None, description="The raw column; the name by default.")
    unit: Literal["ns", "us", "ms", "s", "min", "h", "d"] = pydantic.Field(
        "s", description="What one unit of the number is."
    )
    utc_offset_hours: float = pydantic.Field(
        0.0, ge=-14, le=14, description="Added before the parts are taken (local time)."
    )
    parts: tuple[CalendarPart, ...] = pydantic.Field(
        ("hour", "weekday", "month"), min_length=1, description="Parts to take; year is scaled."
    )
    encoding: Literal["cyclic", "categorical", "both"] = pydantic.Field(
        "cyclic", description="cyclic: sine and cosine; categorical: an index; or both."
    )


class LatitudeLongitudeRole(Settings):
    """A place: both coordinates scaled, cut into buckets, and the grid cell they make."""

    role: Literal["latitude_longitude"] = "latitude_longitude"
    latitude: str = pydantic.Field(description="The column of degrees north.")
    longitude: str = pydantic.Field(description="The column of degrees east.")
    buckets: int = pydantic.Field(10, ge=2, le=1_000, description="Quantile buckets of each.")
    hash_buckets: int = pydantic.Field(
        500, ge=2, le=10_000_000, description="Indices that grid cells are hashed to."
    )


class CrossRole(Settings):
    """A combination of indices, hashed: a weight of its own for each combination."""

    role: Literal["cross"] = "cross"
    of: tuple[str, ...] = pydantic.Field(
        min_length=2,
        max_length=5,
        description="Features (categorical, boolean, bucketised) or transformed indices.",
    )
    hash_buckets: int = pydantic.Field(1_000, ge=2, le=10_000_000, description="Indices.")


FeatureRole = Annotated[
    NumericRole | CategoricalRole | BooleanRole | TimestampRole | LatitudeLongitudeRole | CrossRole,
    pydantic.Field(discriminator="role"),
]
ROLES = ("numeric", "categorical", "boolean", "timestamp", "latitude_longitude", "cross")


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
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if plain == name:
        return f"vocabulary_{name}"
    return f"vocabulary_{plain}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


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
