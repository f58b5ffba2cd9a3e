"""The task graph as an Argo Workflow, checked against Argo's published schema."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from core import errors
from kubeflow.graph.task_graph import ExecutorOutput
from kubeflow.renderers.argo.workflow import workflow, workflow_text
from pipeline.configuration.parameters import RunParameter
from tests.kubeflow.made_task_graph import (
    CONFIGURATION,
    DIFFICULT,
    as_kubelet,
    made_graph,
    made_task,
)

SCHEMA = json.loads((Path(__file__).parent / "workflow_schema.json").read_text())


def check_schema(manifest: dict) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(manifest)


def template(manifest: dict, name: str) -> dict:
    return next(item for item in manifest["spec"]["templates"] if item["name"] == name)


def started(manifest: dict, name: str, **given: str) -> list[str]:
    """The arguments that a container's program sees, as Argo and the kubelet make them."""
    values = {p["name"]: p["value"] for p in manifest["spec"]["arguments"]["parameters"]}
    known = {f"workflow.parameters.{key}": value for key, value in {**values, **given}.items()}
    known["workflow.uid"] = "b5c1-uid"

    def argo(text: str) -> str:
        return re.sub(r"\{\{(.*?)\}\}", lambda match: known[match[1]], text)

    container = template(manifest, name)["container"]
    return [as_kubelet(argo(argument)) for argument in container["args"]]


@pytest.mark.parametrize("kind", ["Workflow", "WorkflowTemplate"])
def test_argos_published_schema_accepts_it(kind: Any) -> None:
    check_schema(workflow(made_graph(), kind))


def test_the_schema_refuses_what_argo_does_not_know() -> None:
    manifest = workflow(made_graph())
    template(manifest, "trainer")["container"]["arguments"] = []

    with pytest.raises(jsonschema.ValidationError):
        check_schema(manifest)


def test_a_workflow_gets_a_generated_name_and_a_template_keeps_its_own() -> None:
    assert workflow(made_graph())["metadata"]["generateName"] == "taxi-"
    assert workflow(made_graph(), "WorkflowTemplate")["metadata"]["name"] == "taxi"


def test_tasks_depend_on_one_another_by_their_names() -> None:
    tasks = template(workflow(made_graph()), "pipeline")["dag"]["tasks"]

    assert [(task["name"], task.get("dependencies", [])) for task in tasks] == [
        ("example-gen", []),
        ("statistics-gen", ["example-gen"]),
        ("trainer", ["example-gen", "statistics-gen"]),
    ]


def test_parameters_have_defaults_descriptions_and_bounds() -> None:
    parameters = workflow(made_graph())["spec"]["arguments"]["parameters"]

    assert {item["name"]: item["value"] for item in parameters} == {
        "data-span": "",
        "trainer-train_steps": "600",
        "trainer-learning_rate": "0.001",
        "gate-strict": "true",
        "data-note": 'it\'s "new"',
    }
    assert parameters[1]["description"] == "Steps. (integer, >= 1, <= 1e+08)"
    assert parameters[3]["enum"] == ["true", "false"]


def test_a_program_sees_run_id_configuration_and_values() -> None:
    seen = started(
        workflow(made_graph()), "statistics-gen", **{"trainer-train_steps": "50", "data-span": "3"}
    )

    assert seen[:6] == [
        *("--node", "StatisticsGen", "--run-id", "b5c1-uid", "--configuration"),
        CONFIGURATION,
    ]
    assert seen[6:12] == ["--set", "data.span", "3", "--set", "trainer.train_steps", "50"]


def test_neither_argo_nor_kubernetes_changes_a_literal() -> None:
    seen = started(workflow(made_graph()), "trainer")

    assert json.loads(seen[3]) == json.loads(DIFFICULT)
    assert seen[4:] == ["", "a.json", "--dry"]


def test_the_text_is_yaml_that_reads_back_and_does_not_change() -> None:
    manifest = workflow(made_graph())

    assert yaml.safe_load(workflow_text(manifest)) == manifest
    assert workflow_text(manifest) == workflow_text(workflow(made_graph()))


def test_a_task_keeps_its_pod() -> None:
    trainer = template(workflow(made_graph()), "trainer")
    container = trainer["container"]

    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "4Gi"},
        "limits": {"memory": "4Gi", "nvidia.com/gpu": "2"},
    }
    assert container["env"] == [
        {"name": "TF_USE_LEGACY_KERAS", "value": "0"},
        {"name": "PROMPT", "value": "$$(HOME)"},
        {
            "name": "MILLRACE_METADATA_PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": "millrace-metadata", "key": "password"}},
        },
    ]
    assert trainer["retryStrategy"] == {"limit": "2", "retryPolicy": "Always"}
    assert trainer["activeDeadlineSeconds"] == "3600"
    assert trainer["nodeSelector"] == {"disk": "ssd"}
    assert trainer["tolerations"] == [
        {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
        {"operator": "Exists"},
    ]


def test_a_claim_is_one_volume_that_every_task_mounts() -> None:
    spec = workflow(made_graph())["spec"]

    assert spec["volumes"] == [
        {"name": "claim-1", "persistentVolumeClaim": {"claimName": "mill.race"}}
    ]
    mounts = [item["container"]["volumeMounts"] for item in spec["templates"][1:]]
    assert mounts == [[{"name": "claim-1", "mountPath": "/mnt/millrace"}]] * 3
    assert spec["serviceAccountName"] == "pipeline-runner"


def test_braces_outside_json_are_refused_with_the_node() -> None:
    task = made_task("Pusher", "pusher", arguments=("--label", "{{workflow.name}}"))

    with pytest.raises(errors.UserError, match=r"an argument of Pusher holds \{\{") as caught:
        workflow(made_graph(task))
    assert caught.value.code == "argo-variable"


def test_two_parameters_with_one_name_in_argo_are_refused() -> None:
    twins = tuple(RunParameter(name, "string", False, "", "") for name in ("a.b", "a-b"))

    with pytest.raises(errors.UserError, match=r"a\.b and a-b would be one parameter"):
        workflow(made_graph(made_task("A", "a", arguments=()), parameters=twins))


def test_arguments_for_drawn_outputs_do_not_belong_here() -> None:
    task = made_task("A", "a", arguments=(ExecutorOutput(),))

    with pytest.raises(errors.InternalError, match="draws no outputs: A"):
        workflow(made_graph(task))


def test_a_dependency_that_does_not_exist_is_refused() -> None:
    graph = made_graph()
    broken = dataclasses.replace(graph, tasks=graph.tasks[1:])

    with pytest.raises(errors.UserError, match="statistics-gen depends on ExampleGen"):
        workflow(broken)
