"""Raw columns as one value per row and a mask, whatever tensor TFX hands over."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class RawColumn(NamedTuple):
    """A column of a batch.

    Attributes:
      values: int64, float32 or string of shape [batch]; where missing, 0 or "".
      missing: bool of shape [batch].
    """

    values: tf.Tensor
    missing: tf.Tensor


def raw_column(tensor: tf.Tensor | tf.SparseTensor | tf.RaggedTensor) -> RawColumn:
    """Takes the first value of each row, and where there is none.

    An empty text, a float that is not finite, and `MISSING_INTEGER` (which raw
    requests send for an integer they do not have) count as missing.

    Args:
      tensor: A sparse or ragged tensor [batch, any], or a dense one of shape [batch]
        or [batch, values].
    """
    if isinstance(tensor, tf.RaggedTensor):
        tensor = tensor.to_sparse()
    if isinstance(tensor, tf.SparseTensor):
        values, missing = _first_of_sparse(tensor)
    else:
        values = tensor if tensor.shape.rank == 1 else tensor[:, 0]
        missing = tf.zeros_like(values, dtype=tf.bool)
    if values.dtype == tf.string:
        return RawColumn(values, missing | tf.equal(values, ""))
    if values.dtype.is_integer or values.dtype == tf.bool:
        values = tf.cast(values, tf.int64)
        missing |= tf.equal(values, MISSING_INTEGER)
        return RawColumn(tf.where(missing, tf.zeros_like(values), values), missing)
    values = tf.cast(values, tf.float32)
    missing |= ~tf.math.is_finite(values)
    return RawColumn(tf.where(missing, tf.zeros_like(values), values), missing)


MISSING_INTEGER = -(2**63)
"""An integer that stands for "no value" where a tensor must hold one."""


def _first_of_sparse(sparse: tf.SparseTensor) -> tuple[tf.Tensor, tf.Tensor]:
    # Scattering the first column's entries costs less than a dense copy of all.
    rows = sparse.dense_shape[0]
    first = tf.equal(sparse.indices[:, 1], 0)
    indices = tf.boolean_mask(sparse.indices[:, :1], first)
    present = tf.boolean_mask(sparse.values, first)
    shape = tf.reshape(rows, [1])
    seen = tf.scatter_nd(indices, tf.ones_like(indices[:, 0], dtype=tf.int32), shape)
    if present.dtype == tf.string:
        one_column = tf.SparseTensor(
            tf.concat([indices, tf.zeros_like(indices)], axis=1),
            present,
            tf.stack([rows, tf.constant(1, tf.int64)]),
        )
        values = tf.sparse.to_dense(one_column, default_value="", validate_indices=False)[:, 0]
    else:
        values = tf.scatter_nd(indices, present, shape)
    return values, tf.equal(seen, 0)


def as_text(column: RawColumn) -> tf.Tensor:
    """The column as text, whole numbers without a fraction; string [batch]."""
    values = column.values
    if values.dtype == tf.string:
        return values
    if values.dtype == tf.int64:
        return tf.strings.as_string(values)
    return tf.strings.as_string(values, shortest=True)


def as_number(name: str, column: RawColumn) -> tf.Tensor:
    """The column as float32 [batch], not-a-number where missing.

    Text is refused when the graph is made: a wrong type in the configuration is
    better told than guessed.

    Raises:
      UserError: If the column is text.
    """
    if column.values.dtype == tf.string:
        from core.errors import UserError

        raise UserError(
            f"feature {name!r} needs a number, but its column is text",
            hint="give it the role categorical, boolean or text; a timestamp that is text needs "
            "a format (%Y-%m-%d); or correct the schema's type",
            code="feature-type",
        )
    numbers = tf.cast(column.values, tf.float32)
    return tf.where(column.missing, tf.constant(float("nan")), numbers)


def as_boolean(column: RawColumn) -> tuple[tf.Tensor, tf.Tensor]:
    """Reads yes and no; anything else is missing.

    Returns:
      bool [batch] (False where missing) and the mask of the missing, bool [batch].
    """
    if column.values.dtype != tf.string:
        return tf.not_equal(column.values, tf.zeros_like(column.values)), column.missing
    lower = tf.strings.lower(tf.strings.strip(column.values))
    yes = _is_any(lower, ("true", "yes", "y", "t", "1", "on"))
    no = _is_any(lower, ("false", "no", "n", "f", "0", "off"))
    return yes, column.missing | ~(yes | no)


def _is_any(values: tf.Tensor, texts: tuple[str, ...]) -> tf.Tensor:
    return tf.reduce_any(tf.equal(values[:, tf.newaxis], tf.constant(texts)), axis=1)
