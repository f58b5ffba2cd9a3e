"""Renders a task graph as an Argo Workflow or WorkflowTemplate."""

from __future__ import annotations

from typing import Any, Literal

import yaml

from kubeflow.graph.pod_resources import limits, requests, toleration_fields
from kubeflow.graph.pod_text import default_text, described, unexpanded
from kubeflow.graph.task_graph import Resources, Task, TaskGraph
from kubeflow.renderers.argo import arguments
from kubeflow.renderers.argo.checker import check_workflow
from pipeline.configuration.parameters import RunParameter

Kind = Literal["Workflow", "WorkflowTemplate"]
ENTRYPOINT = "pipeline"


def workflow(graph: TaskGraph, kind: Kind = "Workflow") -> dict[str, Any]:
    """The graph as a Kubernetes object of Argo Workflows.

    The run id is the workflow's uid, so that tries of one run are one run. What only the
    Kubeflow interface draws is left out.

    Args:
      graph: The pipeline.
      kind: ``Workflow`` starts when it is created; ``WorkflowTemplate`` waits to be
        submitted, with a form for the parameters.

    Returns:
      Plain dictionaries, lists and texts, checked by Argo's own rules.

    Raises:
      errors.UserError: If Argo would refuse it; the node is named.
    """
    arguments.check_parameter_names(graph.parameters)
    name = {"generateName": f"{graph.name}-"} if kind == "Workflow" else {"name": graph.name}
    claims = _claims(graph)
    spec: dict[str, Any] = {
        "entrypoint": ENTRYPOINT,
        "serviceAccountName": graph.service_account,
        "arguments": {"parameters": [_parameter(item) for item in graph.parameters]},
        "volumes": [
            {"name": volume, "persistentVolumeClaim": {"claimName": claim}}
            for claim, volume in claims.items()
        ],
        "templates": [_dag(graph), *(_template(task, claims) for task in graph.tasks)],
    }
    manifest = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": kind,
        "metadata": {
            **name,
            "labels": {
                "app.kubernetes.io/name": graph.name,
                "app.kubernetes.io/managed-by": "millrace",
            },
            "annotations": _given(
                {
                    "workflows.argoproj.io/description": graph.description,
                    "millrace/version": graph.version,
                }
            ),
        },
        "spec": _given(spec),
    }
    check_workflow(manifest)
    return manifest


def workflow_text(manifest: dict[str, Any]) -> str:
    """The object as YAML; the same object gives the same bytes."""
    return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """The values that are not empty."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}


def _parameter(parameter: RunParameter) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": arguments.parameter_name(parameter.name),
        "value": default_text(parameter),
        "description": described(parameter),
    }
    if parameter.type == "boolean":
        entry["enum"] = ["true", "false"]
        if parameter.optional:
            entry["enum"].append("")
    return entry


def _claims(graph: TaskGraph) -> dict[str, str]:
    """The volume's name in the workflow by the claim's name."""
    claims = dict.fromkeys(volume.claim for task in graph.tasks for volume in task.volumes)
    return {claim: f"claim-{number}" for number, claim in enumerate(claims, 1)}


def _dag(graph: TaskGraph) -> dict[str, Any]:
    names = {task.node_id: task.name for task in graph.tasks}
    tasks = [
        _given(
            {
                "name": task.name,
                "template": task.name,
                "dependencies": [names.get(node, node) for node in task.upstream],
            }
        )
        for task in graph.tasks
    ]
    return {"name": ENTRYPOINT, "dag": {"tasks": tasks}}


def _template(task: Task, claims: dict[str, str]) -> dict[str, Any]:
    retry = {"limit": str(task.retries), "retryPolicy": "Always"} if task.retries else None
    deadline = None if task.timeout_seconds is None else str(task.timeout_seconds)
    return _given(
        {
            "name": task.name,
            "retryStrategy": retry,
            # Of one try: Argo hands it to the pod.
            "activeDeadlineSeconds": deadline,
            "nodeSelector": dict(task.node_selector),
            "tolerations": [toleration_fields(item) for item in task.tolerations],
            "container": _container(task, claims),
        }
    )


def _container(task: Task, claims: dict[str, str]) -> dict[str, Any]:
    environment = [
        {"name": name, "value": unexpanded(value)} for name, value in task.environment
    ] + [
        {
            "name": secret.variable,
            "valueFrom": {"secretKeyRef": {"name": secret.secret, "key": secret.key}},
        }
        for secret in task.secrets
    ]
    return _given(
        {
            "image": task.image,
            "command": [unexpanded(word) for word in task.command],
            "args": arguments.arguments(task),
            "env": environment,
            "resources": _resources(task.resources),
            "volumeMounts": [
                {"name": claims[volume.claim], "mountPath": volume.path} for volume in task.volumes
            ],
        }
    )


def _resources(resources: Resources) -> dict[str, Any]:
    return _given({"requests": requests(resources), "limits": limits(resources)})
