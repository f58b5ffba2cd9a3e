"""Whose limit a feature has: the schema's comparators, else the configuration's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from tensorflow_metadata.proto.v0 import schema_pb2

from components.data_gate.settings import GateSettings
from core.errors import UserError, nearest

_CATEGORIES = ("categorical", "boolean")
_TIME = "timestamp"


class Limits:
    """What the configuration, the schema and the model's inputs say of each feature.

    Args:
      settings: The gate's settings.
      schema: The schema.
      kinds: The role of each column that the model uses, such as ``numeric``.
      label_columns: The columns that the label is computed from.
    """

    def __init__(
        self,
        settings: GateSettings,
        schema: schema_pb2.Schema,
        kinds: Mapping[str, str],
        label_columns: Iterable[str] = (),
    ) -> None:
        self._settings = settings
        self._features = {feature.name: feature for feature in schema.feature}
        self._kinds = dict(kinds)
        self._used = {*kinds, *label_columns}

    @property
    def categories(self) -> frozenset[str]:
        """The columns whose numbers, if they hold any, only stand for something."""
        declared = {
            name
            for name, feature in self._features.items()
            if feature.int_domain.is_categorical or feature.HasField("bool_domain")
        }
        return frozenset({*declared, *(n for n, k in self._kinds.items() if k in _CATEGORIES)})

    def is_category(self, feature: str) -> bool:
        """Whether the numbers of a feature only stand for something."""
        return feature in self.categories

    def is_used(self, feature: str) -> bool:
        """Whether the model or its label uses the column."""
        return not self._kinds or feature in self._used

    def is_compared(self, feature: str) -> bool:
        """Whether the feature's values are to stay alike; time goes on."""
        return self._kinds.get(feature) != _TIME

    def severity(self, feature: str) -> Literal["block", "warn"]:
        """What drift of a feature does by default: only what the model uses stops a run."""
        return "block" if self.is_used(feature) else "warn"

    def distance(self, feature: str, *, categorical: bool, other: str) -> float:
        """The largest distance of a feature; infinite where there is no limit."""
        comparator = self._comparator(feature, other)
        if comparator is not None:
            norm = comparator.infinity_norm if categorical else comparator.jensen_shannon_divergence
            if norm.threshold:
                return float(norm.threshold)
        return self._settings.drift_limit(feature, categorical=categorical)

    def is_judged_by_tfdv(self, feature: str, other: str) -> bool:
        """Whether the schema has a comparator of the feature, which TFDV itself evaluates."""
        return self._comparator(feature, other) is not None

    def _comparator(self, feature: str, other: str) -> schema_pb2.FeatureComparator | None:
        known = self._features.get(feature)
        field = "skew_comparator" if other == "serving" else "drift_comparator"
        if known is None or not known.HasField(field):
            return None
        return getattr(known, field)


def check_names(settings: GateSettings, known: Iterable[str]) -> None:
    """Refuses settings that name a feature that neither the schema nor the data have.

    Args:
      settings: The gate's settings.
      known: The features of both.

    Raises:
      UserError: With the nearest feature.
    """
    names = sorted(set(known))
    for feature, key in settings.named_features().items():
        if feature not in names:
            close = nearest(feature, names)
            raise UserError(
                f"{key} names {feature!r}, which neither the schema nor the data have",
                evidence=[f"features: {', '.join(names)}"],
                hint=f"did you mean {close!r}?" if close else "name one of these",
                code="unknown-feature",
            )
