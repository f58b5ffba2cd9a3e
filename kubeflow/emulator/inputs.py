"""The ExecutorInput of a task, as KFP's driver makes it.

Follows ``resolveInputs`` in ``backend/src/v2/driver/resolve.go`` and
``provisionOutputs`` in ``backend/src/v2/driver/driver.go``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from core.errors import UserError
from kubeflow.emulator.messages import kind_of, plain_value, set_value
from kubeflow.emulator.outputs import LOGS, TaskOutputs
from kubeflow.emulator.plan import PlannedTask
from kubeflow.emulator.task_folder import TaskFolder
from kubeflow.emulator.values import text_of
from kubeflow.package.pipeline_spec import pipeline_spec_pb2

_KINDS = {
    "NUMBER_INTEGER": (int, float),
    "NUMBER_DOUBLE": (int, float),
    "BOOLEAN": bool,
    "LIST": list,
    "STRUCT": dict,
}


@dataclasses.dataclass(frozen=True)
class RunFacts:
    """What constants of a package may ask of the run.

    Attributes:
      run_id: ``{{$.pipeline_job_uuid}}``.
      name: ``{{$.pipeline_job_name}}``, the run's name as people see it.
      resource_name: ``{{$.pipeline_job_resource_name}}``, the workflow's name.
      created: ``{{$.pipeline_job_create_time_utc}}``, RFC 3339.
      scheduled: ``{{$.pipeline_job_schedule_time_utc}}``; the same for a run that
        no schedule started.
      values: The run's parameters.
    """

    run_id: str
    name: str
    resource_name: str
    created: str
    scheduled: str
    values: Mapping[str, Any]


def executor_input(
    task: PlannedTask, facts: RunFacts, ended: Mapping[str, TaskOutputs], folder: TaskFolder
) -> Any:
    """Makes the ``ExecutorInput`` message of a task.

    Args:
      task: The task.
      facts: The run.
      ended: What the tasks before it left, by task name.
      folder: The task's folder.

    Raises:
      UserError: If an input cannot be had or has a wrong type.
    """
    message = pipeline_spec_pb2().ExecutorInput()
    message.inputs.SetInParent()
    for name, value in _parameters(task, facts, ended).items():
        set_value(message.inputs.parameter_values[name], value)
    for name, source in task.specification.inputs.artifacts.items():
        message.inputs.artifacts[name].artifacts.add().CopyFrom(
            _artifact(task, name, source, ended)
        )
    _provide_outputs(message.outputs, task.component.output_definitions, folder)
    return message


def with_defaults(message: Any, component: Any) -> Any:
    """A copy in which the component's defaults stand for what was not given.

    The launcher does this (``addDefaultParams``): the file of the task's input does
    not show defaults, the placeholders do.
    """
    complete = type(message)()
    complete.CopyFrom(message)
    for name, specification in component.input_definitions.parameters.items():
        given = name in complete.inputs.parameter_values
        if specification.HasField("default_value") and not given:
            complete.inputs.parameter_values[name].CopyFrom(specification.default_value)
    return complete


def _parameters(
    task: PlannedTask, facts: RunFacts, ended: Mapping[str, TaskOutputs]
) -> dict[str, Any]:
    declared = task.component.input_definitions.parameters
    values: dict[str, Any] = {}
    for name, source in task.specification.inputs.parameters.items():
        if source.parameter_expression_selector:
            raise _refusal(task, name, "has a selector, which is not emulated")
        value = _parameter(task, name, source, facts, ended)
        if value is None:
            if name in declared and declared[name].is_optional:
                continue
            raise _refusal(task, name, "has no value, and the task needs one")
        values[name] = value
    for name, specification in declared.items():
        if name in values:
            values[name] = _converted(task, name, values[name], kind_of(specification))
        elif not specification.is_optional and not specification.HasField("default_value"):
            raise _refusal(task, name, "has neither a value nor a default")
    return values


def _parameter(
    task: PlannedTask,
    name: str,
    source: Any,
    facts: RunFacts,
    ended: Mapping[str, TaskOutputs],
) -> Any:
    kind = source.WhichOneof("kind")
    if kind == "component_input_parameter":
        if source.component_input_parameter not in facts.values:
            raise _refusal(
                task, name, f"reads {source.component_input_parameter}, which the run does not have"
            )
        return facts.values[source.component_input_parameter]
    if kind == "task_output_parameter":
        producer = source.task_output_parameter
        produced = ended[producer.producer_task].parameters
        if producer.output_parameter_key not in produced:
            raise _refusal(
                task,
                name,
                f"reads the output {producer.output_parameter_key} of {producer.producer_task}, "
                "which did not write one",
            )
        return produced[producer.output_parameter_key]
    if kind == "runtime_value" and source.runtime_value.WhichOneof("value") == "constant":
        return _constant(plain_value(source.runtime_value.constant), task, facts)
    raise _refusal(task, name, f"comes from {kind or 'nowhere'}, which is not emulated")


def _constant(value: Any, task: PlannedTask, facts: RunFacts) -> Any:
    """The driver compares whole constants: a placeholder inside a longer text stays."""
    placeholders = {
        "{{$.pipeline_job_name}}": facts.name,
        "{{$.pipeline_job_resource_name}}": facts.resource_name,
        "{{$.pipeline_job_uuid}}": facts.run_id,
        "{{$.pipeline_task_name}}": task.name,
        # On a cluster the id of the graph's execution, which is the first of the run.
        "{{$.pipeline_task_uuid}}": "1",
        "{{$.pipeline_job_create_time_utc}}": facts.created,
        "{{$.pipeline_job_schedule_time_utc}}": facts.scheduled,
    }
    return placeholders.get(value, value) if isinstance(value, str) else value


def _converted(task: PlannedTask, name: str, value: Any, kind: str) -> Any:
    """Checks a value's type; everything may become a string, nothing anything else."""
    if kind == "STRING":
        return text_of(value)
    expected: Any = _KINDS.get(kind)
    matches = expected is not None and isinstance(value, expected)
    if not matches or (isinstance(value, bool) and kind != "BOOLEAN"):
        raise _refusal(task, name, f"must be {kind}, but its value is {value!r}")
    return value


