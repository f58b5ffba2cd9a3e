"""What a schema says of a feature, in words, aspect by aspect."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from google.protobuf.message import Message
from tensorflow_metadata.proto.v0 import schema_pb2

from schema.rendering import one_line, shortest_float32

# The fields of a Feature that each aspect tells of.
ASPECTS: dict[str, tuple[str, ...]] = {
    "type": ("type",),
    "presence": ("presence", "group_presence"),
    "values": ("value_count", "value_counts", "shape"),
    "domain": ("domain", "string_domain", "bool_domain"),
    "range": ("int_domain", "float_domain"),
    "share in domain": ("distribution_constraints",),
    "environments": ("in_environment", "not_in_environment"),
    "drift": ("drift_comparator",),
    "skew": ("skew_comparator",),
    "stage": ("lifecycle_stage", "deprecated"),
}
# What people note beside the schema; a difference there is none for the data.
_IGNORED = ("name",)


@dataclasses.dataclass(frozen=True)
class Description:
    """One feature in words.

    Attributes:
      name: The feature's name.
      aspects: By the name of the aspect (`ASPECTS`, then further fields of the proto);
        what the schema does not say is not there.
      values: The values of a closed domain.
    """

    name: str
    aspects: Mapping[str, str]
    values: tuple[str, ...] = ()

    def __getitem__(self, aspect: str) -> str:
        return self.aspects.get(aspect, "")


def describe(
    schema: schema_pb2.Schema, environments: tuple[str, ...] | None = None
) -> list[Description]:
    """Describes each feature of a schema, in its order.

    Args:
      schema: The schema.
      environments: The environments that there are; None for the schema's own.
    """
    domains = {domain.name: tuple(domain.value) for domain in schema.string_domain}
    if environments is None:
        environments = tuple(schema.default_environment)
    return [_describe(feature, domains, environments) for feature in schema.feature]


def _describe(
    feature: schema_pb2.Feature,
    domains: Mapping[str, tuple[str, ...]],
    environments: tuple[str, ...],
) -> Description:
    values = domain_values(feature, domains)
    words = {
        "type": type_name(feature),
        "presence": _presence(feature),
        "values": _counts(feature),
        "domain": _domain(feature, values),
        "range": _range(feature),
        "share in domain": _share_in_domain(feature),
        "environments": ", ".join(environments_of(feature, environments)),
        "drift": _comparator(feature.drift_comparator),
        "skew": _comparator(feature.skew_comparator),
        "stage": _stage(feature),
    }
    told = {name for names in ASPECTS.values() for name in names}
    for field, value in feature.ListFields():
        if field.name in told or field.name in _IGNORED:
            continue
        is_message = isinstance(value, Message)
        words[field.name.replace("_", " ")] = one_line(value) if is_message else str(value)
    aspects = {name: text for name, text in words.items() if text}
    return Description(feature.name, aspects, values)


def type_name(feature: schema_pb2.Feature) -> str:
    """``bytes``, ``int``, ``float``, ``struct`` or ``unknown``."""
    name = schema_pb2.FeatureType.Name(feature.type).lower()
    return name.replace("type_unknown", "unknown")


def domain_values(
    feature: schema_pb2.Feature, domains: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The values of a text feature's closed domain; none where it has no such domain.

    Args:
      feature: The feature.
      domains: The schema's own domains by name.
    """
    kind = feature.WhichOneof("domain_info")
    if kind == "domain":
        return domains.get(feature.domain, ())
    return tuple(feature.string_domain.value) if kind == "string_domain" else ()


def environments_of(feature: schema_pb2.Feature, known: tuple[str, ...]) -> tuple[str, ...]:
    """The environments that a feature is expected in, as TFDV decides it."""
    added = (name for name in feature.in_environment if name not in known)
    return tuple(name for name in (*known, *added) if name not in feature.not_in_environment)


def _presence(feature: schema_pb2.Feature) -> str:
    if feature.HasField("group_presence"):
        return "required in its group" if feature.group_presence.required else "optional"
    presence = feature.presence
    least = presence.min_count
    if presence.min_fraction >= 1:
        return "required"
    if presence.min_fraction > 0:
        share = f"in at least {100 * presence.min_fraction:.10g} %"
        return share if least <= 1 else f"{share} and {least:,} examples"
    if least > 1:
        return f"in at least {least:,} examples"
    return "optional" if least else "may be absent"


def _counts(feature: schema_pb2.Feature) -> str:
    kind = feature.WhichOneof("shape_type")
    if kind == "shape":
        sizes = " \N{MULTIPLICATION SIGN} ".join(str(dim.size) for dim in feature.shape.dim)
        return f"exactly {sizes or 1}"
    if kind == "value_counts":
        return " of ".join(_count(count) for count in feature.value_counts.value_count)
    return _count(feature.value_count) if kind == "value_count" else "any"


def _count(count: schema_pb2.ValueCount) -> str:
    if count.max == 0:
        return f"{count.min} or more" if count.min else "any"
    return str(count.min) if count.min == count.max else f"{count.min} to {count.max}"


def _domain(feature: schema_pb2.Feature, values: tuple[str, ...]) -> str:
    kind = feature.WhichOneof("domain_info")
    if kind in ("domain", "string_domain"):
        return "1 value" if len(values) == 1 else f"{len(values):,} values"
    if kind == "bool_domain":
        return "true or false"
    return ""


def _range(feature: schema_pb2.Feature) -> str:
    kind = feature.WhichOneof("domain_info")
    if kind not in ASPECTS["range"]:
        return ""
    bounds = getattr(feature, kind)
    write = str if kind == "int_domain" else _float
    low = write(bounds.min) if bounds.HasField("min") else "\N{MINUS SIGN}∞"
    high = write(bounds.max) if bounds.HasField("max") else "∞"
    notes = [f"{low} to {high}"]
    notes += ["categorical"] if bounds.is_categorical else []
    if kind == "float_domain":
        notes += ["no NaN"] if bounds.disallow_nan else []
        notes += ["no infinity"] if bounds.disallow_inf else []
    return ", ".join(notes)


def _share_in_domain(feature: schema_pb2.Feature) -> str:
    constraints = feature.distribution_constraints
    if not feature.HasField("distribution_constraints") or constraints.min_domain_mass >= 1:
        return ""
    return f"at least {100 * constraints.min_domain_mass:.10g} %"


def _comparator(comparator: schema_pb2.FeatureComparator) -> str:
    norms = {
        "L\N{INFINITY}": comparator.infinity_norm,
        "Jensen-Shannon": comparator.jensen_shannon_divergence,
        "normalized absolute difference": comparator.normalized_abs_difference,
    }
    return ", ".join(
        f"{name} \N{LESS-THAN OR EQUAL TO} {norm.threshold:.10g}"
        for name, norm in norms.items()
        if norm.HasField("threshold")
    )


def _stage(feature: schema_pb2.Feature) -> str:
    if feature.deprecated:
        return "deprecated"
    if not feature.HasField("lifecycle_stage"):
        return ""
    return schema_pb2.LifecycleStage.Name(feature.lifecycle_stage).lower().replace("_", " ")


def _float(value: float) -> str:
    return shortest_float32(value).removesuffix(".0")
