"""How a configuration cuts the evaluation data into slices."""

from __future__ import annotations

from typing import Annotated, Any

import pydantic

from components.evaluator import buckets
from core.settings import Settings

SliceValue = str | int | float


class BucketSettings(Settings):
    """A numeric feature of a slice, cut at boundaries."""

    boundaries: tuple[float, ...] = pydantic.Field(
        min_length=1,
        description="Where buckets begin, ascending; a boundary belongs to the bucket above it.",
    )

    @pydantic.field_validator("boundaries")
    @classmethod
    def _ascend(cls, boundaries: tuple[float, ...]) -> tuple[float, ...]:
        buckets.check_boundaries(boundaries)
        return boundaries


def _as_features(entry: Any) -> Any:
    """Lets a slice be written as one name, a list of names or a mapping to values."""
    if isinstance(entry, str):
        return {"features": {entry: None}}
    if isinstance(entry, list | tuple):
        repeated = {name for name in entry if entry.count(name) > 1}
        if repeated:
            raise ValueError(f"a slice names {min(map(str, repeated))!r} twice")
        return {"features": dict.fromkeys(entry)}
    if isinstance(entry, dict) and set(entry) != {"features"}:
        return {"features": entry}
    return entry


class SliceSettings(Settings):
    """A way to cut the evaluation data: by one feature, or by several crossed.

    In YAML ``payment_type``, ``[payment_type, trip_start_day]`` (every combination
    of their values), ``{payment_type: Cash, trip_start_day: null}`` (only this
    value of the first, every value of the second) or
    ``{fare: {boundaries: [5, 10, 20]}}`` (a numeric feature in buckets).
    """

    features: dict[str, SliceValue | BucketSettings | None] = pydantic.Field(
        min_length=1,
        description="The features of the slice; a value where only that one is meant,"
        " boundaries where a numeric feature is cut into buckets.",
    )

    @property
    def columns(self) -> dict[str, SliceValue | None]:
        """The features by the names that TFMA knows them by, each with its only value."""
        return {
            buckets.bucketed_name(name, value.boundaries)
            if isinstance(value, BucketSettings)
            else name: None if isinstance(value, BucketSettings) else value
            for name, value in self.features.items()
        }

    def describe(self) -> str:
        """Writes the slice in a few words, such as ``payment_type=Cash x trip_start_day``."""
        return " x ".join(
            buckets.feature_label(name) if value is None else f"{name}={value}"
            for name, value in self.columns.items()
        )


Slice = Annotated[SliceSettings, pydantic.BeforeValidator(_as_features)]
