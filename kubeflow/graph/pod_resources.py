"""What a task asks the cluster for, and which machines it may use, in Kubernetes' words."""

from __future__ import annotations

from kubeflow.graph.task_graph import Resources, Toleration


def requests(resources: Resources) -> dict[str, str]:
    """What the machine must have free."""
    asked = {"cpu": resources.cpu, "memory": resources.memory}
    return {name: quantity for name, quantity in asked.items() if quantity is not None}


def limits(resources: Resources) -> dict[str, str]:
    """What the container may not exceed.

    No limit of CPU: it would slow a node down while cores are idle. Kubernetes asks for
    accelerators by their limit.
    """
    found = {} if resources.memory is None else {"memory": resources.memory}
    if resources.accelerator is not None and resources.accelerator_count:
        found[resources.accelerator] = str(resources.accelerator_count)
    return found


def toleration_fields(toleration: Toleration) -> dict[str, str]:
    """The fields of a toleration that say something."""
    fields = {
        "key": toleration.key,
        "operator": toleration.operator,
        "value": toleration.value,
        "effect": toleration.effect,
    }
    return {name: value for name, value in fields.items() if value is not None}
