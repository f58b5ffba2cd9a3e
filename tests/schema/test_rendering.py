"""Written schemas are read back equal, and no text breaks out of a comment."""

from __future__ import annotations

from pathlib import Path

import pytest
from tensorflow_metadata.proto.v0 import schema_pb2

from schema.reading import parse_schema, read_schema
from schema.rendering import comment, render_schema, shortest_float32


def test_the_taxi_schema_is_read_back_equal(repository: Path) -> None:
    schema = read_schema(repository / "schema" / "taxi" / "schema.pbtxt")
    assert parse_schema(render_schema(schema, ["From taxi."]), "again") == schema


def test_odd_names_lists_and_maps_are_read_back_equal() -> None:
    schema = schema_pb2.Schema(default_environment=["A", "B"])
    feature = schema.feature.add(name='q"\n\\é', type=schema_pb2.INT)
    feature.shape.dim.add(size=2)
    feature.shape.dim.add(size=3)
    feature.annotation.tag.extend(["x", "y"])
    feature.int_domain.min = -(2**63)
    group = schema.tensor_representation_group["g"]
    group.tensor_representation["t"].varlen_sparse_tensor.column_name = "q"

    assert parse_schema(render_schema(schema), "again") == schema


def test_a_feature_is_a_block_with_a_line_for_each_property() -> None:
    schema = parse_schema('feature { name: "a" presence { min_count: 1 } type: INT }', "s")
    assert render_schema(schema, ["One.", "Two."]) == (
        '# One.\n# Two.\n\nfeature {\n  name: "a"\n  type: INT\n  presence { min_count: 1 }\n}\n'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (-5.123000144958496, "-5.123"), (1e9, "1000000000.0"), (float("inf"), "inf")],
)
def test_a_float32_has_the_fewest_digits_that_give_it(value: float, text: str) -> None:
    assert shortest_float32(value) == text


def test_a_comment_is_one_line_whatever_is_in_it() -> None:
    assert comment('why\nfeature { name: "x" }\r\n') == '# why feature { name: "x" }'
