"""Which raw columns the model reads, and what they are to it."""

from __future__ import annotations

from collections.abc import Mapping

from preprocessing.features import CrossRole, FeatureRole, LatitudeLongitudeRole, column_of


def column_kinds(features: Mapping[str, FeatureRole]) -> dict[str, str]:
    """The role of each raw column: ``numeric``, ``categorical``, ``timestamp`` and so on.

    A column with several roles has that which compares it most strictly: categorical,
    numeric, then the others.

    Args:
      features: The feature map.
    """
    kinds: dict[str, list[str]] = {}
    for name, role in features.items():
        if isinstance(role, LatitudeLongitudeRole):
            for column in (role.latitude, role.longitude):
                kinds.setdefault(column, []).append("numeric")
        elif not isinstance(role, CrossRole):
            kinds.setdefault(column_of(name, role), []).append(role.role)
    order = ("categorical", "boolean", "numeric")
    return {
        column: next((kind for kind in order if kind in found), found[0])
        for column, found in sorted(kinds.items())
    }
