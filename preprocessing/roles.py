"""The roles that a column can have, as the configuration writes them."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from core.settings import Settings
from preprocessing.time_format import check_format

CALENDAR_PARTS: dict[str, int] = {
    "minute": 60,
    "hour": 24,
    "weekday": 7,
    "day": 31,
    "month": 12,
    "day_of_year": 366,
}
"""Parts of a timestamp that repeat, with the length of their cycle."""


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


class TextRole(Settings):
    """Free text: its words and their n-grams, in lower case, as a bag of tokens."""

    role: Literal["text"] = "text"
    column: str | None = pydantic.Field(None, description="The raw column; the name by default.")
    ngrams: int = pydantic.Field(
        2, ge=1, le=5, description="Tokens are words, and 2 to so many words that follow another."
    )
    longest: int = pydantic.Field(
        100, ge=1, le=2_000, description="A text's tokens beyond so many are left out."
    )
    top_k: int = pydantic.Field(
        20_000, ge=1, le=10_000_000, description="The vocabulary's size: the most frequent tokens."
    )
    min_count: int = pydantic.Field(
        2, ge=1, description="Tokens seen fewer times are out of vocabulary."
    )
    out_of_vocabulary_buckets: int = pydantic.Field(
        1, ge=1, le=1_000_000, description="Unknown tokens are hashed to so many values."
    )
    hash_buckets: int | None = pydantic.Field(
        None, ge=2, le=10_000_000, description="Hash to so many values instead of a vocabulary."
    )


class TimestampRole(Settings):
    """A moment, as a number of units since 1970-01-01T00:00Z or as text, taken apart."""

    role: Literal["timestamp"] = "timestamp"
    column: str | None = pydantic.Field(None, description="The raw column; the name by default.")
    unit: Literal["ns", "us", "ms", "s", "min", "h", "d"] = pydantic.Field(
        "s", description="What one unit of the number is; not used with a format."
    )
    format: str | None = pydantic.Field(
        None,
        description="How a text column writes moments, as for strptime: %d.%m.%Y %H:%M. A text "
        "that is not of this form counts as missing.",
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

    @pydantic.field_validator("format")
    @classmethod
    def _format_is_known(cls, value: str | None) -> str | None:
        if value is not None:
            check_format(value)
        return value


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
    NumericRole
    | CategoricalRole
    | BooleanRole
    | TextRole
    | TimestampRole
    | LatitudeLongitudeRole
    | CrossRole,
    pydantic.Field(discriminator="role"),
]
ROLES = ("numeric", "categorical", "boolean", "text", "timestamp", "latitude_longitude", "cross")
