"""The second document of a package: what only Kubernetes knows.

Fields and their meaning: ``kubernetes_platform/proto/kubernetes_executor_config.proto`` of
KFP. The Python package of that proto is not needed: the document is written as its JSON
form, names with their deprecated twins as KFP's own SDK writes them.
"""

from __future__ import annotations

from typing import Any

from kubeflow.graph.pod_resources import toleration_fields
from kubeflow.graph.task_graph import SecretVariable, Task, TaskGraph, Volume


def executor_label(task: Task) -> str:
    """The key of a task's container among the executors."""
    return f"exec-{task.name}"


def platform_document(graph: TaskGraph) -> dict[str, Any] | None:
    """The platform document, None where no task needs one.

    Args:
      graph: The pipeline.
    """
    executors = {
        executor_label(task): settings for task in graph.tasks if (settings := _settings(task))
    }
    if not executors:
        return None
    return {"platforms": {"kubernetes": {"deploymentSpec": {"executors": executors}}}}


def _settings(task: Task) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if task.secrets:
        settings["secretAsEnv"] = [_secret(item) for item in task.secrets]
    if task.volumes:
        settings["pvcMount"] = [_mount(item) for item in task.volumes]
    if task.node_selector:
        settings["nodeSelector"] = {"labels": dict(task.node_selector)}
    if task.tolerations:
        settings["tolerations"] = [toleration_fields(item) for item in task.tolerations]
    if task.timeout_seconds is not None:
        # An int64, which protobuf's JSON writes as text.
        settings["activeDeadlineSeconds"] = str(task.timeout_seconds)
    return settings


def _secret(secret: SecretVariable) -> dict[str, Any]:
    return {
        "secretName": secret.secret,
        "secretNameParameter": _constant(secret.secret),
        "keyToEnv": [{"secretKey": secret.key, "envVar": secret.variable}],
        "optional": False,
    }


def _mount(volume: Volume) -> dict[str, Any]:
    return {
        "constant": volume.claim,
        "pvcNameParameter": _constant(volume.claim),
        "mountPath": volume.path,
    }


def _constant(value: str) -> dict[str, Any]:
    return {"runtimeValue": {"constant": value}}
