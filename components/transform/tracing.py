"""A preprocessing_fn as TensorFlow functions: for the analysis, and finished.

TensorFlow Transform traces a preprocessing_fn once to find its analyzers, writes and
loads a SavedModel for every phase of the analysis and another at the end, and traces
again for the metadata. Within one process the traced functions can be called as they
are: the first trace also serves the first phase, and the last also gives the metadata,
so that a preprocessing_fn with one phase is traced twice and nothing is ever loaded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform import (
    analyzer_nodes,
    annotators,
    graph_context,
    graph_tools,
    impl_helper,
    nodes,
    schema_inference,
    tf2_utils,
)
from tensorflow_transform.beam import analysis_graph_builder
from tensorflow_transform.saved import saved_transform_io_v2

from components.transform.pruning import evaluate, pruned
from preprocessing.graph_inputs import GraphInputs

Tensors = Mapping[str, Any]
PreprocessingFn = Callable[[dict[str, Any]], Tensors]


@dataclasses.dataclass
class TracedAnalysis:
    """What the first trace of a preprocessing_fn tells.

    Attributes:
      function: The traced function; its inputs are all features of the schema.
      outputs: The outputs of the first trace, by feature.
      analyze_columns: The features that the analyzers read.
      transform_columns: The features that the outputs depend on.
      asset_map: Asset key to file name.
      sources: The features that each analyzer reads; later traces must give the same.
      graph: TFT's analysis graph: the node of the finished SavedModel.
    """

    function: Any
    outputs: Tensors
    analyze_columns: list[str]
    transform_columns: list[str]
    asset_map: dict[str, str]
    sources: Mapping[str, frozenset[str]]
    graph: nodes.ValueNode


@dataclasses.dataclass(frozen=True)
class FinishedTransform:
    """A preprocessing_fn whose analyzers are constants.

    Attributes:
      function: Takes a dict of (composite) tensors for every feature of the schema,
        gives the dict of transformed features.
      schema: The transformed features, with the ranges that the analysis found.
      plain_schema: The same without what only the analysis could know; TFX encodes
        and validates with it.
    """

    function: Callable[[Tensors], Tensors]
    schema: schema_pb2.Schema
    plain_schema: schema_pb2.Schema


class Tracer:
    """Traces one preprocessing_fn over and over.

    Args:
      preprocessing_fn: The function, with its configuration bound.
      specs: The type of every input feature.
      temporary_folder: Where TFT puts placeholder assets.
    """

    def __init__(
        self,
        preprocessing_fn: PreprocessingFn,
        specs: Mapping[str, tf.TypeSpec],
        temporary_folder: str,
    ) -> None:
        self._preprocessing_fn = preprocessing_fn
        self._specs = specs
        self._temporary_folder = temporary_folder
        # Tables and variables live as long as somebody holds their module.
        self._modules: list[tf.Module] = []

    def analysis(self) -> TracedAnalysis:
        """Traces the function and builds TFT's analysis graph.

        Raises:
          ValueError: If the function returns nothing, or not a dict, or holds trainable
            variables (as TFT raises).
        """
        context = self._context(None)
        with annotators.object_tracker_scope(annotators.ObjectTracker()):
            function = impl_helper.get_traced_transform_fn(
                self._preprocessing_fn, self._specs, context
            ).get_concrete_function()
        graph, outputs = function.graph, function.structured_outputs
        inputs = tf2_utils.get_structured_inputs_from_func_graph(graph)
        _check_outputs(graph, outputs)
        dependencies = GraphInputs(graph, inputs, control=True)
        analyze_columns = _analyze_columns(graph, dependencies, outputs)
        transform_columns = dependencies.of(outputs.values())
        asset_map = annotators.get_asset_annotations(graph)
        annotators.clear_asset_annotations(graph)
        saved_model, _, _ = analysis_graph_builder.build(graph, inputs, outputs)
        return TracedAnalysis(
            function=function,
            outputs=outputs,
            analyze_columns=analyze_columns,
            transform_columns=transform_columns,
            asset_map=asset_map,
            sources=_analyzer_sources(graph, dependencies),
            graph=saved_model,
        )

    def phase(
        self,
        traced: TracedAnalysis,
        bindings: Mapping[str, tf.Tensor],
        outputs: Mapping[str, tf.Tensor],
    ) -> Callable[[Tensors], Tensors]:
        """The function that gives the analyzers of one phase their inputs.

        Args:
          traced: The first trace.
          bindings: Results of the earlier phases, by the name of their tensor.
          outputs: The tensors of the first trace to compute, by key.

        Returns:
          A function from a dict of (composite) input tensors to a dict of tensors.
        """
        if not bindings:
            return pruned(traced.function, outputs)
        names = {key: tensor.name for key, tensor in outputs.items()}
        context = self._context(dict(bindings))
        function = impl_helper.get_traced_transform_fn(
            self._preprocessing_fn, self._specs, context, output_keys_to_name_map=names
        )
        concrete = saved_transform_io_v2.trace_and_update_module(
            context.module_to_export, function, "transform_fn", strip_control_dependencies=False
        )
        self._validate(traced, concrete)
        return concrete

    def finish(
        self,
        traced: TracedAnalysis,
        bindings: Mapping[str, tf.Tensor],
        folder: str,
        save_options: tf.saved_model.SaveOptions | None,
    ) -> FinishedTransform:
        """Writes the SavedModel with all results of the analysis bound.

        Args:
          traced: The first trace.
          bindings: Results of all phases, by the name of their tensor.
          folder: Where the SavedModel is written.
          save_options: How it is written.
        """
        raw_outputs: dict[str, Any] = {}

        def noting_outputs(inputs: dict[str, Any]) -> Tensors:
            transformed = self._preprocessing_fn(inputs)
            raw_outputs.update(transformed)
            return transformed

        context = self._context(dict(bindings))
        function = impl_helper.get_traced_transform_fn(noting_outputs, self._specs, context)
        concrete = saved_transform_io_v2.write_v2_saved_model(
            context.module_to_export, function, "transform_fn", folder, save_options
        )
        self._validate(traced, concrete)
        metadata = _deferred_metadata(concrete, raw_outputs)
        ranges = schema_inference._TF_METADATA_TENSOR_COLLECTION
        return FinishedTransform(
            function=concrete,
            schema=schema_inference.infer_feature_schema_v2(
                concrete.structured_outputs, lambda: metadata, evaluate_schema_overrides=True
            ),
            plain_schema=schema_inference.infer_feature_schema_v2(
                traced.outputs,
                lambda: {ranges: metadata.get(ranges, [])},
                evaluate_schema_overrides=False,
            ),
        )

    def _context(self, bindings: dict[str, tf.Tensor] | None) -> graph_context.TFGraphContext:
        module = tf.Module()
        self._modules.append(module)
        return graph_context.TFGraphContext(
            module_to_export=module,
            temp_dir=self._temporary_folder,
            evaluated_replacements=bindings,
        )

    def _validate(self, traced: TracedAnalysis, concrete: Any) -> None:
        inputs = tf2_utils.get_structured_inputs_from_func_graph(concrete.graph)
        dependencies = GraphInputs(concrete.graph, inputs, control=True)
        for name, sources in _analyzer_sources(concrete.graph, dependencies).items():
            if traced.sources.get(name) != sources:
                raise RuntimeError(
                    "The order of analyzers in your `preprocessing_fn` appears to be "
                    "non-deterministic. This can be fixed either by changing your "
                    "`preprocessing_fn` such that tf.Transform analyzers are encountered "
                    "in a deterministic order or by passing a unique name to each "
                    "analyzer API call."
                )


def _analyzer_sources(graph: tf.Graph, dependencies: GraphInputs) -> dict[str, frozenset[str]]:
    """The features that each analyzer of a graph reads, by the tensor it gives.

    TFT's own fingerprints of analyzers say the same and take minutes for hundreds of them.
    """
    sources = {}
    for sink in graph.get_collection(analyzer_nodes.ALL_REPLACEMENTS):
        visitor = graph_tools.SourcedTensorsVisitor()
        nodes.Traverser(visitor).visit_value_node(sink.future)
        sources[str(sink.tensor.name)] = frozenset(dependencies.of(visitor.sourced_tensors))
    return sources


def _check_outputs(graph: tf.Graph, outputs: Any) -> None:
    if not isinstance(outputs, dict):
        raise ValueError(
            "A `preprocessing_fn` must return a Dict[str, Union[tf.Tensor, tf.SparseTensor, "
            f"tf.RaggedTensor]]. Got: {outputs}"
        )
    if not outputs:
        raise ValueError("The preprocessing function returned an empty dict")
    trainable = graph.get_collection(tf.compat.v1.GraphKeys.TRAINABLE_VARIABLES)
    if trainable:
        raise ValueError(f"The preprocessing function contained trainable variables {trainable}")


def _analyze_columns(graph: tf.Graph, dependencies: GraphInputs, outputs: Tensors) -> list[str]:
    """`tft.get_analyze_input_columns` for a graph that is there already."""
    visitor = graph_tools.SourcedTensorsVisitor()
    for sink in graph.get_collection(analyzer_nodes.TENSOR_REPLACEMENTS):
        nodes.Traverser(visitor).visit_value_node(sink.future)
    _, control = tf2_utils.strip_and_get_tensors_and_control_dependencies(
        tf.nest.flatten(outputs, expand_composites=True)
    )
    return dependencies.of([*visitor.sourced_tensors, *control])


def _deferred_metadata(function: Any, outputs: Tensors) -> dict[str, Any]:
    """What TFT's metadata function returns, read from the finished graph.

    The annotations are tensors in the collections of the graph, next to the tensor they
    describe; none of them depends on the inputs.
    """
    graph = function.graph
    names = schema_inference._get_tensor_value_to_key_map(outputs)
    metadata: dict[str, Any] = {}
    for described, describing, default in (
        (
            schema_inference._TF_METADATA_TENSOR_COLLECTION,
            [
                schema_inference._TF_METADATA_TENSOR_MIN_COLLECTION,
                schema_inference._TF_METADATA_TENSOR_MAX_COLLECTION,
            ],
            None,
        ),
        (
            schema_inference._TF_METADATA_EXTRA_ANNOTATION,
            [
                schema_inference._TF_METADATA_EXTRA_ANNOTATION_TYPE_URL,
                schema_inference._TF_METADATA_EXTRA_ANNOTATION_PROTO,
            ],
            schema_inference._TF_METADATA_EXTRA_ANNOTATION_GLOBAL,
        ),
    ):
        metadata.update(
            schema_inference._get_schema_overrides(graph, names, described, describing, default)
        )
    metadata[schema_inference._METADATA_SPARSE_OUTPUT_OVERRIDES_FIELD] = [
        schema_inference._get_sparse_output_annotations_v2(graph, names)
    ]
    tensors = [item for item in tf.nest.flatten(metadata) if isinstance(item, tf.Tensor)]
    values = iter(evaluate(function, tensors))
    return tf.nest.map_structure(
        lambda item: next(values) if isinstance(item, tf.Tensor) else tf.constant(item), metadata
    )
