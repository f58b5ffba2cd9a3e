"""The analysed transform graph as a function that a model's signatures call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from tensorflow_transform import tf2_utils

from preprocessing.graph_inputs import GraphInputs


class TransformGraph:
    """Turns raw features into those transformed features that depend on nothing else.

    Does what TFT's layer does (`tft.TFTransformOutput.transform_features_layer`). That is
    a tf_keras model, whose export costs a second, around a loader that walks through
    the graph for each output, which takes a minute for five hundred columns.

    Args:
      folder: The SavedModel that the Transform component wrote.

    Attributes:
      loaded: The SavedModel's tables and assets, which must be tracked.
    """

    def __init__(self, folder: str) -> None:
        self.loaded = tf.saved_model.load(folder)
        function = self.loaded.transform_fn
        # A tf.function with an input signature has one concrete function.
        (self._function,) = getattr(function, "concrete_functions", [function])
        graph = self._function.graph
        self._inputs = tf2_utils.get_structured_inputs_from_func_graph(graph)
        outputs = tf.nest.pack_sequence_as(
            graph.structured_outputs, graph.outputs, expand_composites=True
        )
        found = GraphInputs(graph, self._inputs, control=False)
        self._needed = {name: frozenset(found.of([output])) for name, output in outputs.items()}

    def __call__(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Transforms a batch.

        Args:
          raw: (Composite) tensors of all or some raw features, in the schema's types.

        Returns:
          The transformed features that depend on these features alone.

        Raises:
          ValueError: If a feature is not in the schema.
        """
        if unknown := sorted(raw.keys() - self._inputs.keys()):
            raise ValueError(f"unknown raw features: {', '.join(unknown)}")
        given = dict(raw)
        absent = self._inputs.keys() - raw.keys()
        if absent:
            rows = tf.shape(next(iter(raw.values())))[0]
            given.update(tf2_utils.supply_missing_inputs(self._inputs, rows, absent))
        transformed = self._function(*tf.nest.flatten(given, expand_composites=True))
        return {name: transformed[name] for name in self._needed if not self._needed[name] & absent}
