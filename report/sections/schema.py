"""The schema as a table, and what broke it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from markupsafe import Markup
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2

from core.formats import number
from report.templating import render
from schema.difference import FeatureDifference

_SHOWN_VALUES = 12


@dataclasses.dataclass(frozen=True)
class Row:
    """One feature of a schema, in words.

    Attributes:
      name: The feature's name.
      type: ``bytes``, ``int``, ``float`` or ``struct``.
      presence: How many examples must have it.
      count: How many values an example may have.
      domain: Range or name of the domain.
      values: The first values of the domain.
      more: How many values of the domain are not in `values`.
      notes: Such as ``deprecated`` or the environments it is not in.
    """

    name: str
    type: str
    presence: str
    count: str
    domain: str
    values: tuple[str, ...]
    more: int
    notes: str


def rows(schema: schema_pb2.Schema) -> list[Row]:
    """Describes each feature of a schema."""
    domains = {domain.name: domain for domain in schema.string_domain}
    return [_row(feature, domains) for feature in schema.feature]


def _row(feature: schema_pb2.Feature, domains: Mapping[str, schema_pb2.StringDomain]) -> Row:
    domain, values = _domain(feature, domains)
    notes = []
    if feature.deprecated:
        notes.append("deprecated")
    if feature.not_in_environment:
        notes.append(f"not in {', '.join(feature.not_in_environment)}")
    if feature.in_environment:
        notes.append(f"only in {', '.join(feature.in_environment)}")
    return Row(
        name=feature.name,
        type=schema_pb2.FeatureType.Name(feature.type).lower().replace("type_unknown", "unknown"),
        presence=_presence(feature.presence),
        count=_count(feature),
        domain=domain,
        values=values[:_SHOWN_VALUES],
        more=max(0, len(values) - _SHOWN_VALUES),
        notes="; ".join(notes),
    )


def _presence(presence: schema_pb2.FeaturePresence) -> str:
    if presence.min_fraction >= 1:
        return "required"
    if presence.min_fraction > 0:
        return f"in at least {100 * presence.min_fraction:g} %"
    return "optional"


def _count(feature: schema_pb2.Feature) -> str:
    kind = feature.WhichOneof("shape_type")
    if kind == "value_count":
        least, most = feature.value_count.min, feature.value_count.max
        if most == 0:
            return f"{least} or more" if least else "any"
        return str(least) if least == most else f"{least} to {most}"
    if kind == "shape":
        return " \N{MULTIPLICATION SIGN} ".join(str(dim.size) for dim in feature.shape.dim) or "1"
    return "any"


def _domain(
    feature: schema_pb2.Feature, domains: Mapping[str, schema_pb2.StringDomain]
) -> tuple[str, tuple[str, ...]]:
    kind = feature.WhichOneof("domain_info")
    if kind == "domain":
        found = domains.get(feature.domain)
        values = tuple(found.value) if found else ()
        return (f"{len(values):,} values" if values else feature.domain), values
    if kind == "string_domain":
        values = tuple(feature.string_domain.value)
        return f"{len(values):,} values", values
    if kind in ("int_domain", "float_domain"):
        bounds = getattr(feature, kind)
        low = number(bounds.min) if bounds.HasField("min") else "\N{MINUS SIGN}∞"
        high = number(bounds.max) if bounds.HasField("max") else "∞"
        text = f"{low} to {high}"
        return (f"{text}, categorical" if bounds.is_categorical else text), ()
    if kind == "bool_domain":
        return "true or false", ()
    return ("" if kind is None else kind.removesuffix("_domain").replace("_", " ")), ()


def schema_fragment(
    schema: schema_pb2.Schema, inferred: Sequence[FeatureDifference] = ()
) -> Markup:
    """Renders a schema.

    Args:
      schema: The schema.
      inferred: What inference from the run's data would change in it.
    """
    return render("schema.html.jinja", rows=rows(schema), inferred=inferred)


@dataclasses.dataclass(frozen=True)
class Finding:
    """One anomaly.

    Attributes:
      splits: Where it was found.
      feature: The feature's path, or ``the dataset``.
      severity: ``error`` or ``warning``.
      short: A few words.
      description: A sentence with the evidence.
    """

    splits: tuple[str, ...]
    feature: str
    severity: str
    short: str
    description: str


def findings(anomalies: Mapping[str, anomalies_pb2.Anomalies]) -> list[Finding]:
    """Joins equal anomalies of several splits, errors first."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for split, proto in anomalies.items():
        infos = [(name, info) for name, info in proto.anomaly_info.items()]
        if proto.HasField("dataset_anomaly_info"):
            infos.append(("the dataset", proto.dataset_anomaly_info))
        for name, info in infos:
            severity = anomalies_pb2.AnomalyInfo.Severity.Name(info.severity).lower()
            key = (
                ".".join(info.path.step) or name,
                severity,
                info.short_description,
                info.description,
            )
            found.setdefault(key, []).append(split)
    return sorted(
        (Finding(tuple(splits), *key) for key, splits in found.items()),
        key=lambda finding: (finding.severity != "error", finding.feature),
    )


def anomalies_fragment(anomalies: Mapping[str, anomalies_pb2.Anomalies]) -> Markup:
    """Renders the anomalies of all splits."""
    return render("anomalies.html.jinja", splits=list(anomalies), findings=findings(anomalies))
