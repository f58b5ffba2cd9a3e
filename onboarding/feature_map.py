"""Which columns become features, under which names, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onboarding.column_facts import ObservedColumn
from onboarding.label import ReadLabel
from onboarding.model import Choice, ColumnDecision, Request, Use
from onboarding.places import Place
from onboarding.roles import Verdicts, place_roles
from onboarding.verdict import Table, Verdict, categorical_role
from preprocessing.features import LABEL_KEY, load_features, transformed_features


def feature_map(
    request: Request,
    label: ReadLabel,
    columns: Mapping[str, ObservedColumn],
    verdicts: Verdicts,
    left_out: Mapping[str, str],
    table: Table,
) -> tuple[dict[str, Choice], tuple[ColumnDecision, ...]]:
    """Puts the decisions about columns together.

    Args:
      request: What a person asked for.
      label: The label.
      columns: The columns.
      verdicts: What each is.
      left_out: Columns that may be no features, with the reason: they give the label away, or
        tell nothing of it.
      table: The table.

    Returns:
      The features with their roles and reasons, and what becomes of every column.
    """
    names = _Names()
    features: dict[str, Choice] = {}
    decisions: dict[str, ColumnDecision] = {}
    uses = {name: _use(name, request, label, verdicts.columns[name], left_out) for name in columns}
    places = {}
    for place in verdicts.places:
        pair = (place.latitude, place.longitude)
        if all(uses[name][0] == "feature" for name in pair):
            places.update(dict.fromkeys(pair, place))
    roles = place_roles(verdicts.places, table.rows)
    for name, column in columns.items():
        verdict = verdicts.columns[name]
        use, why = uses[name]
        feature = None
        if name in places:
            feature = _add_place(places[name], roles, features, names)
        elif use in ("feature", "time"):
            role = _role_of(column, verdict, table, by_time=use == "time")
            if role is not None:
                feature = names.free(name, role)
                full = role if feature == name else {**role, "column": name}
                features[feature] = Choice(_short(full), why)
        decisions[name] = ColumnDecision(column.facts, verdict.kind, use, why, feature)
    return features, tuple(decisions.values())


def _use(
    name: str, request: Request, label: ReadLabel, verdict: Verdict, left_out: Mapping[str, str]
) -> tuple[Use, str]:
    if name in left_out and name in label.expression.columns:
        return "label", left_out[name]
    if label.expression.is_column and name in label.expression.columns:
        return "label", "the label"
    if name == request.key:
        return "key", "rows of equal values stay in one split"
    if name == request.time and name not in request.drop:
        return "time", f"the rows are split by it; {verdict.why}"
    if name in request.drop:
        return "dropped", "as asked for"
    if name in left_out:
        return "dropped", left_out[name]
    if name in request.keep and verdict.kind not in ("empty",):
        return "feature", f"as asked for; {verdict.why}" if verdict.role is None else verdict.why
    if verdict.role is None and verdict.kind not in ("latitude", "longitude"):
        return "dropped", verdict.why
    return "feature", verdict.why


def _role_of(
    column: ObservedColumn, verdict: Verdict, table: Table, *, by_time: bool
) -> Mapping[str, Any] | None:
    if by_time:
        # What judges is newer than all that trained: a year would be one never seen.
        if verdict.kind != "timestamp" or verdict.role is None:
            return None
        parts = [part for part in verdict.role["parts"] if part != "year"]
        return {**verdict.role, "parts": parts} if parts else None
    if verdict.role is not None:
        return verdict.role
    if verdict.fallback is not None:
        return verdict.fallback
    if column.is_text:
        return categorical_role(column.facts.distinct, table.rows)
    return {"role": "numeric"}


def _add_place(
    place: Place,
    roles: Mapping[str, Mapping[str, Any]],
    features: dict[str, Choice],
    names: _Names,
) -> str:
    known = [name for name, choice in features.items() if choice.value == roles[place.name]]
    if known:
        return known[0]
    name = names.free(place.name, roles[place.name])
    why = f"degrees: {place.latitude} and {place.longitude} are one place"
    features[name] = Choice(dict(roles[place.name]), why)
    return name


def _short(role: Mapping[str, Any]) -> Any:
    return role["role"] if len(role) == 1 else dict(role)


class _Names:
    """Names of features whose transformed outputs do not meet."""

    def __init__(self) -> None:
        self._taken = {LABEL_KEY}

    def free(self, name: str, role: Mapping[str, Any]) -> str:
        """The name, or one like it, under which a role's outputs are nobody else's."""
        while (outputs := self._outputs(name, role)) & self._taken:
            name = f"{name}_column"
        self._taken |= outputs
        return name

    def _outputs(self, name: str, role: Mapping[str, Any]) -> set[str]:
        # A name of its own for the check: "label" is refused as a feature's name.
        marked = transformed_features(load_features({f"{name}\0": role}))
        return {output.name.replace("\0", "", 1) for output in marked}
