"""From a configuration to a TFX pipeline and its intermediate representation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.nodes import (
    ACCEPTED_DATA_RESOLVER,
    BASELINE_RESOLVER,
    HYPERPARAMETERS_RESOLVER,
    PUSHER,
    SERVING_VALIDATOR,
    WINDOW_RESOLVER,
)
from pipeline.configuration.graph import node_ids
from pipeline.configuration.locations import Locations
from pipeline.definition import data_nodes, model_nodes, training_nodes
from pipeline.definition.extension_nodes import own_node
from pipeline.definition.wiring import Wiring

if TYPE_CHECKING:
    from tfx.orchestration.pipeline import Pipeline
    from tfx.proto.orchestration import pipeline_pb2

    from pipeline.configuration.model import PipelineConfiguration

_MAKERS: dict[str, Callable[[Wiring], Any]] = {
    "ExampleGen": data_nodes.example_gen,
    "StatisticsGen": data_nodes.statistics_gen,
    "SchemaGen": data_nodes.schema_gen,
    "ImportSchemaGen": data_nodes.import_schema_gen,
    "ExampleValidator": data_nodes.example_validator,
    ACCEPTED_DATA_RESOLVER: data_nodes.accepted_data,
    "DataGate": data_nodes.data_gate,
    WINDOW_RESOLVER: data_nodes.training_window,
    "Transform": training_nodes.transform,
    "Tuner": training_nodes.tuner,
    HYPERPARAMETERS_RESOLVER: training_nodes.latest_hyperparameters,
    "Trainer": training_nodes.trainer,
    BASELINE_RESOLVER: model_nodes.baseline,
    "Evaluator": model_nodes.evaluator,
    SERVING_VALIDATOR: model_nodes.serving_validator,
    PUSHER: model_nodes.pusher,
}


def compile_pipeline(
    configuration: PipelineConfiguration,
    locations: Locations,
    *,
    run_id: str,
    caching: bool = True,
) -> pipeline_pb2.Pipeline:
    """Builds the pipeline and compiles it to TFX's intermediate representation.

    Args:
      configuration: The checked configuration.
      locations: Where to read and write.
      run_id: The id of the run, put in the place of TFX's runtime parameter.
      caching: Whether results of equal executions may be reused.

    Raises:
      errors.UserError: If the configuration names a file that does not exist.
    """
    from tfx.dsl.compiler import compiler, constants
    from tfx.orchestration.portable import runtime_parameter_utils

    from pipeline.identity.properties import note_identity

    pipeline = build_pipeline(configuration, locations, caching=caching)
    compiled = compiler.Compiler().compile(pipeline)
    leave_uncached(compiled, configuration)
    note_identity(compiled, configuration, locations)
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    return compiled


def leave_uncached(pipeline: pipeline_pb2.Pipeline, configuration: PipelineConfiguration) -> None:
    """Has those components run in every run that the configuration wants so.

    Args:
      pipeline: The intermediate representation; changed in place. TFX asks whole
        pipelines only whether to cache.
      configuration: The checked configuration.
    """
    for node in pipeline.nodes:
        own = configuration.components.get(node.pipeline_node.node_info.id)
        if own is not None and not own.cache:
            node.pipeline_node.execution_options.caching_options.enable_cache = False


def build_pipeline(
    configuration: PipelineConfiguration, locations: Locations, *, caching: bool = True
) -> Pipeline:
    """Builds the pipeline.

    Args:
      configuration: The checked configuration.
      locations: Where to read and write.
      caching: Whether results of equal executions may be reused.

    Raises:
      errors.UserError: If the configuration names a file that does not exist, a component
        that does not fit, or a SQLite store where SQLite cannot write.
    """
    from tfx.orchestration import pipeline as tfx_pipeline

    from metadata.connection import connection_config

    if configuration.metadata.kind == "sqlite" and "://" not in str(locations.root):
        Path(locations.root).mkdir(parents=True, exist_ok=True)
    wiring = Wiring(configuration, locations)
    for node_id in node_ids(configuration):
        own = node_id in configuration.components
        wiring.add(own_node(wiring, node_id) if own else _MAKERS[node_id](wiring))
    for node_id, settings in configuration.components.items():
        for waiting in settings.before:
            wiring.node(waiting).add_upstream_node(wiring.node(node_id))
    return tfx_pipeline.Pipeline(
        pipeline_name=configuration.name,
        pipeline_root=locations.artifacts,
        components=list(wiring.nodes),
        enable_cache=caching,
        # Without a password: the intermediate representation is written to disk.
        metadata_connection_config=connection_config(configuration.metadata, locations.root),
        beam_pipeline_args=list(configuration.beam.arguments),
    )
