"""What protobuf's parser lets pass and a schema must not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tensorflow_metadata.proto.v0 import schema_pb2

from core.errors import UserError, nearest
from schema.text_tree import Field, parse_tree


def check_schema(schema: schema_pb2.Schema, text: str, name: str) -> None:
    """Refuses a schema that names things twice or not at all, or has impossible bounds.

    Args:
      schema: The parsed schema.
      text: The text that it was parsed from, for the lines.
      name: What to call the text in errors.

    Raises:
      UserError: With the line of the first fault.
    """
    if not schema.feature:
        raise UserError(
            f"{name} has no features",
            hint="name another file, or make a schema with `millrace schema infer`",
            code="empty-schema",
        )
    # Only a faulty schema is worth the search for lines.
    _check_names(schema, text, name)
    known = [domain.name for domain in schema.string_domain]
    for index, feature in enumerate(schema.feature):
        for problem, hint in _problems(feature, known):
            line = _line_of(text, "feature", index)
            raise UserError(
                f"{name}:{line}: {feature.name}: {problem}", hint=hint, code="schema-bounds"
            )


def _check_names(schema: schema_pb2.Schema, text: str, name: str) -> None:
    for kind, items in (("feature", schema.feature), ("string_domain", schema.string_domain)):
        names = [item.name for item in items]
        if "" in names:
            raise UserError(
                f"{name}:{_line_of(text, kind, names.index(''))}: a {kind} has no name",
                hint='add name: "…"',
                code="schema-no-name",
            )
        twice = [item for item, count in Counter(names).items() if count > 1]
        if twice:
            places = [_line_of(text, kind, i) for i, item in enumerate(names) if item == twice[0]]
            raise UserError(
                f"{name}:{places[1]}: the {kind} {twice[0]!r} is named twice",
                evidence=[f"line {place}" for place in places],
                hint="keep one of them",
                code="schema-duplicate",
            )


def _line_of(text: str, kind: str, index: int) -> int:
    nodes: list[Field] = parse_tree(text).named(kind)
    return text.count("\n", 0, nodes[index].start) + 1


def _problems(feature: schema_pb2.Feature, domains: Sequence[str]) -> Iterator[tuple[str, str]]:
    if feature.WhichOneof("domain_info") == "domain" and feature.domain not in domains:
        close = nearest(feature.domain, domains)
        yield (
            f"there is no string_domain {feature.domain!r}",
            f"did you mean {close!r}?" if close else "add a string_domain of that name",
        )
    counts = feature.value_count
    if counts.max and counts.min > counts.max:
        yield f"value_count: min {counts.min} is more than max {counts.max}", "swap them"
    for kind in ("int_domain", "float_domain"):
        bounds = getattr(feature, kind)
        if bounds.HasField("min") and bounds.HasField("max") and bounds.min > bounds.max:
            yield f"{kind}: min {bounds.min:g} is more than max {bounds.max:g}", "swap them"
    shares = {
        "presence.min_fraction": feature.presence.min_fraction,
        "distribution_constraints.min_domain_mass": (
            feature.distribution_constraints.min_domain_mass
        ),
    }
    for name, share in shares.items():
        if not 0 <= share <= 1:
            yield f"{name} is {share:g}", "it is a share: from 0 to 1"
    for name in ("drift_comparator", "skew_comparator"):
        comparator = getattr(feature, name)
        for kind, threshold in (
            ("infinity_norm", comparator.infinity_norm.threshold),
            ("jensen_shannon_divergence", comparator.jensen_shannon_divergence.threshold),
        ):
            if not 0 <= threshold <= 1:
                yield f"{name}.{kind}.threshold is {threshold:g}", "it lies between 0 and 1"
