"""Parts of a traced function as functions of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import wrap_function


def pruned(
    function: Any, outputs: Mapping[str, tf.Tensor]
) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """Cuts a traced function down to what some of its inner tensors need.

    Args:
      function: The concrete function.
      outputs: Tensors of its graph, by key.

    Returns:
      A function from the dict of (composite) inputs to a dict of tensors.
    """
    keys = list(outputs)
    part = _wrapped(function).prune(feeds=function.inputs, fetches=[outputs[key] for key in keys])

    def call(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        flat = tf.nest.flatten(inputs, expand_composites=True)
        return dict(zip(keys, part(*flat), strict=True))

    return call


def evaluate(function: Any, tensors: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
    """The values of tensors of a traced graph that do not depend on its inputs."""
    if not tensors:
        return []
    captured = function.graph.internal_captures
    values: Sequence[tf.Tensor] = _wrapped(function).prune(feeds=captured, fetches=list(tensors))()
    return values


def _wrapped(function: Any) -> wrap_function.WrappedFunction:
    return wrap_function.WrappedFunction(
        function.graph, variable_holder=wrap_function.VariableHolder(share_variables=True)
    )
