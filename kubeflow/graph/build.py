"""From a compiled TFX pipeline and its configuration to the task graph.

Only TFX's protobuf is read: no TensorFlow, no network, no look at data.
"""

from __future__ import annotations

import importlib.metadata
import json
from typing import TYPE_CHECKING

from core import errors
from kubeflow.graph.node_outputs import node_outputs
from kubeflow.graph.task_graph import (
    Argument,
    ExecutorOutput,
    OutputPath,
    ParameterValue,
    Resources,
    RunId,
    SecretVariable,
    Task,
    TaskGraph,
    TaskOutput,
    Toleration,
    Volume,
)
from kubeflow.graph.task_names import task_names
from pipeline.configuration.cluster import check_cluster
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.parameters import RunParameter, run_parameters

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

# Isolated: nothing in a task's working folder may be imported in the place of what is installed.
COMMAND = ("python", "-I", "-m", "kubeflow.entrypoint")


def millrace_version() -> str:
    """The installed version of Millrace."""
    return importlib.metadata.version("millrace")


def task_graph(
    ir: pipeline_pb2.Pipeline, configuration: PipelineConfiguration, *, version: str | None = None
) -> TaskGraph:
    """The pipeline as tasks in containers.

    Args:
      ir: TFX's intermediate representation. Its nodes and which comes before which are
        read, nothing else.
      configuration: The checked configuration; the section `kubeflow` says how the
        containers run, the rest goes to them as it is.
      version: The version of Millrace that compiles; the installed one where it is None.

    Returns:
      The graph: tasks in the order of the nodes, their dependencies those of TFX, also
      where one node only has to wait for another.

    Raises:
      errors.UserError: If there is no image, or a cluster could not run it.
    """
    settings = configuration.kubeflow
    nodes = [item.pipeline_node for item in ir.nodes]
    ids = tuple(node.node_info.id for node in nodes)
    check_cluster(settings, ids)
    if not settings.image:
        raise missing_image()
    names = task_names(ids)
    parameters = tuple(run_parameters(configuration))
    compiled_by = version or millrace_version()
    shared = _shared_arguments(configuration, parameters, compiled_by)
    tasks = tuple(
        _task(
            configuration,
            node.node_info.id,
            names[node.node_info.id],
            tuple(node.upstream_nodes),
            shared,
        )
        for node in nodes
    )
    return TaskGraph(
        name=configuration.name,
        description=configuration.description,
        tasks=tasks,
        parameters=parameters,
        service_account=settings.service_account,
        version=compiled_by,
    )


def missing_image() -> errors.UserError:
    """The refusal of a configuration without a container image."""
    return errors.UserError(
        "no container image is named",
        evidence=["every node runs in a container of its own"],
        hint="say --image NAME or set kubeflow.image; `make image` builds millrace:dev",
        code="missing-image",
    )


def configuration_text(configuration: PipelineConfiguration) -> str:
    """The configuration as the containers get it: all but the section `kubeflow`.

    Args:
      configuration: The checked configuration.

    Returns:
      One line of JSON without double opening braces. Keys stay in their order, which
      means something: rows are split in the order of the splits.
    """
    values = configuration.model_dump(mode="json", exclude={"kubeflow", "retention"})
    # Two opening braces begin a placeholder for Kubeflow, Argo and Jinja. In JSON they are
    # next to each other in strings only, where the second may be written by its number.
    # In its own order: that of splits decides which rows a split gets.
    return json.dumps(values).replace("{{", "{\\u007b")


def _shared_arguments(
    configuration: PipelineConfiguration, parameters: tuple[RunParameter, ...], version: str
) -> tuple[Argument, ...]:
    arguments: list[Argument] = ["--run-id", RunId()]
    arguments += ["--root", configuration.kubeflow.root]
    arguments += ["--compiled-by", version]
    arguments += ["--configuration", configuration_text(configuration)]
    for parameter in parameters:
        arguments += ["--set", parameter.name, ParameterValue(parameter.name)]
    return tuple(arguments)


def _task(
    configuration: PipelineConfiguration,
    node_id: str,
    name: str,
    upstream: tuple[str, ...],
    shared: tuple[Argument, ...],
) -> Task:
    settings = configuration.kubeflow
    assert settings.image is not None, "task_graph has looked"
    own = settings.node(node_id)
    asked = own.resources
    outputs = node_outputs(node_id, configuration.task)
    return Task(
        node_id=node_id,
        name=name,
        upstream=upstream,
        image=settings.image,
        command=COMMAND,
        arguments=("--node", node_id, *shared),
        output_arguments=_output_arguments(outputs),
        outputs=outputs,
        resources=Resources(
            cpu=asked.cpu,
            memory=asked.memory,
            accelerator=asked.accelerator if asked.accelerator_count else None,
            accelerator_count=asked.accelerator_count,
        )
        if asked
        else Resources(),
        retries=own.retries or 0,
        timeout_seconds=own.timeout_seconds,
        node_selector=tuple(sorted((own.node_selector or {}).items())),
        tolerations=tuple(
            Toleration(item.key, item.operator, item.value, item.effect)
            for item in own.tolerations or ()
        ),
        environment=tuple(sorted(settings.environment.items())),
        secrets=tuple(
            SecretVariable(item.variable, item.secret, item.key) for item in settings.secrets
        ),
        volumes=tuple(Volume(item.claim, item.path) for item in settings.volumes),
    )


def _output_arguments(outputs: tuple[TaskOutput, ...]) -> tuple[Argument, ...]:
    if not outputs:
        return ()
    arguments: list[Argument] = ["--executor-output", ExecutorOutput()]
    for output in outputs:
        arguments += ["--output", output.name, output.type, OutputPath(output.name)]
    return tuple(arguments)
