"""Question 2 and 5 for features that are there without holding a value.

ExampleGen writes an empty CSV field as a feature with an empty list, as TFX's does.
TFDV counts that as present, so the schema's presence says nothing about it; what people
mean by presence is an example with a value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from tensorflow_metadata.proto.v0 import schema_pb2

from components.data_gate.findings import Finding
from components.data_gate.rows import Column


def examples_with_values(
    split: str,
    columns: Mapping[str, Column],
    schema: schema_pb2.Schema,
    reported: Collection[str],
) -> Iterator[Finding]:
    """Finds features that too few examples have a value of.

    Args:
      split: The split's name.
      columns: The sampled columns.
      schema: The schema.
      reported: Features whose presence TFDV has spoken about already.
    """
    for feature in schema.feature:
        column = columns.get(feature.name)
        wanted = feature.presence
        if column is None or feature.name in reported or not column.row_count:
            continue
        if not wanted.min_fraction and not wanted.min_count:
            continue
        if wanted.min_fraction == 1 and _asks_for_no_values(feature):
            # TFDV infers this of a column with gaps as well: it says that the column is
            # there, and nothing about values.
            continue
        present = int(column.present.sum())
        share = present / column.row_count
        if present and share >= wanted.min_fraction:
            continue
        yield Finding(
            split,
            feature.name,
            "low_fraction_with_values" if present else "no_values",
            "block",
            headline="too few examples have a value" if present else "no example has a value",
            expected=f"at least {wanted.min_fraction:.4g} of the examples",
            seen=f"{share:.1%} have one",
            count=column.row_count - present,
            present=present,
            examples=column.row_count,
        )


def _asks_for_no_values(feature: schema_pb2.Feature) -> bool:
    return not feature.HasField("shape") and feature.value_count.min < 1
