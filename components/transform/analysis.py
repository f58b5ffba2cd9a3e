"""TensorFlow Transform's analysis graph, interpreted over Arrow batches.

`tensorflow_transform.beam.analysis_graph_builder` turns the analyzers of a
preprocessing_fn into a graph of operations, which TFT's Beam implementation writes down
as transforms, one per operation. Here the same operations are carried out in this
process, with TFT's own combiners: per phase one pass over the batches feeds every
operation that accumulates; all others work on the few values that come out of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_transform import analyzer_nodes, nodes, tf_utils
from tensorflow_transform.beam import analyzer_impls, beam_nodes

from components.in_memory import NotInMemoryError
from components.transform import combines, vocabularies
from components.transform.tracing import Tensors, TracedAnalysis, Tracer

# Gives the input tensors of every batch of the data to be analysed, anew at each call.
ReadInputs = Callable[[], Iterable[Tensors]]


def analyze(
    tracer: Tracer, traced: TracedAnalysis, read_inputs: ReadInputs, folder: str
) -> dict[str, tf.Tensor]:
    """Computes every analyzer.

    Args:
      tracer: Traces the functions of later phases.
      traced: The first trace of the preprocessing_fn.
      read_inputs: Gives the data; called once per phase.
      folder: Where vocabulary files are written.

    Returns:
      The results, by the name of the tensor they replace.

    Raises:
      NotInMemoryError: If the graph has an operation that is not known here; nothing
        was read then.
    """
    survey = _Survey()
    nodes.Traverser(survey).visit_value_node(traced.graph)
    interpreter = _Interpreter(tracer, traced, read_inputs, folder, survey.accumulations)
    (bindings,) = (nodes.Traverser(interpreter).visit_value_node(traced.graph),)
    return bindings


@dataclasses.dataclass(frozen=True)
class _Stream:
    """What an ApplySavedModel operation gives, batch by batch.

    Attributes:
      source: The operation's label.
      keys: The tensors taken out of each batch; None for the whole dict.
      function: What computes a batch; None while the graph is only surveyed.
    """

    source: str
    keys: tuple[str, ...] | None = None
    function: Callable[[Tensors], Tensors] | None = None


_ACCUMULATIONS: dict[type, Callable[[Any], Any]] = {
    analyzer_nodes.CacheableCombineAccumulate: combines.Combine,
    analyzer_nodes.PackedCombineAccumulate: combines.PackedCombine,
    analyzer_nodes.CacheableCombinePerKeyAccumulate: combines.CombinePerKey,
    analyzer_nodes.VocabularyAccumulate: vocabularies.make_accumulation,
}

_VALUES: dict[type, Callable[..., tuple[Any, ...]]] = {
    analyzer_nodes.CacheableCombineMerge: combines.merge,
    analyzer_nodes.PackedCombineMerge: combines.merge_packed,
    analyzer_nodes.CacheableCombinePerKeyMerge: combines.merge_per_key,
    analyzer_nodes.CacheableCombinePerKeyFormatKeys: combines.format_keys,
    analyzer_nodes.CacheableCombinePerKeyFormatLarge: combines.format_large,
    analyzer_nodes.ExtractCombineMergeOutputs: lambda operation, outputs: tuple(outputs),
    analyzer_nodes.ExtractPackedCombineMergeOutputs: lambda operation, outputs: tuple(outputs),
    analyzer_nodes.ScaleAndFlattenPerKeyBucketBouandaries: (
        lambda operation, boundaries: analyzer_impls._join_boundary_rows(boundaries)
    ),
    analyzer_nodes.AddKey: lambda operation, value: ((operation.key, value),),
    beam_nodes.Flatten: lambda operation, *values: (list(values),),
    analyzer_nodes.VocabularyMerge: vocabularies.merge,
    analyzer_nodes.VocabularyCount: vocabularies.count,
    analyzer_nodes.VocabularyPrune: vocabularies.prune,
}

_OTHERS = (
    beam_nodes.CreateTensorBinding,
    beam_nodes.CreateSavedModel,
    beam_nodes.ExtractInputForSavedModel,
    beam_nodes.ApplySavedModel,
    beam_nodes.ExtractFromDict,
    analyzer_nodes.VocabularyOrderAndWrite,
    analyzer_nodes.ExtractVocabularyReservedTokens,
)


class _Survey(nodes.Visitor):
    """Finds what accumulates in which phase, and refuses what is not known."""

    def __init__(self) -> None:
        self.accumulations: dict[str, list[tuple[Any, tuple[str, ...] | None]]] = {}

    def visit(self, operation: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        kind = type(operation)
        if kind in _ACCUMULATIONS:
            (stream,) = inputs
            if not isinstance(stream, _Stream):
                raise NotInMemoryError(f"{operation.label} does not read the data")
            _ACCUMULATIONS[kind](operation)
            self.accumulations.setdefault(stream.source, []).append((operation, stream.keys))
        elif kind is analyzer_nodes.VocabularyPrune:
            vocabularies.refuse_unsupported(operation)
        elif kind is beam_nodes.ApplySavedModel:
            return (_Stream(operation.label),)
        elif kind is beam_nodes.ExtractFromDict and isinstance(inputs[0], _Stream):
            return (_Stream(inputs[0].source, operation.keys),)
        elif kind not in _VALUES and kind not in _OTHERS:
            raise NotInMemoryError(f"no in-memory way of {kind.__name__} is known")
        return (None,) * operation.num_outputs

    def validate_value(self, value: Any) -> None:
        """Any value will do."""


class _Interpreter(nodes.Visitor):
    """Computes the value of each operation from the values of its inputs."""

    def __init__(
        self,
        tracer: Tracer,
        traced: TracedAnalysis,
        read_inputs: ReadInputs,
        folder: str,
        accumulations: Mapping[str, list[tuple[Any, tuple[str, ...] | None]]],
    ) -> None:
        self._tracer = tracer
        self._traced = traced
        self._read_inputs = read_inputs
        self._folder = folder
        self._accumulations = accumulations
        self._accumulated: dict[str, Any] = {}

    def visit(self, operation: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        kind = type(operation)
        if kind in _VALUES:
            return _VALUES[kind](operation, *inputs)
        if kind in _ACCUMULATIONS:
            (stream,) = inputs
            if operation.label not in self._accumulated:
                self._run_phase(stream)
            return (self._accumulated.pop(operation.label),)
        if kind is beam_nodes.CreateTensorBinding:
            return (_TensorBinding(operation, inputs[0]),)
        if kind is beam_nodes.CreateSavedModel:
            return (self._saved_model(operation, inputs),)
        if kind is beam_nodes.ExtractInputForSavedModel:
            return (None,)
        if kind is beam_nodes.ApplySavedModel:
            return (_Stream(operation.label, function=inputs[0]),)
        if kind is beam_nodes.ExtractFromDict:
            (source,) = inputs
            if isinstance(source, _Stream):
                return (dataclasses.replace(source, keys=operation.keys),)
            return (source[operation.keys],)
        if kind is analyzer_nodes.ExtractVocabularyReservedTokens:
            graph = self._traced.function.graph
            return (tf_utils.fetch_vocabulary_reserved_tokens(graph, operation.name),)
        assert kind is analyzer_nodes.VocabularyOrderAndWrite
        return (vocabularies.order_and_write(operation, self._folder, *inputs),)

    def validate_value(self, value: Any) -> None:
        """Any value will do."""

    def _saved_model(self, operation: Any, bindings: tuple[_TensorBinding, ...]) -> Any:
        """The last one is the finished one: all that is needed of it are its bindings."""
        replaced = {
            binding.operation.tensor_name: tf.constant(
                binding.value, tf.dtypes.as_dtype(binding.operation.dtype_enum)
            )
            for binding in bindings
        }
        if operation.label == "CreateSavedModel":
            return replaced
        return self._tracer.phase(self._traced, replaced, operation.output_signature)

    def _run_phase(self, stream: _Stream) -> None:
        """One pass over the data for everything that accumulates in this phase."""
        assert stream.function is not None
        running = [
            (operation.label, keys, _ACCUMULATIONS[type(operation)](operation))
            for operation, keys in self._accumulations[stream.source]
        ]
        for tensors in self._read_inputs():
            values = {
                key: np.asarray(value) if isinstance(value, tf.Tensor) else value
                for key, value in stream.function(tensors).items()
            }
            for _, keys, accumulation in running:
                accumulation.add(values if keys is None else tuple(values[key] for key in keys))
        for label, _, accumulation in running:
            self._accumulated[label] = accumulation.value()


@dataclasses.dataclass(frozen=True)
class _TensorBinding:
    """The result of an analyzer and the tensor it replaces."""

    operation: Any
    value: Any
