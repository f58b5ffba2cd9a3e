"""Task graphs made by hand, with everything that a renderer may meet."""

from __future__ import annotations

import dataclasses
import json
import re

from kubeflow.graph.task_graph import (
    OutputPath,
    ParameterValue,
    Resources,
    RunId,
    SecretVariable,
    Task,
    TaskGraph,
    TaskOutput,
    Toleration,
    Volume,
)
from pipeline.configuration.parameters import RunParameter

PARAMETERS = (
    RunParameter("data.span", "integer", True, None, "The span to train on.", lower=0),
    RunParameter("trainer.train_steps", "integer", False, 600, "Steps.", lower=1, upper=10**8),
    RunParameter(
        "trainer.learning_rate",
        "double",
        False,
        0.001,
        "Step size.",
        lower=0,
        upper=1,
        lower_open=True,
    ),
    RunParameter("gate.strict", "boolean", False, True, "Stop at once?"),
    RunParameter("data.note", "string", False, 'it\'s "new"', "A word about the data."),
)
CONFIGURATION = json.dumps({"name": "taxi", "data": {"path": "trips/{SPAN}"}}, sort_keys=True)
# What Argo, Jinja and Kubernetes would each read as their own.
DIFFICULT = json.dumps(
    {
        "pattern": "{{SPAN}} {{{ {% raw %} {# no #} }}",
        "price": "^\\$$(HOME) $$ costs",
        "text": 'é 😀 "quoted" it\'s \\ \r\n',
    },
    ensure_ascii=False,
)


def as_kubelet(text: str) -> str:
    """What Kubernetes makes of an argument where HOME is an environment variable."""
    environment = {"HOME": "expanded"}
    return re.sub(
        r"\$(\$|\((\w+)\))",
        lambda match: "$" if match[1] == "$" else environment.get(match[2], match[0]),
        text,
    )


VOLUME = Volume("mill.race", "/mnt/millrace")


def made_task(node_id: str, name: str, *upstream: str, **changes: object) -> Task:
    task = Task(
        node_id=node_id,
        name=name,
        upstream=upstream,
        image="registry/millrace:0.1.0",
        command=("python", "-m", "kubeflow.entrypoint"),
        arguments=(
            *("--node", node_id, "--run-id", RunId(), "--configuration", CONFIGURATION),
            *("--set", "data.span", ParameterValue("data.span")),
            *("--set", "trainer.train_steps", ParameterValue("trainer.train_steps")),
            *("--set", "trainer.learning_rate", ParameterValue("trainer.learning_rate")),
            *("--set", "gate.strict", ParameterValue("gate.strict")),
            *("--set", "data.note", ParameterValue("data.note")),
        ),
        output_arguments=("--output", "report", "system.HTML", OutputPath("report")),
        outputs=(TaskOutput("report", "system.HTML"),),
        volumes=(VOLUME,),
    )
    return dataclasses.replace(task, **changes)


def made_graph(*tasks: Task, **changes: object) -> TaskGraph:
    trainer = made_task(
        "Trainer",
        "trainer",
        "ExampleGen",
        "StatisticsGen",
        arguments=("--node", "Trainer", "--configuration", DIFFICULT, "", "a.json", "--dry"),
        resources=Resources("500m", "4Gi", "nvidia.com/gpu", 2),
        retries=2,
        timeout_seconds=3600,
        node_selector=(("disk", "ssd"),),
        tolerations=(
            Toleration("gpu", "Equal", "yes", "NoSchedule"),
            Toleration(operator="Exists"),
        ),
        environment=(("TF_USE_LEGACY_KERAS", "0"), ("PROMPT", "$(HOME)")),
        secrets=(SecretVariable("MILLRACE_METADATA_PASSWORD", "millrace-metadata", "password"),),
    )
    all_tasks = tasks or (
        made_task("ExampleGen", "example-gen"),
        made_task("StatisticsGen", "statistics-gen", "ExampleGen"),
        trainer,
    )
    graph = TaskGraph(
        name="taxi",
        description="Tips, from what's known about a trip.",
        tasks=all_tasks,
        parameters=PARAMETERS,
        service_account="pipeline-runner",
        version="0.1.0",
    )
    return dataclasses.replace(graph, **changes)
