"""Raw columns as one value per row and a mask, whatever tensor TFX hands over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

import tensorflow as tf

from preprocessing.yes_or_no import NO, YES


class RawColumn(NamedTuple):
    """A column of a batch.

    Attributes:
      values: int64, float32 or string of shape [batch]; where missing, 0 or "".
      missing: bool of shape [batch].
    """

    values: tf.Tensor
    missing: tf.Tensor


Input: TypeAlias = "tf.Tensor | tf.SparseTensor | tf.RaggedTensor"

_WHOLE_AS_INTEGER = 2.0**62
MISSING_INTEGER = -(2**63)
"""An integer that stands for "no value" where a tensor must hold one."""


def raw_column(tensor: Input) -> RawColumn:
    """Takes the first value of each row, and where there is none.

    An empty text, a float that is not finite, and `MISSING_INTEGER` (which raw
    requests send for an integer they do not have) count as missing.

    Args:
      tensor: A sparse or ragged tensor [batch, any], or a dense one of shape [batch]
        or [batch, values].
    """
    return raw_columns({"": tensor}, [""])[""]


def raw_columns(inputs: Mapping[str, Input], names: Iterable[str]) -> dict[str, RawColumn]:
    """Takes the first value of each row of several columns, as `raw_column` does of one.

    Columns of one type go through the graph side by side as one matrix: a table of
    hundreds of columns would otherwise take minutes to trace. Each column then depends
    on all of its type, so that columns which may be absent belong in a call of their own.

    Args:
      inputs: Tensors as `raw_column` takes them, by name.
      names: The columns to take.
    """
    groups: dict[tuple[type, tf.DType], dict[str, Input]] = defaultdict(dict)
    for name in names:
        tensor = inputs[name]
        if isinstance(tensor, tf.RaggedTensor):
            tensor = tensor.to_sparse()
        sparse = isinstance(tensor, tf.SparseTensor)
        groups[tf.SparseTensor if sparse else tf.Tensor, tensor.dtype][name] = tensor
    columns: dict[str, RawColumn] = {}
    for (kind, dtype), tensors in groups.items():
        join = _first_of_sparse if kind is tf.SparseTensor else _first_of_dense
        values, missing = _marked(join(list(tensors.values()), dtype))
        for name, *column in zip(
            tensors, tf.unstack(values, axis=1), tf.unstack(missing, axis=1), strict=True
        ):
            columns[name] = RawColumn(*column)
    return columns


def _first_of_dense(tensors: list[tf.Tensor], dtype: tf.DType) -> tf.Tensor:
    del dtype
    return tf.stack([each if each.shape.rank == 1 else each[:, 0] for each in tensors], axis=1)


def _first_of_sparse(tensors: list[tf.SparseTensor], dtype: tf.DType) -> tf.Tensor:
    """A matrix of each row's first value in each tensor, or the sign of a missing one."""
    rows = tensors[0].dense_shape[0]
    start = tf.constant([0, 0], tf.int64)
    size = tf.constant([2**62, 1], tf.int64)
    firsts = [
        tf.raw_ops.SparseSlice(
            indices=each.indices,
            values=each.values,
            shape=each.dense_shape,
            start=start,
            size=size,
        )
        for each in tensors
    ]
    # A tensor without any value is [batch, 0]; it takes a column all the same.
    one_column = tf.stack([rows, tf.constant(1, tf.int64)])
    indices, values = firsts[0].output_indices, firsts[0].output_values
    if len(firsts) > 1:
        indices, values, _ = tf.raw_ops.SparseConcat(
            indices=[each.output_indices for each in firsts],
            values=[each.output_values for each in firsts],
            shapes=[one_column] * len(firsts),
            concat_dim=1,
        )
    dense = tf.raw_ops.SparseToDense(
        sparse_indices=indices,
        output_shape=tf.stack([rows, tf.constant(len(tensors), tf.int64)]),
        sparse_values=values,
        default_value=tf.constant(_missing_mark(dtype), dtype),
        validate_indices=False,
    )
    return tf.ensure_shape(dense, [None, len(tensors)])


def _missing_mark(dtype: tf.DType) -> str | int | float:
    if dtype == tf.string:
        return ""
    return MISSING_INTEGER if dtype == tf.int64 else float("nan")


def _marked(values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The values in the types of `RawColumn`, and which of them are missing."""
    if values.dtype == tf.string:
        return values, tf.equal(values, "")
    if values.dtype.is_integer or values.dtype == tf.bool:
        values = tf.cast(values, tf.int64)
        missing = tf.equal(values, MISSING_INTEGER)
    else:
        values = tf.cast(values, tf.float32)
        missing = ~tf.math.is_finite(values)
    return tf.where(missing, tf.zeros_like(values), values), missing


def as_text(column: RawColumn) -> tf.Tensor:
    """The column as text, whole numbers without a fraction; string [batch].

    Different values have different texts: where six digits do not tell a float apart
    from its neighbours, it is written with nine, which always do.
    """
    values = column.values
    if values.dtype == tf.string:
        return values
    if values.dtype == tf.int64:
        return tf.strings.as_string(values)
    whole = (values == tf.round(values)) & (tf.abs(values) < _WHOLE_AS_INTEGER)
    integers = tf.strings.as_string(tf.cast(tf.where(whole, values, 0.0), tf.int64))
    short = tf.strings.as_string(values, shortest=True)
    exact = tf.equal(tf.strings.to_number(short), values)
    fractions = tf.where(exact, short, tf.strings.as_string(values, precision=9, shortest=True))
    return tf.where(whole, integers, fractions)


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
    yes, no = _is_any(lower, YES), _is_any(lower, NO)
    return yes, column.missing | ~(yes | no)


def _is_any(values: tf.Tensor, texts: tuple[str, ...]) -> tf.Tensor:
    return tf.reduce_any(tf.equal(values[:, tf.newaxis], tf.constant(texts)), axis=1)
