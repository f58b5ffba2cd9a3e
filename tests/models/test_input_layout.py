from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import UserError
from models.input_layout import DENSE, INDEX, embedding_width, layout_of, make_layout


def test_embeddings_grow_with_the_vocabulary_up_to_a_bound() -> None:
    widths = [embedding_width(n, 32) for n in (2, 10, 100, 1_000, 1_000_000)]
    assert widths == sorted(widths)
    assert (widths[0], widths[-1]) == (2, 32)


def test_indices_of_one_width_share_a_table_without_overlap() -> None:
    layout = make_layout([], {"a": 3, "b": 500, "c": 3}, 32)
    rows = [(i.name, i.first_row, i.first_row + i.cardinality) for i in layout.indices]
    assert rows == [("a", 0, 3), ("c", 3, 6), ("b", 0, 500)]
    assert [(columns, size) for _, columns, size in layout.widths()] == [(2, 6), (1, 500)]


def test_an_index_outside_its_cardinality_counts_as_missing() -> None:
    import tensorflow as tf

    layout = make_layout(["x"], {"a": 3, "b": 3}, 32)
    stacked = layout.stack(
        {
            "x": tf.constant([0.5, 1.5]),
            "a": tf.constant([2, 7], tf.int64),
            "b": tf.constant([1, -1], tf.int64),
        }
    )
    assert stacked[DENSE].numpy().tolist() == [[0.5], [1.5]]
    assert stacked[INDEX].numpy().tolist() == [[2, 4], [0, 3]]


def own_outputs(*features: str) -> Any:
    """What a project's own `preprocessing_fn` might leave, as a schema."""
    from google.protobuf import text_format
    from tensorflow_metadata.proto.v0 import schema_pb2
    from tensorflow_transform.tf_metadata import schema_utils

    schema = text_format.Parse("".join(features), schema_pb2.Schema())
    return SimpleNamespace(
        transformed_metadata=SimpleNamespace(schema=schema),
        transformed_feature_spec=lambda: schema_utils.schema_as_feature_spec(schema).feature_spec,
    )


DENSE_FLOAT = """feature { name: "x" type: FLOAT presence { min_fraction: 1 } shape {} }"""
INDEX_OF_FIVE = """feature {
  name: "k" type: INT int_domain { min: 0 max: 4 is_categorical: true }
  presence { min_fraction: 1 } shape {}
}"""
LABEL = """feature { name: "label" type: INT presence { min_fraction: 1 } shape {} }"""


def test_outputs_of_an_own_preprocessing_fn_are_read_from_their_schema() -> None:
    layout = layout_of((), own_outputs(DENSE_FLOAT, INDEX_OF_FIVE, LABEL), 32)
    assert layout.dense == ("x",)
    assert [(index.name, index.cardinality) for index in layout.indices] == [("k", 5)]


@pytest.mark.parametrize(
    "feature",
    [
        """feature { name: "z" type: BYTES presence { min_fraction: 1 } shape {} }""",
        """feature { name: "z" type: INT presence { min_fraction: 1 } shape {} }""",
        """feature { name: "z" type: FLOAT }""",
        """feature {
          name: "z" type: FLOAT presence { min_fraction: 1 } shape { dim { size: 3 } }
        }""",
    ],
)
def test_an_output_that_the_model_cannot_read_is_named(feature: str) -> None:
    with pytest.raises(UserError, match="'z'"):
        layout_of((), own_outputs(DENSE_FLOAT, feature), 32)
