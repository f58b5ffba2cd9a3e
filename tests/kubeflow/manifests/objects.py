"""Parts of Kubernetes objects that several tests look at."""

from __future__ import annotations

from typing import Any

Objects = list[dict[str, Any]]


def of_kind(objects: Objects, *kinds: str) -> Objects:
    return [item for item in objects if item["kind"] in kinds]


def pods(objects: Objects) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Labels and specification of the pods of every workload."""
    templates = [
        item["spec"]["template"] for item in of_kind(objects, "Job", "StatefulSet", "Deployment")
    ]
    return [(template["metadata"]["labels"], template["spec"]) for template in templates]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """All containers of a pod, those that run first included."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def secret_keys(objects: Objects) -> set[tuple[str, str]]:
    """Names and keys of the secrets that containers see as environment variables."""
    references = [
        item["valueFrom"]["secretKeyRef"]
        for _, pod in pods(objects)
        for container in containers(pod)
        for item in container.get("env", [])
        if "valueFrom" in item
    ]
    return {(reference["name"], reference["key"]) for reference in references}
