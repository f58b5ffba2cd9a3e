"""What holds for every task graph, whatever renders it."""

from __future__ import annotations

from core import errors
from kubeflow.graph.task_graph import ParameterValue, TaskGraph


def check_graph(graph: TaskGraph) -> None:
    """Refuses a graph whose tasks could not run in their order.

    Args:
      graph: The graph.

    Raises:
      errors.InternalError: If a node or name comes twice, a task waits for one that does
        not come before it, or an argument names a parameter that the graph does not have.
        The node is named.
    """
    nodes: set[str] = set()
    names: set[str] = set()
    parameters = {parameter.name for parameter in graph.parameters}
    for task in graph.tasks:
        if task.node_id in nodes or task.name in names:
            raise _broken(f"{task.node_id} ({task.name}) comes twice")
        for upstream in task.upstream:
            if upstream not in nodes:
                raise _broken(f"{task.node_id} waits for {upstream}, which does not come before")
        for argument in task.arguments:
            if isinstance(argument, ParameterValue) and argument.name not in parameters:
                raise _broken(f"{task.node_id} needs the parameter {argument.name}")
        nodes.add(task.node_id)
        names.add(task.name)


def _broken(reason: str) -> errors.InternalError:
    return errors.InternalError(f"the task graph is broken: {reason}", code="task-graph")
