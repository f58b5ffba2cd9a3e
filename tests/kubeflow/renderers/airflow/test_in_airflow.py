"""Airflow itself imports the DAG file and makes the pods of a run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from kubeflow.renderers.airflow.dag_file import dag_file
from kubeflow.renderers.airflow.options import DagOptions
from tests.kubeflow.made_task_graph import CONFIGURATION, DIFFICULT, as_kubelet, made_graph

RUN_ID = "manual__2026-11-21T07:41:09+00:00"
NOTE = "{{ 7 * 7 }} it's"


@pytest.fixture(scope="module")
def python(repository: Path) -> Path:
    path = Path(os.environ.get("MILLRACE_AIRFLOW_PYTHON", repository / ".airflow/bin/python"))
    if not path.is_file():
        pytest.skip(f"no Airflow at {path}: scripts/make-airflow-environment makes it (10 s)")
    return path


@pytest.fixture(scope="module")
def imported(python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("airflow")
    dags = folder / "dags"
    dags.mkdir()
    options = DagOptions(namespace="millrace", schedule="0 3 * * *")
    (dags / "taxi.py").write_text(dag_file(made_graph(), options))
    request = {
        "run_id": RUN_ID,
        "conf": {
            "trainer.train_steps": 50,
            "data.span": 3,
            "gate.strict": False,
            "data.note": NOTE,
        },
        "bad": [
            {"trainer.train_steps": 0},
            {"trainer.train_steps": "many"},
            {"trainer.learning_rate": 0},
        ],
    }
    process = subprocess.run(
        [python, Path(__file__).with_name("probe.py"), dags, json.dumps(request)],
        # Nothing of ours: the file must be enough.
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    line = next(line for line in process.stdout.splitlines() if line.startswith("RESULT "))
    return json.loads(line.removeprefix("RESULT "))


@pytest.fixture(scope="module")
def dag(imported: dict) -> dict:
    return imported["dags"]["taxi"]


def container(dag: dict, task: str) -> dict:
    return dag["tasks"][task]["pod"]["spec"]["containers"][0]


def test_it_imports_without_errors_or_warnings(imported: dict) -> None:
    assert imported["import_errors"] == {}
    assert imported["warnings"] == []
    assert list(imported["dags"]) == ["taxi"]


def test_tasks_wait_for_one_another(dag: dict) -> None:
    assert {name: task["upstream"] for name, task in dag["tasks"].items()} == {
        "ExampleGen": [],
        "StatisticsGen": ["ExampleGen"],
        "Trainer": ["ExampleGen", "StatisticsGen"],
    }
    assert dag["schedule"] == "0 3 * * *"


def test_parameters_have_types_defaults_bounds_and_descriptions(dag: dict) -> None:
    assert dag["params"]["trainer.train_steps"] == {
        "value": 600,
        "description": "Steps.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 10**8},
    }
    assert dag["params"]["data.span"]["value"] is None
    assert dag["params"]["data.span"]["schema"] == {"type": ["null", "integer"], "minimum": 0}
    assert dag["params"]["trainer.learning_rate"]["schema"] == {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
    }


def test_airflow_refuses_values_of_the_wrong_type_or_out_of_bounds(dag: dict) -> None:
    assert [line.split(": ", 1)[1] for line in dag["refusals"]] == [
        "0 is less than the minimum of 1",
        "'many' is not of type 'integer'",
        "0 is less than or equal to the minimum of 0.0",
    ]


def test_a_program_sees_run_id_configuration_and_values(dag: dict) -> None:
    assert container(dag, "StatisticsGen")["args"] == [
        *("--node", "StatisticsGen", "--run-id", "taxi-manual__2026-11-21T07-41-09-00-00"),
        *("--configuration", CONFIGURATION),
        *("--set", "data.span", "3", "--set", "trainer.train_steps", "50"),
        *("--set", "trainer.learning_rate", "0.001", "--set", "gate.strict", "False"),
        *("--set", "data.note", NOTE),
    ]


def test_jinja_and_kubernetes_change_no_literal(dag: dict) -> None:
    arguments = container(dag, "Trainer")["args"]

    assert as_kubelet(arguments[3]) == DIFFICULT
    assert arguments[4:] == ["", "a.json", "--dry"]


def test_a_task_keeps_its_pod(dag: dict) -> None:
    spec = dag["tasks"]["Trainer"]["pod"]["spec"]

    assert container(dag, "Trainer")["image"] == "registry/millrace:0.1.0"
    assert container(dag, "Trainer")["command"] == ["python", "-m", "kubeflow.entrypoint"]
    assert container(dag, "Trainer")["resources"] == {
        "requests": {"cpu": "500m", "memory": "4Gi"},
        "limits": {"memory": "4Gi", "nvidia.com/gpu": "2"},
    }
    assert container(dag, "Trainer")["env"] == [
        {"name": "TF_USE_LEGACY_KERAS", "value": "0"},
        {"name": "PROMPT", "value": "$$(HOME)"},
        {
            "name": "MILLRACE_METADATA_PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": "millrace-metadata", "key": "password"}},
        },
    ]
    assert spec["nodeSelector"] == {"disk": "ssd"}
    assert spec["tolerations"][0] == {
        "key": "gpu",
        "operator": "Equal",
        "value": "yes",
        "effect": "NoSchedule",
    }
    assert spec["volumes"] == [
        {"name": "claim-1", "persistentVolumeClaim": {"claimName": "mill.race"}}
    ]
    assert spec["serviceAccountName"] == "pipeline-runner"
    assert dag["tasks"]["Trainer"]["pod"]["metadata"]["namespace"] == "millrace"


def test_a_task_keeps_its_retries_and_its_timeout(dag: dict) -> None:
    assert [(task["retries"], task["timeout"]) for task in dag["tasks"].values()] == [
        (0, None),
        (0, None),
        (2, 3600),
    ]