def _artifact(task: PlannedTask, name: str, source: Any, ended: Mapping[str, TaskOutputs]) -> Any:
    if source.WhichOneof("kind") != "task_output_artifact":
        raise _refusal(task, name, "is an artifact from outside the graph, which is not emulated")
    producer = source.task_output_artifact
    artifacts = ended[producer.producer_task].artifacts
    if producer.output_artifact_key not in artifacts:
        raise _refusal(
            task,
            name,
            f"reads the output {producer.output_artifact_key} of {producer.producer_task}, "
            "which has none of that name",
        )
    return artifacts[producer.output_artifact_key]


def _provide_outputs(target: Any, declared: Any, folder: TaskFolder) -> None:
    for name, specification in declared.artifacts.items():
        artifact = target.artifacts[name].artifacts.add()
        artifact.name = name
        artifact.uri = str(folder.artifact(name))
        artifact.type.CopyFrom(specification.artifact_type)
        if specification.HasField("metadata"):
            artifact.metadata.CopyFrom(specification.metadata)
    # Backends from 2.5 on add the log as an output of every task.
    logs = target.artifacts[LOGS].artifacts.add()
    logs.name = LOGS
    logs.uri = str(folder.log)
    logs.type.schema_title = "system.Artifact"
    for name in declared.parameters:
        target.parameters[name].output_file = str(folder.parameter(name))
    target.output_file = str(folder.output_file)


def _refusal(task: PlannedTask, name: str, what: str) -> UserError:
    return UserError(f"the input {name} of the task {task.name} {what}", code="task-input")
