"""A column that is there, and examples that have a value of it, are two things."""

from __future__ import annotations

import numpy as np
import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.data_gate.presence import examples_with_values
from components.data_gate.rows import Column

# Three of four examples have a value.
COLUMNS = {"company": Column(np.zeros(3), np.array([0, 1, 3]), row_count=4)}


@pytest.mark.parametrize(
    ("schema", "findings"),
    [
        ("presence { min_fraction: 0.9 }", ["low_fraction_with_values"]),
        ("presence { min_fraction: 0.5 }", []),
        ("presence { min_fraction: 1 } value_count { min: 1 }", ["low_fraction_with_values"]),
        ("presence { min_fraction: 1 } shape { dim { size: 1 } }", ["low_fraction_with_values"]),
        # What TFDV infers of a column with gaps.
        ("presence { min_fraction: 1 min_count: 1 }", []),
    ],
)
def test_the_schemas_presence_is_of_values_where_it_asks_for_values(
    schema: str, findings: list[str]
) -> None:
    parsed = text_format.Parse(f'feature {{ name: "company" {schema} }}', schema_pb2.Schema())

    found = examples_with_values("train", COLUMNS, parsed, reported=())

    assert [finding.check for finding in found] == findings
