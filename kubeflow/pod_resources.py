"""What a task asks the cluster for, as requests and limits of its container."""

from __future__ import annotations

from kubeflow.task_graph import Resources


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
