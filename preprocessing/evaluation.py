"""What a label expression means, once for TensorFlow and NumPy.

One walk over the expression's tree serves both: it asks a small set of array
operations, which TensorFlow and NumPy both give
under slightly different names. Every value travels with a mask that is True where it
is missing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from preprocessing.expression_tree import Column, Constant, Node, Operation

if TYPE_CHECKING:
    import numpy as np


@dataclasses.dataclass(frozen=True)
class _Value:
    """An array or tensor, where it is missing, and its type."""

    data: Any
    missing: Any
    kind: str  # "int", "float", "text" or "boolean"


@dataclasses.dataclass(frozen=True)
class _Backend:
    """The array operations that differ by name between NumPy and TensorFlow."""

    constant: Callable[[Any, str], Any]
    to_float: Callable[[Any], Any]
    binary: Mapping[str, Callable[[Any, Any], Any]]
    unary: Mapping[str, Callable[[Any], Any]]
    where: Callable[[Any, Any, Any], Any]
    is_nan: Callable[[Any], Any]
    broadcast_like: Callable[[Any, Any], Any]
    false: Any


def evaluate_numpy(
    text: str, root: Node, columns: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """See `preprocessing.expression.LabelExpression.evaluate_numpy`."""
    import numpy as np

    def load(name: str) -> _Value:
        array = np.asarray(columns[name])
        if array.dtype.kind in "biu":
            return _Value(array.astype(np.int64), np.zeros(array.shape, bool), "int")
        if array.dtype.kind == "f":
            data = array.astype(np.float32)
            return _Value(data, np.isnan(data), "float")
        missing = np.array([value is None or value != value for value in array], bool)
        texts = [
            "" if gone else value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for value, gone in zip(array, missing, strict=True)
        ]
        return _Value(np.array(texts, dtype=object), missing, "text")

    backend = _numpy_backend(np)
    with np.errstate(all="ignore"):
        value = _Walk(text, backend, load).visit(root)
        missing = value.missing
        if value.kind == "float":
            missing = missing | np.isnan(value.data)
    rows = len(next(iter(columns.values())))
    return np.broadcast_to(value.data, (rows,)), np.broadcast_to(missing, (rows,))


def evaluate_tensorflow(
    text: str, root: Node, columns: Mapping[str, tuple[Any, Any]]
) -> tuple[Any, Any]:
    """See `preprocessing.expression.LabelExpression.evaluate_tensorflow`."""
    import tensorflow as tf

    def load(name: str) -> _Value:
        data, missing = columns[name]
        if data.dtype == tf.string:
            return _Value(data, missing, "text")
        if data.dtype.is_integer:
            return _Value(tf.cast(data, tf.int64), missing, "int")
        data = tf.cast(data, tf.float32)
        return _Value(data, missing | tf.math.is_nan(data), "float")

    backend = _tensorflow_backend(tf)
    value = _Walk(text, backend, load).visit(root)
    missing = value.missing
    if value.kind == "float":
        missing = missing | tf.math.is_nan(value.data)
    return value.data, missing


class _Walk:
    """Computes a tree bottom up."""

    def __init__(self, text: str, backend: _Backend, load: Callable[[str], _Value]) -> None:
        self._text = text
        self._backend = backend
        self._load = load

    def visit(self, node: Node) -> _Value:
        if isinstance(node, Column):
            return self._load(node.name)
        if isinstance(node, Constant):
            kind = {int: "int", float: "float", str: "text"}[type(node.value)]
            return _Value(self._backend.constant(node.value, kind), self._backend.false, kind)
        if node.name == "missing":
            value = self.visit(node.operands[0])
            return _Value(value.missing, self._backend.false, "boolean")
        if node.name == "default":
            return self._default(node)
        if node.name in ("and", "or", "not"):
            return self._logic(node)
        if node.name == "in":
            return self._membership(node)
        return self._arithmetic(node)

    def _default(self, node: Operation) -> _Value:
        value, filler = (self.visit(operand) for operand in node.operands)
        value, filler = self._alike(node, value, filler)
        data = self._backend.where(
            value.missing, self._backend.broadcast_like(filler.data, value.data), value.data
        )
        return _Value(data, self._backend.false, value.kind)

    def _logic(self, node: Operation) -> _Value:
        values = [self.visit(operand) for operand in node.operands]
        for value in values:
            if value.kind != "boolean":
                raise self._wrong(node, f"`{node.name}` needs comparisons, not plain columns")
        missing = reduce(self._backend.binary["or"], [value.missing for value in values])
        if node.name == "not":
            return _Value(self._backend.unary["not"](values[0].data), missing, "boolean")
        combine = self._backend.binary[node.name]
        return _Value(reduce(combine, [value.data for value in values]), missing, "boolean")

    def _membership(self, node: Operation) -> _Value:
        value = self.visit(node.operands[0])
        equal = self._backend.binary["=="]
        found = []
        for operand in node.operands[1:]:
            left, right = self._alike(node, value, self.visit(operand))
            found.append(equal(left.data, right.data))
        data = reduce(self._backend.binary["or"], found)
        return self._nan_is_missing(value, _Value(data, value.missing, "boolean"))

    def _arithmetic(self, node: Operation) -> _Value:
        values = [self.visit(operand) for operand in node.operands]
        comparison = node.kind == "boolean"
        for value in values:
            if value.kind == "boolean" or (value.kind == "text" and node.name not in ("==", "!=")):
                raise self._wrong(node, f"`{node.name}` needs numbers, but a column holds text")
        if node.name in ("/", "log", "log1p"):
            values = [self._as_float(value) for value in values]
        if len(values) == 1:
            data = self._backend.unary[node.name](values[0].data)
            return _Value(data, values[0].missing, values[0].kind)
        result = values[0]
        for value in values[1:]:
            left, right = self._alike(node, result, value)
            data = self._backend.binary[node.name](left.data, right.data)
            missing = self._backend.binary["or"](left.missing, right.missing)
            result = _Value(data, missing, "boolean" if comparison else left.kind)
            if comparison:
                result = self._nan_is_missing(left, result)
                result = self._nan_is_missing(right, result)
        return result

    def _nan_is_missing(self, operand: _Value, result: _Value) -> _Value:
        if operand.kind != "float":
            return result
        gone = self._backend.binary["or"](result.missing, self._backend.is_nan(operand.data))
        return dataclasses.replace(result, missing=gone)

    def _as_float(self, value: _Value) -> _Value:
        if value.kind == "float":
            return value
        return _Value(self._backend.to_float(value.data), value.missing, "float")

    def _alike(self, node: Operation, left: _Value, right: _Value) -> tuple[_Value, _Value]:
        if left.kind == right.kind:
            return left, right
        if "text" in (left.kind, right.kind):
            raise self._wrong(node, f"`{node.name}` meets a text and a number")
        return self._as_float(left), self._as_float(right)

    def _wrong(self, node: Operation, problem: str) -> UserError:
        return UserError(
            f"label expression: {problem} (character {node.offset + 1})",
            evidence=[self._text, " " * node.offset + "^"],
            hint="compare the schema's types with what the label expects of its columns",
            code="label-expression",
        )


def _numpy_backend(np: Any) -> _Backend:
    types = {"int": np.int64, "float": np.float32, "text": object}
    return _Backend(
        constant=lambda value, kind: np.asarray(value, dtype=types[kind]),
        to_float=lambda value: np.asarray(value).astype(np.float32),
        binary={
            "+": np.add,
            "-": np.subtract,
            "*": np.multiply,
            "/": np.divide,
            "<": np.less,
            "<=": np.less_equal,
            ">": np.greater,
            ">=": np.greater_equal,
            "==": lambda left, right: np.asarray(left == right, dtype=bool),
            "!=": lambda left, right: np.asarray(left != right, dtype=bool),
            "and": np.logical_and,
            "or": np.logical_or,
            "min": np.minimum,
            "max": np.maximum,
        },
        unary={
            "negate": np.negative,
            "not": np.logical_not,
            "abs": np.abs,
            "log": np.log,
            "log1p": np.log1p,
        },
        where=np.where,
        is_nan=np.isnan,
        broadcast_like=lambda value, like: np.broadcast_to(value, np.shape(like)),
        false=np.asarray(False),
    )


def _tensorflow_backend(tf: Any) -> _Backend:
    types = {"int": tf.int64, "float": tf.float32, "text": tf.string}
    return _Backend(
        constant=lambda value, kind: tf.constant(value, dtype=types[kind]),
        to_float=lambda value: tf.cast(value, tf.float32),
        binary={
            "+": tf.add,
            "-": tf.subtract,
            "*": tf.multiply,
            "/": tf.divide,
            "<": tf.less,
            "<=": tf.less_equal,
            ">": tf.greater,
            ">=": tf.greater_equal,
            "==": tf.equal,
            "!=": tf.not_equal,
            "and": tf.logical_and,
            "or": tf.logical_or,
            "min": tf.minimum,
            "max": tf.maximum,
        },
        unary={
            "negate": tf.negative,
            "not": tf.logical_not,
            "abs": tf.abs,
            "log": tf.math.log,
            "log1p": tf.math.log1p,
        },
        where=tf.where,
        is_nan=tf.math.is_nan,
        broadcast_like=lambda value, like: tf.broadcast_to(value, tf.shape(like)),
        false=tf.constant(False),
    )
