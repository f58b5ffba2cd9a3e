"""A rendered package says what the task graph says, in Kubeflow's words."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from google.protobuf import json_format
from hypothesis import strategies

from kubeflow.graph.compilation import Compilation, compile_graph
from kubeflow.graph.task_graph import ExecutorOutput, OutputPath, ParameterValue, RunId, TaskGraph
from kubeflow.package.checker import problems
from kubeflow.package.package import package_text, parse_package
from kubeflow.renderers.kfp.pipeline import render
from kubeflow.renderers.kfp.placeholders import rendered
from pipeline.configuration.parameters import run_parameters
from tests.kubeflow.made_task_graph import as_kubelet, made_graph, made_task


def _spec(graph: TaskGraph) -> dict[str, Any]:
    return json_format.MessageToDict(render(graph).spec)


def _container(graph: TaskGraph, name: str) -> dict[str, Any]:
    return _spec(graph)["deploymentSpec"]["executors"][f"exec-{name}"]["container"]


def _platform(graph: TaskGraph, name: str) -> dict[str, Any]:
    platform = render(graph).platform
    assert platform is not None
    return platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"][f"exec-{name}"]


def test_the_taxi_package_breaks_no_rule(taxi: Compilation) -> None:
    assert problems(render(taxi.graph)) == []


def test_tasks_have_the_name_that_the_interface_looks_for(taxi: Compilation) -> None:
    tasks = _spec(taxi.graph)["root"]["dag"]["tasks"]

    assert sorted(tasks) == sorted(task.name for task in taxi.graph.tasks)
    assert all(task["taskInfo"]["name"] == key for key, task in tasks.items())


def test_dependencies_are_those_of_the_graph(taxi: Compilation) -> None:
    tasks = _spec(taxi.graph)["root"]["dag"]["tasks"]
    names = {task.node_id: task.name for task in taxi.graph.tasks}

    for task in taxi.graph.tasks:
        found = tasks[task.name].get("dependentTasks", [])
        assert found == sorted(names[node_id] for node_id in task.upstream)


def test_kubeflow_does_not_cache(taxi: Compilation) -> None:
    for task in _spec(taxi.graph)["root"]["dag"]["tasks"].values():
        assert not task["cachingOptions"].get("enableCache", False)


def test_every_run_parameter_is_an_input_with_type_default_and_description(
    taxi: Compilation,
) -> None:
    inputs = _spec(taxi.graph)["root"]["inputDefinitions"]["parameters"]

    assert set(inputs) == {item.name for item in run_parameters(taxi.loaded.configuration)}
    assert inputs["trainer.train_steps"]["parameterType"] == "NUMBER_INTEGER"
    assert inputs["trainer.train_steps"]["defaultValue"] == 600
    assert "(integer, >= 1" in inputs["trainer.train_steps"]["description"]
    assert inputs["trainer.learning_rate"]["parameterType"] == "NUMBER_DOUBLE"


def test_a_parameter_that_may_be_empty_is_text() -> None:
    inputs = _spec(made_graph())["root"]["inputDefinitions"]["parameters"]

    assert inputs["data.span"]["parameterType"] == "STRING"
    assert inputs["data.span"]["defaultValue"] == ""
    assert inputs["gate.strict"] == {
        "parameterType": "BOOLEAN",
        "defaultValue": True,
        "description": "Stop at once? (boolean)",
    }


def test_each_task_is_given_the_values_and_the_id_of_the_run(taxi: Compilation) -> None:
    spec = _spec(taxi.graph)
    parameters = set(spec["root"]["inputDefinitions"]["parameters"])
    for task in spec["root"]["dag"]["tasks"].values():
        given = dict(task["inputs"]["parameters"])
        run_id = given.pop("run_id")
        assert run_id == {"runtimeValue": {"constant": "{{$.pipeline_job_uuid}}"}}
        assert given == {name: {"componentInputParameter": name} for name in parameters}


def test_placeholders_are_those_that_the_launcher_fills_in() -> None:
    assert rendered(RunId()) == "{{$.inputs.parameters['run_id']}}"
    assert rendered(ParameterValue("trainer.train_steps")) == (
        "{{$.inputs.parameters['trainer.train_steps']}}"
    )
    assert rendered(OutputPath("report")) == "{{$.outputs.artifacts['report'].path}}"
    # The launcher has no placeholder for the output file: it is in the whole input.
    assert rendered(ExecutorOutput()) == "{{$}}"


@hypothesis.given(strategies.from_regex(r"[a-z_]+(\.[a-z0-9_-]+){0,4}", fullmatch=True))
def test_the_driver_finds_a_name_with_dots_in_its_placeholder(name: str) -> None:
    # The expression of the driver, backend/src/v2/driver/util.go of KFP 2.17.
    driver = r"\{\{\$\.inputs\.parameters\['(.+?)']}}"

    found = re.fullmatch(driver, rendered(ParameterValue(name)))

    assert found is not None
    assert found[1] == name


@pytest.mark.parametrize("text", ["plain", "$(HOME)", "$$", "a$b", '{"price": "^\\\\$"}'])
def test_kubernetes_leaves_arguments_as_they_are(text: str) -> None:
    assert as_kubelet(rendered(text)) == text


def test_resources_are_exact_and_cpu_is_not_limited() -> None:
    resources = _container(made_graph(), "trainer")["resources"]

    assert resources == {
        "cpuRequest": 0.5,
        "memoryRequest": 4.294967296,
        "memoryLimit": 4.294967296,
        "accelerator": {"type": "nvidia.com/gpu", "count": "2"},
    }
    assert "resources" not in _container(made_graph(), "example-gen")


def test_retries_outlast_a_long_first_try() -> None:
    tasks = _spec(made_graph())["root"]["dag"]["tasks"]

    policy = tasks["trainer"]["retryPolicy"]
    assert policy["maxRetryCount"] == 2
    # Argo counts from the start of the first try and stops every try after it.
    assert int(policy["backoffMaxDuration"].removesuffix("s")) > 24 * 3600
    assert "retryPolicy" not in tasks["example-gen"]


def test_the_platform_document_holds_what_only_kubernetes_knows() -> None:
    settings = _platform(made_graph(), "trainer")

    assert settings["secretAsEnv"] == [
        {
            "secretName": "millrace-metadata",
            "secretNameParameter": {"runtimeValue": {"constant": "millrace-metadata"}},
            "keyToEnv": [{"secretKey": "password", "envVar": "MILLRACE_METADATA_PASSWORD"}],
            "optional": False,
        }
    ]
    assert settings["pvcMount"][0]["mountPath"] == "/mnt/millrace"
    assert settings["nodeSelector"] == {"labels": {"disk": "ssd"}}
    assert settings["tolerations"] == [
        {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
        {"operator": "Exists"},
    ]
    assert settings["activeDeadlineSeconds"] == "3600"


def test_there_is_no_platform_document_where_nothing_is_asked_for() -> None:
    graph = made_graph(made_task("ExampleGen", "example-gen", volumes=()))

    assert render(graph).platform is None
    assert package_text(render(graph)).count("\n---\n") == 0


def test_outputs_have_the_types_that_the_interface_draws(taxi: Compilation) -> None:
    outputs = _spec(taxi.graph)["components"]["comp-evaluator"]["outputDefinitions"]["artifacts"]

    assert {name: output["artifactType"]["schemaTitle"] for name, output in outputs.items()} == {
        "report": "system.HTML",
        "metrics": "system.Metrics",
        "classification": "system.ClassificationMetrics",
    }


def test_the_same_graph_gives_the_same_bytes(taxi: Compilation) -> None:
    again = dataclasses.replace(taxi.graph)

    assert package_text(render(again)) == package_text(render(taxi.graph))


def test_no_password_gets_into_a_package(
    compile_taxi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_METADATA_PASSWORD", "correct-horse")

    text = package_text(render(compile_taxi(profile="kubeflow").graph))

    assert "MILLRACE_METADATA_PASSWORD" in text
    assert "correct-horse" not in text


def test_kubeflows_own_sdk_reads_the_package(taxi: Compilation) -> None:
    from kfp import components

    text = package_text(render(taxi.graph))
    component = components.load_component_from_text(text)

    inputs = component.component_spec.inputs
    assert component.name == "taxi"
    assert component.description == taxi.graph.description
    parameters = {item.name: item for item in taxi.graph.parameters}
    assert set(inputs) == set(parameters)
    for name, found in inputs.items():
        parameter = parameters[name]
        kind = "string" if parameter.default is None else parameter.type
        assert found.type == {"double": "Float"}.get(kind, kind.capitalize())
        assert found.optional
        assert found.default == ("" if parameter.default is None else parameter.default)


def test_a_package_is_read_as_it_was_written(taxi: Compilation) -> None:
    package = render(taxi.graph)

    assert parse_package(package_text(package)) == package


def test_rendering_needs_no_tensorflow_and_no_time(repository: Path) -> None:
    program = (
        "import sys, time\n"
        "started = time.process_time()\n"
        "from tests.kubeflow.made_task_graph import made_graph\n"
        "from kubeflow.package.checker import problems\n"
        "from kubeflow.renderers.kfp.pipeline import render\n"
        "from kubeflow.package.package import package_text\n"
        "graph = made_graph()\n"
        "package = render(graph)\n"
        "problems(package)\n"
        "package_text(package)\n"
        "print(time.process_time() - started, *sorted(sys.modules))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    seconds, *modules = ended.stdout.split()
    assert float(seconds) < 3
    heavy = {"tensorflow", "tfx", "apache_beam", "kubernetes", "ml_metadata", "numpy"}
    assert not heavy & set(modules)


def test_a_regression_without_a_curated_schema(tmp_path: Path, compiled_root: Path) -> None:
    path = tmp_path / "fares.yaml"
    path.write_text(
        "name: fares\nlabel: fare\ntask: regression\nfeatures: {trip_miles: numeric}\n"
        "data: {path: /mnt/millrace/trips/}\nkubeflow: {image: millrace:dev}\n"
    )
    spec = _spec(compile_graph(path, root=compiled_root).graph)

    outputs = spec["components"]["comp-evaluator"]["outputDefinitions"]["artifacts"]
    assert sorted(outputs) == ["metrics", "report"]
    assert "schema-gen" in spec["root"]["dag"]["tasks"]
