"""Which inputs the tensors of a TensorFlow graph depend on, all found in one walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf


class GraphInputs:
    """Knows the inputs behind every operation of a graph.

    TensorFlow Transform answers the same by walking back from each tensor anew: for a
    table of hundreds of columns that takes minutes. Operations come after those that
    they read, so that one walk over the graph finds the inputs of all.

    Args:
      graph: The graph.
      inputs: (Composite) placeholders of the graph, by name.
      control: Whether what an operation only waits for counts, too.
    """

    def __init__(self, graph: tf.Graph, inputs: Mapping[str, Any], *, control: bool) -> None:
        self._names = list(inputs)
        # The inputs of each operation, as the bits of a number.
        masks: dict[str, int] = {}
        for index, name in enumerate(self._names):
            for component in tf.nest.flatten(inputs[name], expand_composites=True):
                masks[component.op.name] = 1 << index
        for operation in graph.get_operations():
            mask = masks.get(operation.name, 0)
            for tensor in operation.inputs:
                mask |= masks.get(tensor.op.name, 0)
            if control:
                for earlier in operation.control_inputs:
                    mask |= masks.get(earlier.name, 0)
            masks[operation.name] = mask
        self._masks = masks

    def of(self, tensors: Iterable[Any]) -> list[str]:
        """The names of the inputs that any of some tensors depends on, in their order.

        Args:
          tensors: (Composite) tensors or operations of the graph.
        """
        mask = 0
        for item in tf.nest.flatten(list(tensors), expand_composites=True):
            operation = item if isinstance(item, tf.Operation) else item.op
            mask |= self._masks.get(operation.name, 0)
        return [name for index, name in enumerate(self._names) if mask >> index & 1]
