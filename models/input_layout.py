"""How transformed features stand side by side in the model's input tensors.

The model reads one float32 matrix ``dense`` and one int32 matrix ``index``, and where
there are texts one int32 matrix ``bag`` of their tokens. Indices with
embeddings of like width stand together and share one table, in which each has rows of
its own: a model with thirty indices then has three or four tables, not thirty, and
both the training step and its tracing become several times cheaper.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from preprocessing.features import LABEL_KEY, TransformedFeature

if TYPE_CHECKING:
    import tensorflow as tf
    import tensorflow_transform as tft

DENSE = "dense"
INDEX = "index"
BAG = "bag"
_NARROWEST_TEXT = 16


@dataclasses.dataclass(frozen=True)
class IndexColumn:
    """One index and its place in its table.

    Attributes:
      name: The transformed feature.
      cardinality: The number of its values.
      width: The width of its embedding.
      first_row: Where its rows begin in the table of all indices of this width.
    """

    name: str
    cardinality: int
    width: int
    first_row: int


@dataclasses.dataclass(frozen=True)
class BagColumns:
    """One text's tokens and their place in the matrix of bags.

    Attributes:
      name: The transformed feature.
      cardinality: The number of a token's values; 0 is no token.
      width: The width of a token's embedding.
      length: How many columns it takes.
      first_column: The first of them.
    """

    name: str
    cardinality: int
    width: int
    length: int
    first_column: int


@dataclasses.dataclass(frozen=True)
class InputLayout:
    """The columns of the matrices, in order.

    Attributes:
      dense: The names of the dense transformed features.
      indices: The indices, those of one width together.
      bags: The bags of tokens; most tables have none.
      knots: For each dense feature the values, ascending, between which its
        piecewise-linear embedding is linear; empty where the model has none.
    """

    dense: tuple[str, ...]
    indices: tuple[IndexColumn, ...]
    bags: tuple[BagColumns, ...] = ()
    knots: tuple[tuple[float, ...], ...] = ()

    def shapes(self) -> dict[str, tuple[str, int]]:
        """The model's inputs: name to dtype and columns."""
        found = {DENSE: ("float32", len(self.dense)), INDEX: ("int32", len(self.indices))}
        if self.bags:
            found[BAG] = ("int32", sum(bag.length for bag in self.bags))
        return found

    def widths(self) -> list[tuple[int, int, int]]:
        """The tables: (embedding width, columns of the index matrix, rows of the table)."""
        tables: dict[int, tuple[int, int]] = {}
        for index in self.indices:
            columns, rows = tables.get(index.width, (0, 0))
            tables[index.width] = (columns + 1, rows + index.cardinality)
        return [(width, columns, rows) for width, (columns, rows) in tables.items()]

    def stack(self, transformed: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Puts transformed features together as the model reads them.

        Args:
          transformed: The transformed features, [batch] or [batch, 1] each, a bag
            [batch, length].

        Returns:
          "dense": float32 [batch, features]; "index": int32 [batch, indices], rows of
          the tables; where there are bags, "bag": int32 [batch, tokens]. A value
          outside its cardinality counts as missing.
        """
        import tensorflow as tf

        rows = tf.shape(next(iter(transformed.values())))[0]
        dense = [flat(transformed[name]) for name in self.dense]
        matrix = tf.stack(dense, axis=1) if dense else tf.zeros([rows, 0], tf.float32)
        stacked = {DENSE: matrix, INDEX: self._stack_indices(transformed, rows)}
        if self.bags:
            parts = []
            for bag in self.bags:
                tokens = tf.reshape(transformed[bag.name], [-1, bag.length])
                known = (tokens > 0) & (tokens < bag.cardinality)
                parts.append(tf.where(known, tokens, tf.zeros_like(tokens)))
            stacked[BAG] = tf.cast(tf.concat(parts, axis=1), tf.int32)
        return stacked

    def _stack_indices(self, transformed: Mapping[str, tf.Tensor], rows: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf

        if not self.indices:
            return tf.zeros([rows, 0], tf.int32)
        indices = tf.stack([flat(transformed[index.name]) for index in self.indices], axis=1)
        limits = tf.constant([index.cardinality for index in self.indices], tf.int64)
        known = tf.where((indices >= 0) & (indices < limits), indices, tf.zeros_like(indices))
        first = tf.constant([index.first_row for index in self.indices], tf.int64)
        return tf.cast(known + first, tf.int32)


def flat(values: tf.Tensor) -> tf.Tensor:
    """One value per row, without an operation where there is one already.

    Args:
      values: [batch] or [batch, 1], any dtype.

    Returns:
      [batch], the same dtype.
    """
    import tensorflow as tf

    return values if values.shape.rank == 1 else tf.reshape(values, [-1])


def embedding_width(cardinality: int, largest: int) -> int:
    """A width for an index's embedding: about 1.6 n^0.56, rounded to a power of two.

    The rule is the one fastai found by experiment
    (https://docs.fast.ai/tabular.model.html#emb_sz_rule); powers of two let indices of
    like size share a table.

    Args:
      cardinality: The number of the index's values.
      largest: The widest embedding to give.
    """
    wanted = 1.6 * max(cardinality, 2) ** 0.56
    return max(2, min(largest, 2 ** round(math.log2(wanted))))


def make_layout(
    dense: list[str],
    cardinalities: Mapping[str, int],
    largest_embedding: int,
    bags: Mapping[str, tuple[int, int]] | None = None,
) -> InputLayout:
    """Lays out dense features, indices and bags.

    Args:
      dense: The dense features' names.
      cardinalities: Index name to number of values.
      largest_embedding: The widest embedding to give.
      bags: Bag name to number of values and length.
    """
    widths = {
        name: embedding_width(cardinality, largest_embedding)
        for name, cardinality in cardinalities.items()
    }
    columns = []
    next_row: dict[int, int] = {}
    for name in sorted(cardinalities, key=lambda name: widths[name]):
        width = widths[name]
        first = next_row.get(width, 0)
        columns.append(IndexColumn(name, cardinalities[name], width, first))
        next_row[width] = first + cardinalities[name]
    laid: list[BagColumns] = []
    for name, (cardinality, length) in (bags or {}).items():
        start = laid[-1].first_column + laid[-1].length if laid else 0
        # What a text says takes more room than one value, whatever the other columns get.
        width = embedding_width(cardinality, max(largest_embedding, _NARROWEST_TEXT))
        laid.append(BagColumns(name, cardinality, width, length, start))
    return InputLayout(tuple(dense), tuple(columns), tuple(laid))


def layout_of(
    outputs: tuple[TransformedFeature, ...],
    transform_output: tft.TFTransformOutput,
    largest_embedding: int,
) -> InputLayout:
    """The layout of what preprocessing made.

    Where a project has its own `preprocessing_fn`, whose outputs no feature role
    describes, the transformed schema does: floats are dense, integers with a domain
    are indices, several of them in a row a bag. Outputs that a role describes are what it
    says where the schema knows no domain.

    Args:
      outputs: The contract of preprocessing (`transformed_features`).
      transform_output: The analysed transform graph, for the vocabularies' sizes.
      largest_embedding: The widest embedding to give.

    Raises:
      UserError: If an output of an own `preprocessing_fn` cannot be read.
    """
    spec = transform_output.transformed_feature_spec()
    if {output.name for output in outputs} != set(spec) - {LABEL_KEY}:
        return _layout_of_schema(outputs, transform_output, largest_embedding)
    dense = [output.name for output in outputs if output.kind == "dense"]
    cardinalities, bags = {}, {}
    for output in outputs:
        if output.kind == "bag":
            bags[output.name] = (_cardinality(output, transform_output), output.length)
        elif output.kind == "index":
            cardinalities[output.name] = _cardinality(output, transform_output)
    return make_layout(dense, cardinalities, largest_embedding, bags)


def _cardinality(output: TransformedFeature, transform_output: Any) -> int:
    if not output.vocabulary:
        return output.cardinality
    size: int = transform_output.vocabulary_size_by_name(output.vocabulary)
    return output.cardinality + size


def _layout_of_schema(
    outputs: tuple[TransformedFeature, ...], transform_output: Any, largest_embedding: int
) -> InputLayout:
    from tensorflow_metadata.proto.v0 import schema_pb2

    described = {output.name: output for output in outputs}
    spec = transform_output.transformed_feature_spec()
    dense, cardinalities, bags = [], {}, {}
    for feature in transform_output.transformed_metadata.schema.feature:
        if feature.name == LABEL_KEY:
            continue
        shape = getattr(spec[feature.name], "shape", None)
        one_value = shape in ([], [1])
        if one_value and feature.type == schema_pb2.FLOAT:
            dense.append(feature.name)
        elif one_value and feature.type == schema_pb2.INT and feature.int_domain.max > 0:
            cardinalities[feature.name] = feature.int_domain.max + 1
        elif shape and len(shape) == 1 and feature.int_domain.max > 0:
            bags[feature.name] = (feature.int_domain.max + 1, shape[0])
        elif feature.type == schema_pb2.INT and feature.name in described:
            # One of the standard outputs, to which the project has added others.
            output = described[feature.name]
            if output.kind == "bag":
                bags[feature.name] = (_cardinality(output, transform_output), output.length)
            else:
                cardinalities[feature.name] = _cardinality(output, transform_output)
        else:
            raise UserError(
                f"the model cannot read the transformed feature {feature.name!r}",
                evidence=["it is not one float, or one integer with a domain, in every row"],
                hint="make it a dense float, or index it with tft.compute_and_apply_vocabulary",
                code="transformed-feature",
            )
    return make_layout(dense, cardinalities, largest_embedding, bags)
