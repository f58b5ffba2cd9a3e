"""Compiles a configuration with TFX's `KubeflowV2DagRunner` into a PipelineJob."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kubeflow
from core import errors, import_path
from kubeflow.graph.compilation import quiet_imports
from metadata.settings import SqliteStore
from pipeline.configuration.model import PipelineConfiguration
from pipeline.definition import (
    ACCEPTED_DATA_RESOLVER,
    BASELINE_RESOLVER,
    HYPERPARAMETERS_RESOLVER,
    Locations,
    build_pipeline,
)

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_node import BaseNode
    from tfx.orchestration.pipeline import Pipeline


def pipeline_job(configuration: PipelineConfiguration, project: Path) -> dict[str, Any]:
    """The job as the JSON that Vertex AI Pipelines takes.

    TFX's compiler refuses three things that the pipeline has, so the job differs: the
    resolvers of accepted data and of earlier hyperparameters are left out, that of the
    baseline takes TFX's own strategy, and the gate's artifact type gets a name that can be
    imported. `losses` says what else a job does not have.

    Args:
      configuration: The configuration, its root and data in buckets (`check_vertex`).
      project: The folder that relative paths in the configuration mean. Its files are read
        here, and named in the job as the image has them: relative to its working folder.
    """
    with quiet_imports(deferring=False):
        return _compiled(configuration, project)


def _compiled(configuration: PipelineConfiguration, project: Path) -> dict[str, Any]:
    from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner

    config = kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(
        default_image=configuration.kubeflow.image, use_pipeline_spec_2_1=True
    )
    runner = kubeflow_v2_dag_runner.KubeflowV2DagRunner(config=config)
    if configuration.own_modules:
        import_path.append(project)
    with tempfile.TemporaryDirectory() as folder:
        pipeline = _vertex_pipeline(configuration, Locations(root=Path(folder), project=project))
        with _importable_types(pipeline.components):
            job: dict[str, Any] = runner.run(pipeline, write_out=False)
    tasks = job["pipelineSpec"]["root"]["dag"]["tasks"]
    for node_id, own in configuration.components.items():
        if not own.cache:
            tasks[node_id].pop("cachingOptions", None)
    return job


def _vertex_pipeline(configuration: PipelineConfiguration, locations: Locations) -> Pipeline:
    from tfx.orchestration import pipeline as tfx_pipeline

    root = configuration.kubeflow.root.rstrip("/")
    directory = configuration.pushing.directory or f"{root}/serving/{configuration.name}"
    local = configuration.model_copy(
        update={
            "pushing": configuration.pushing.model_copy(update={"directory": directory}),
            "metadata": SqliteStore(),
        }
    )
    built = build_pipeline(local, locations)
    return tfx_pipeline.Pipeline(
        pipeline_name=configuration.name,
        pipeline_root=f"{root}/artifacts",
        components=_vertex_nodes(list(built.components), configuration),
        enable_cache=True,
        beam_pipeline_args=list(configuration.beam.arguments),
        dsl_context_registry=built.dsl_context_registry,
    )


def _vertex_nodes(nodes: list[BaseNode], configuration: PipelineConfiguration) -> list[BaseNode]:
    from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import (
        LatestBlessedModelStrategy,
    )

    by_id: dict[str, Any] = {node.id: node for node in nodes}
    # The compiler knows TFX's own strategies only, and asks the node for its class.
    by_id[BASELINE_RESOLVER]._strategy_class = LatestBlessedModelStrategy
    accepted = by_id[ACCEPTED_DATA_RESOLVER]
    gate = by_id["DataGate"]
    del gate.inputs["baseline_statistics"], gate.inputs["baseline_blessing"]
    gate.upstream_nodes.discard(accepted)
    nodes = [node for node in nodes if node is not accepted]
    resolver = by_id.get(HYPERPARAMETERS_RESOLVER)
    if resolver is not None:
        trainer = by_id["Trainer"]
        del trainer.inputs["hyperparameters"]
        trainer.upstream_nodes.discard(resolver)
        nodes = [node for node in nodes if node is not resolver]
    if "ImportSchemaGen" in by_id:
        # As the image has it; it was looked for, and read, in the project folder.
        by_id["ImportSchemaGen"].exec_properties["schema_file"] = configuration.schema_file
    return nodes


@contextlib.contextmanager
def _importable_types(nodes: list[BaseNode]) -> Iterator[None]:
    """Gives artifact types that are not TFX's the names by which TFX imports them on Vertex."""
    from tfx.orchestration.kubeflow.v2 import compiler_utils

    renamed: dict[Any, str] = {}
    try:
        for node in nodes:
            for channel in node.outputs.values():
                type_ = channel.type
                if compiler_utils.get_artifact_title(type_) != "tfx.Artifact" or type_ in renamed:
                    continue
                if type_.__name__ not in kubeflow.VERTEX_TYPES:
                    raise errors.InternalError(
                        f"the artifact type {type_.__name__} of {node.id} has no name on Vertex",
                        hint="add it to kubeflow.VERTEX_TYPES",
                    )
                renamed[type_] = type_.TYPE_NAME
                type_.TYPE_NAME = f"{kubeflow.__name__}.{type_.__name__}"
        yield
    finally:
        for type_, name in renamed.items():
            type_.TYPE_NAME = name
