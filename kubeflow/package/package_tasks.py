"""The tasks of a package: which TFX node each is, and what it waits for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubeflow.package.package import Package


@dataclasses.dataclass(frozen=True)
class PackageTask:
    """One task.

    Attributes:
      name: Its name in the package, such as ``statistics-gen``.
      node_id: The TFX node, such as ``StatisticsGen``; the name where none is known.
      upstream: The nodes that it waits for.
    """

    name: str
    node_id: str
    upstream: tuple[str, ...] = ()


def task_arguments(package: Package) -> dict[str, list[str]]:
    """The containers' arguments, by the task's name."""
    from google.protobuf import json_format

    return _arguments(json_format.MessageToDict(package.spec))


def package_tasks(spec: Mapping[str, Any] | None) -> tuple[PackageTask, ...]:
    """The tasks of a pipeline spec as the server keeps it, in an order in which they run.

    Args:
      spec: The spec as JSON has it; with a platform document the server keeps both in
        one object. None, or something else, has no tasks.

    Returns:
      A task for each task of the pipeline; nested pipelines count as one.
    """
    spec = _bare(spec)
    tasks = spec.get("root", {}).get("dag", {}).get("tasks", {})
    arguments = _arguments(spec)
    node_ids = {name: _node_id(name, arguments.get(name, [])) for name in tasks}
    upstream = {
        name: [item for item in task.get("dependentTasks", []) if item in tasks]
        for name, task in tasks.items()
    }
    return tuple(
        PackageTask(name, node_ids[name], tuple(node_ids[item] for item in upstream[name]))
        for name in _sorted(upstream)
    )


def _bare(spec: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if not isinstance(spec, Mapping):
        return {}
    inner = spec.get("pipeline_spec", spec.get("pipelineSpec"))
    return inner if isinstance(inner, Mapping) else spec


def _arguments(spec: Mapping[str, Any]) -> dict[str, list[str]]:
    executors = spec.get("deploymentSpec", {}).get("executors", {})
    components = spec.get("components", {})
    found = {}
    for name, task in spec.get("root", {}).get("dag", {}).get("tasks", {}).items():
        component = components.get(task.get("componentRef", {}).get("name"), {})
        executor = executors.get(component.get("executorLabel"), {})
        found[name] = [_expanded(item) for item in executor.get("container", {}).get("args", [])]
    return found


def _expanded(text: str) -> str:
    """What the program sees, `kubeflow.graph.pod_text.unexpanded` undone."""
    return str(text).replace("$$", "$")


def _node_id(name: str, arguments: list[str]) -> str:
    if "--node" in arguments[:-1]:
        return arguments[arguments.index("--node") + 1]
    return name


def _sorted(upstream: Mapping[str, list[str]]) -> list[str]:
    # A package is a map of tasks: it has no order of its own.
    order: list[str] = []
    waiting = sorted(upstream)
    while waiting:
        ready = [name for name in waiting if all(item in order for item in upstream[name])]
        # A cycle: the server would have refused it; show the rest as it stands.
        order += ready or waiting
        waiting = [name for name in waiting if name not in order]
    return order
