"""What a package asks to be run: its tasks, their containers and who waits for whom."""

from __future__ import annotations

import dataclasses
import graphlib
import itertools
from typing import Any

from core.errors import UserError
from kubeflow.emulator.cluster_settings import ClusterSettings, read_cluster_settings
from kubeflow.package.pipeline_spec import pipeline_spec_pb2

_EXECUTORS = {
    "importer": "an importer",
    "resolver": "a resolver",
    "custom_job": "a custom job of Vertex",
}


@dataclasses.dataclass(frozen=True)
class PlannedTask:
    """One task of a package.

    Attributes:
      name: Its key in the package, such as ``statistics-gen``.
      node_id: What people call it: the TFX node where its arguments name one.
      specification: Its ``PipelineTaskSpec``.
      component: Its ``ComponentSpec``.
      container: Its ``PipelineContainerSpec``.
      upstream: Names of the tasks that must have ended well before.
      cluster: What the platform document says of it.
    """

    name: str
    node_id: str
    specification: Any
    component: Any
    container: Any
    upstream: tuple[str, ...]
    cluster: ClusterSettings

    @property
    def words(self) -> tuple[str, ...]:
        """Command and arguments with their placeholders."""
        return (*self.container.command, *self.container.args)


@dataclasses.dataclass(frozen=True)
class Plan:
    """A package that can be emulated.

    Attributes:
      pipeline: The pipeline's name.
      root_inputs: ``ComponentInputsSpec`` of the root.
      tasks: In an order in which they could run.
    """

    pipeline: str
    root_inputs: Any
    tasks: tuple[PlannedTask, ...]


def make_plan(specification: Any, platform: Any) -> Plan:
    """Reads the tasks of a package.

    Args:
      specification: The package's ``PipelineSpec``.
      platform: The platform document as a plain mapping, or None.

    Raises:
      UserError: If the package has something that is not emulated, or its tasks
        wait for one another in a circle.
    """
    from google.protobuf import json_format

    # Newer fields, such as resource limits as text, do not matter here.
    deployment = json_format.ParseDict(
        json_format.MessageToDict(specification.deployment_spec),
        pipeline_spec_pb2().PipelineDeploymentConfig(),
        ignore_unknown_fields=True,
    )
    by_name: dict[str, PlannedTask] = {}
    for name, task in specification.root.dag.tasks.items():
        component = specification.components[task.component_ref.name]
        _refuse_control_flow(name, task, component)
        by_name[name] = PlannedTask(
            name=name,
            node_id=name,
            specification=task,
            component=component,
            container=_container(name, component, deployment),
            upstream=_upstream(name, task, specification.root.dag.tasks),
            cluster=read_cluster_settings(name, component.executor_label, platform),
        )
    if not by_name:
        raise UserError("the package has no tasks", code="package-empty")
    return Plan(
        pipeline=specification.pipeline_info.name,
        root_inputs=specification.root.input_definitions,
        tasks=_named(by_name, _order(by_name)),
    )


def _refuse_control_flow(name: str, task: Any, component: Any) -> None:
    found = ""
    if task.trigger_policy.condition:
        found = "runs on a condition"
    elif task.trigger_policy.strategy > 1:
        found = "runs whatever happens before it (an exit handler)"
    elif task.WhichOneof("iterator"):
        found = "is a loop"
    elif component.WhichOneof("implementation") == "dag":
        found = "is a graph of its own"
    elif component.WhichOneof("implementation") is None:
        found = "has no implementation"
    if found:
        raise _not_emulated(name, found)


def _container(name: str, component: Any, deployment: Any) -> Any:
    executor = deployment.executors[component.executor_label]
    kind = executor.WhichOneof("spec")
    if kind != "container":
        raise _not_emulated(name, f"is {_EXECUTORS.get(str(kind), 'nothing that runs')}")
    if not (executor.container.command or executor.container.args):
        raise _not_emulated(name, "has neither a command nor arguments")
    return executor.container


def _not_emulated(name: str, what: str) -> UserError:
    return UserError(
        f"the task {name} {what}, which is not emulated",
        hint="the emulator runs containers in one graph; run this package on a cluster",
        code="not-emulated",
    )


def _upstream(name: str, task: Any, known: Any) -> tuple[str, ...]:
    producers = [*task.dependent_tasks]
    for parameter in task.inputs.parameters.values():
        if parameter.HasField("task_output_parameter"):
            producers.append(parameter.task_output_parameter.producer_task)
    for artifact in task.inputs.artifacts.values():
        if artifact.HasField("task_output_artifact"):
            producers.append(artifact.task_output_artifact.producer_task)
    for producer in producers:
        if producer not in known:
            raise UserError(
                f"the task {name} waits for {producer}, which the package does not have",
                code="unknown-producer",
            )
    return tuple(sorted(set(producers)))


def _order(tasks: dict[str, PlannedTask]) -> list[str]:
    """Tasks after what they wait for; first those for which the longest chain waits.

    A package is a map: it has no order of its own, and this one is always the same.
    """
    sorter = graphlib.TopologicalSorter({name: task.upstream for name, task in tasks.items()})
    try:
        waiting_for = list(sorter.static_order())
    except graphlib.CycleError as error:
        raise UserError(
            "tasks of the package wait for one another in a circle",
            evidence=[" -> ".join(error.args[1])],
            code="circle",
        ) from None
    # The number of tasks in the longest chain that starts with each.
    chain = dict.fromkeys(waiting_for, 1)
    for name in reversed(waiting_for):
        for upstream in tasks[name].upstream:
            chain[upstream] = max(chain[upstream], chain[name] + 1)
    return sorted(chain, key=lambda name: (-chain[name], name))


def _named(tasks: dict[str, PlannedTask], order: list[str]) -> tuple[PlannedTask, ...]:
    """Calls tasks by their TFX nodes, unless two would have one name."""
    ids = {name: _node_argument(task.words) or name for name, task in tasks.items()}
    if len(set(ids.values())) < len(ids):
        ids = {name: name for name in ids}
    return tuple(dataclasses.replace(tasks[name], node_id=ids[name]) for name in order)


def _node_argument(words: tuple[str, ...]) -> str:
    for flag, value in itertools.pairwise(words):
        if flag == "--node" and not value.startswith("{{"):
            return value
    return ""
