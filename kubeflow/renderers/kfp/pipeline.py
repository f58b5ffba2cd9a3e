"""Renders a task graph as a ``PipelineSpec`` 2.1.0 of Kubeflow Pipelines."""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format

from kubeflow.graph import pod_resources
from kubeflow.graph.pod_text import unexpanded
from kubeflow.graph.task_graph import Argument, ParameterValue, RunId, Task, TaskGraph
from kubeflow.package.package import Package
from kubeflow.package.pipeline_spec import pipeline_spec_pb2
from kubeflow.renderers.kfp.parameters import root_input, task_input
from kubeflow.renderers.kfp.placeholders import RUN_ID_CONSTANT, RUN_ID_INPUT, rendered
from kubeflow.renderers.kfp.platform_spec import executor_label, platform_document
from kubeflow.renderers.kfp.quantities import cores, gigabytes

SCHEMA_VERSION = "2.1.0"

# How long after a failure the next try comes; each time twice as long.
_FIRST_PAUSE_SECONDS = 30
# Argo counts this from the start of the first try, stops trying after it and gives every try
# it as a deadline. The SDK's hour would end a long training: let `timeout_seconds` do that.
_LONGEST_RETRYING_SECONDS = 7 * 24 * 3600


def render(graph: TaskGraph) -> Package:
    """The package of a pipeline.

    Args:
      graph: Tasks and typed parameters.

    Returns:
      The pipeline spec, and the platform document where a task needs one. The same graph
      gives the same package, byte for byte.
    """
    protos = pipeline_spec_pb2()
    spec = protos.PipelineSpec(
        schema_version=SCHEMA_VERSION, sdk_version=f"millrace-{graph.version}"
    )
    spec.pipeline_info.name = graph.name
    spec.pipeline_info.description = graph.description
    for parameter in graph.parameters:
        spec.root.input_definitions.parameters[parameter.name].CopyFrom(root_input(parameter))
    names = {task.node_id: task.name for task in graph.tasks}
    deployment = protos.PipelineDeploymentConfig()
    for task in graph.tasks:
        label = executor_label(task)
        deployment.executors[label].container.CopyFrom(_container(task))
        component = f"comp-{task.name}"
        spec.components[component].CopyFrom(_component(task, graph, label))
        spec.root.dag.tasks[task.name].CopyFrom(_task(task, component, names))
    spec.deployment_spec.update(json_format.MessageToDict(deployment))
    return Package(spec, platform_document(graph))


def _arguments(task: Task) -> tuple[Argument, ...]:
    return (*task.arguments, *task.output_arguments)


def _uses(task: Task) -> tuple[set[str], bool]:
    """The run parameters that a task's arguments name, and whether they name the run."""
    arguments = _arguments(task)
    parameters = {item.name for item in arguments if isinstance(item, ParameterValue)}
    return parameters, any(isinstance(item, RunId) for item in arguments)


def _component(task: Task, graph: TaskGraph, label: str) -> Any:
    protos = pipeline_spec_pb2()
    component = protos.ComponentSpec(executor_label=label)
    parameters, has_run_id = _uses(task)
    for parameter in graph.parameters:
        if parameter.name in parameters:
            component.input_definitions.parameters[parameter.name].CopyFrom(task_input(parameter))
    if has_run_id:
        component.input_definitions.parameters[
            RUN_ID_INPUT
        ].parameter_type = protos.ParameterType.STRING
    for output in task.outputs:
        artifact = component.output_definitions.artifacts[output.name].artifact_type
        artifact.schema_title = output.type
        artifact.schema_version = "0.0.1"
    return component


def _task(task: Task, component: str, names: dict[str, str]) -> Any:
    spec = pipeline_spec_pb2().PipelineTaskSpec()
    spec.task_info.name = task.name
    spec.component_ref.name = component
    spec.dependent_tasks.extend(sorted(names[node_id] for node_id in task.upstream))
    # TFX's cache decides, with what ML Metadata knows.
    spec.caching_options.enable_cache = False
    parameters, has_run_id = _uses(task)
    for name in sorted(parameters):
        spec.inputs.parameters[name].component_input_parameter = name
    if has_run_id:
        run_id = spec.inputs.parameters[RUN_ID_INPUT].runtime_value.constant
        run_id.string_value = RUN_ID_CONSTANT
    if task.retries:
        spec.retry_policy.max_retry_count = task.retries
        spec.retry_policy.backoff_duration.seconds = _FIRST_PAUSE_SECONDS
        spec.retry_policy.backoff_factor = 2.0
        spec.retry_policy.backoff_max_duration.seconds = _LONGEST_RETRYING_SECONDS
    return spec


def _container(task: Task) -> Any:
    container = pipeline_spec_pb2().PipelineDeploymentConfig.PipelineContainerSpec(
        image=task.image,
        command=[unexpanded(word) for word in task.command],
        args=[rendered(argument) for argument in _arguments(task)],
    )
    for name, value in task.environment:
        container.env.add(name=name, value=unexpanded(value))
    requests = pod_resources.requests(task.resources)
    limits = pod_resources.limits(task.resources)
    numbers = {
        "cpu_request": cores(requests.get("cpu")),
        "cpu_limit": cores(limits.get("cpu")),
        "memory_request": gigabytes(requests.get("memory")),
        "memory_limit": gigabytes(limits.get("memory")),
    }
    for field, number in numbers.items():
        if number:
            setattr(container.resources, field, number)
    if task.resources.accelerator and task.resources.accelerator_count:
        container.resources.accelerator.type = task.resources.accelerator
        container.resources.accelerator.count = task.resources.accelerator_count
    return container
