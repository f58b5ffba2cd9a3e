"""TFX compiles the taxi pipeline for Vertex: one run of the command, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# Runs the command, then finds the gate's artifact type as TFX does in a container.
SCRIPT = """
import sys
from cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0, end.code
import kubeflow
print(kubeflow.DataBlessing.TYPE_NAME)
"""


@pytest.fixture(scope="module")
def compiled(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    path = tmp_path_factory.mktemp("vertex") / "job.json"
    command = [
        *(sys.executable, "-c", SCRIPT, "vertex", "compile", "configs/taxi.yaml"),
        *("--image", "me/millrace:1", "--set", "kubeflow.root=gs://bucket/millrace/"),
        *("--data", "gs://bucket/trips/", "--output", str(path), "--json"),
        *("--set", "components.Predictions.component=tfx.components.BulkInferrer"),
        *("--set", "components.Predictions.inputs.examples=ExampleGen.examples"),
        *("--set", "components.Predictions.cache=false"),
    ]
    process = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    facts, _, type_name = process.stdout.strip().rpartition("\n")
    return {
        "facts": json.loads(facts),
        "job": json.loads(path.read_text()),
        "type_name": type_name,
    }


@pytest.fixture(scope="module")
def tasks(compiled: dict) -> dict:
    return compiled["job"]["pipelineSpec"]["root"]["dag"]["tasks"]


def constant(task: dict, name: str) -> str:
    return task["inputs"]["parameters"][name]["runtimeValue"]["constant"]


def test_a_component_may_be_left_out_of_the_cache(tasks: dict) -> None:
    assert tasks["StatisticsGen"]["cachingOptions"] == {"enableCache": True}
    assert "cachingOptions" not in tasks["Predictions"]


def test_every_task_depends_on_tasks_of_the_job(tasks: dict) -> None:
    for name, task in tasks.items():
        producers = {
            item["taskOutputArtifact"]["producerTask"]
            for item in task.get("inputs", {}).get("artifacts", {}).values()
        }
        assert producers | set(task.get("dependentTasks", [])) <= set(tasks), name
    assert "DataGate" in tasks["Transform"]["dependentTasks"]
    assert "LatestHyperparameters" not in tasks


def test_the_gates_artifact_type_can_be_imported_by_its_title(compiled: dict) -> None:
    components = compiled["job"]["pipelineSpec"]["components"]
    output = components["DataGate"]["outputDefinitions"]["artifacts"]["blessing"]

    assert "title: kubeflow.DataBlessing\n" in output["artifactType"]["instanceSchema"]
    assert compiled["type_name"] == "DataBlessing", "found by that name, and not renamed for good"


def test_nothing_of_this_machine_is_in_the_job(
    compiled: dict, tasks: dict, repository: Path
) -> None:
    text = json.dumps(compiled["job"])

    assert str(repository) not in text
    assert "/tmp/" not in text
    assert constant(tasks["ImportSchemaGen"], "schema_file") == "schema/taxi/schema.pbtxt"
    assert "gs://bucket/millrace/serving/taxi" in constant(tasks["Pusher"], "push_destination")
    assert compiled["job"]["runtimeConfig"]["gcsOutputDirectory"] == (
        "gs://bucket/millrace/artifacts"
    )


def test_all_containers_run_the_image(compiled: dict) -> None:
    executors = compiled["job"]["pipelineSpec"]["deploymentSpec"]["executors"].values()

    assert {e["container"]["image"] for e in executors if "container" in e} == {"me/millrace:1"}


def test_the_job_takes_no_parameters_and_the_command_says_so(compiled: dict) -> None:
    assert "inputDefinitions" not in compiled["job"]["pipelineSpec"]["root"]
    assert any("run parameters" in line for line in compiled["facts"]["lost"])
