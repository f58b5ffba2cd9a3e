"""One task as a call of Airflow's KubernetesPodOperator."""

from __future__ import annotations

from core import errors
from kubeflow.graph.pod_resources import limits, requests, toleration_fields
from kubeflow.graph.task_graph import Argument, ParameterValue, RunId, Task, TaskGraph
from kubeflow.renderers.airflow.options import DagOptions
from kubeflow.renderers.airflow.source import Call, Name, given
from kubeflow.renderers.airflow.templating import RUN_ID, literal, value
from pipeline.configuration.parameters import RunParameter

# Airflow gives a pod two minutes, its image included; ours has gigabytes.
_STARTUP_SECONDS = 1800


def operator(task: Task, graph: TaskGraph, options: DagOptions, texts: dict[str, str]) -> Call:
    """The call that makes the task's KubernetesPodOperator.

    Args:
      task: One of the graph's tasks.
      graph: The graph.
      options: What only Airflow needs to know.
      texts: Names of long literal arguments that stand elsewhere in the file.

    Raises:
      errors.InternalError: If an argument means an output, which Airflow does not draw.
    """
    parameters = {parameter.name: parameter for parameter in graph.parameters}
    timeout = None
    if task.timeout_seconds is not None:
        timeout = Call("datetime.timedelta", named={"seconds": task.timeout_seconds})
    mounts = [(f"claim-{number}", item) for number, item in enumerate(task.volumes, 1)]
    return Call(
        "KubernetesPodOperator",
        named={
            "task_id": task.node_id,
            "name": task.name,
            **given({"namespace": options.namespace, "config_file": options.config_file}),
            "image": literal(task.image),
            "cmds": [literal(word) for word in task.command],
            "arguments": [_argument(task, item, parameters, texts) for item in task.arguments],
            **given(
                {
                    "env_vars": _environment(task),
                    "container_resources": _resources(task),
                    "volumes": [_volume(name, volume.claim) for name, volume in mounts],
                    "volume_mounts": [_mount(name, volume.path) for name, volume in mounts],
                    "service_account_name": graph.service_account,
                    "node_selector": {key: literal(text) for key, text in task.node_selector},
                    "tolerations": _tolerations(task),
                }
            ),
            "retries": task.retries,
            **given({"execution_timeout": timeout}),
            "startup_timeout_seconds": _STARTUP_SECONDS,
        },
    )


def _argument(
    task: Task, argument: Argument, parameters: dict[str, RunParameter], texts: dict[str, str]
) -> str | Name:
    if isinstance(argument, str):
        return Name(texts[argument]) if argument in texts else literal(argument)
    if isinstance(argument, RunId):
        return RUN_ID
    if isinstance(argument, ParameterValue):
        return value(argument, parameters[argument.name])
    raise errors.InternalError(
        f"Airflow draws no outputs: {task.node_id} has {argument!r} among its arguments",
        hint="such arguments belong to `output_arguments`",
    )


def _environment(task: Task) -> list[Call]:
    plain = [
        Call("k8s.V1EnvVar", named={"name": name, "value": literal(text)})
        for name, text in task.environment
    ]
    # Not the provider's Secret, which writes the variable in capital letters.
    secret = [
        Call(
            "k8s.V1EnvVar",
            named={
                "name": item.variable,
                "value_from": Call(
                    "k8s.V1EnvVarSource",
                    named={
                        "secret_key_ref": Call(
                            "k8s.V1SecretKeySelector",
                            named={"name": item.secret, "key": item.key},
                        )
                    },
                ),
            },
        )
        for item in task.secrets
    ]
    return plain + secret


def _resources(task: Task) -> Call | None:
    named = given({"requests": requests(task.resources), "limits": limits(task.resources)})
    return Call("k8s.V1ResourceRequirements", named=named) if named else None


def _volume(name: str, claim: str) -> Call:
    source_ = Call("k8s.V1PersistentVolumeClaimVolumeSource", named={"claim_name": claim})
    return Call("k8s.V1Volume", named={"name": name, "persistent_volume_claim": source_})


def _mount(name: str, path: str) -> Call:
    return Call("k8s.V1VolumeMount", named={"name": name, "mount_path": literal(path)})


def _tolerations(task: Task) -> list[Call]:
    return [Call("k8s.V1Toleration", named=toleration_fields(item)) for item in task.tolerations]
