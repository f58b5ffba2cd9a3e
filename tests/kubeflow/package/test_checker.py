"""Each rule of the server is broken once; the part of the package that breaks it is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from core import errors
from kubeflow.graph.compilation import Compilation
from kubeflow.package.checker import check_package, problems
from kubeflow.package.checks import containers
from kubeflow.package.package import Package, package_text, parse_package, read_package
from kubeflow.renderers.kfp.pipeline import render

Breaker = Callable[[dict[str, Any], dict[str, Any]], object]


@pytest.fixture(scope="module")
def sound(compile_taxi: Any) -> Package:
    """A package with all parts: retries, secrets, volumes, timeouts."""
    return render(compile_taxi(profile="kubeflow").graph)


def _task(spec: dict[str, Any], name: str = "trainer") -> dict[str, Any]:
    return spec["root"]["dag"]["tasks"][name]


def _component(spec: dict[str, Any], name: str = "trainer") -> dict[str, Any]:
    return spec["components"][f"comp-{name}"]


def _executors(spec: dict[str, Any]) -> dict[str, Any]:
    return spec["deploymentSpec"]["executors"]


def _container(spec: dict[str, Any], name: str = "trainer") -> dict[str, Any]:
    return _executors(spec)[f"exec-{name}"]["container"]


def _parameters(spec: dict[str, Any]) -> dict[str, Any]:
    return spec["root"]["inputDefinitions"]["parameters"]


def _settings(platform: dict[str, Any], name: str = "trainer") -> dict[str, Any]:
    return platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"][f"exec-{name}"]


def _rename(mapping: dict[str, Any], old: str, new: str) -> None:
    mapping[new] = mapping.pop(old)


BROKEN: dict[str, tuple[str, str, Breaker]] = {
    "an older schema": ("schema-version", "2.0.0", lambda s, p: s.update(schemaVersion="2.0.0")),
    "a pipeline name in capitals": (
        "pipeline-name",
        "Taxi",
        lambda s, p: s["pipelineInfo"].update(name="Taxi"),
    ),
    "no pipeline name": ("pipeline-name", "''", lambda s, p: s["pipelineInfo"].update(name="")),
    "no tasks": ("no-tasks", "pipeline", lambda s, p: s["root"].update(dag={})),
    "artifacts into the root": (
        "root-artifact",
        "model",
        lambda s, p: s["root"]["inputDefinitions"].update(artifacts={"model": {}}),
    ),
    "a parameter with a quote": (
        "parameter-name",
        "it's",
        lambda s, p: _parameters(s).update({"it's": _parameters(s)["data.span"]}),
    ),
    "a parameter without a type": (
        "parameter-type",
        "data.span",
        lambda s, p: _parameters(s)["data.span"].pop("parameterType"),
    ),
    "a parameter without default": (
        "parameter-default",
        "trainer.train_steps",
        lambda s, p: _parameters(s)["trainer.train_steps"].pop("defaultValue"),
    ),
    "a default of another type": (
        "parameter-default",
        "trainer.train_steps",
        lambda s, p: _parameters(s)["trainer.train_steps"].update(defaultValue="600"),
    ),
    "half a step by default": (
        "parameter-default",
        "600.5",
        lambda s, p: _parameters(s)["trainer.train_steps"].update(defaultValue=600.5),
    ),
    "an underscore in a task": (
        "task-name",
        "my_trainer",
        lambda s, p: s["root"]["dag"]["tasks"].update(my_trainer=copy.deepcopy(_task(s))),
    ),
    "a task with the name of a driver": (
        "task-name",
        "trainer-driver",
        lambda s, p: s["root"]["dag"]["tasks"].update(
            {"trainer-driver": {**_task(s), "taskInfo": {"name": "trainer-driver"}}}
        ),
    ),
    "a dot in a component": (
        "component-name",
        "comp.spare",
        lambda s, p: s["components"].update({"comp.spare": copy.deepcopy(_component(s))}),
    ),
    "a display name": (
        "task-info",
        "trainer",
        lambda s, p: _task(s)["taskInfo"].update(name="Trainer"),
    ),
    "negative retries": (
        "retries",
        "trainer",
        lambda s, p: _task(s)["retryPolicy"].update(maxRetryCount=-1),
    ),
    "an unknown dependency": (
        "unknown-dependency",
        "tuner",
        lambda s, p: _task(s)["dependentTasks"].append("tuner"),
    ),
    "a circle": (
        "circle",
        "evaluator",
        lambda s, p: _task(s)["dependentTasks"].append("evaluator"),
    ),
    "a task that waits for itself": (
        "circle",
        "trainer",
        lambda s, p: _task(s)["dependentTasks"].append("trainer"),
    ),
    "an unknown component": (
        "unknown-component",
        "comp-none",
        lambda s, p: _task(s).update(componentRef={"name": "comp-none"}),
    ),
    "an input that nobody gives": (
        "unbound-input",
        "run_id",
        lambda s, p: _task(s)["inputs"]["parameters"].pop("run_id"),
    ),
    "an input that nobody takes": (
        "unknown-input",
        "spare",
        lambda s, p: _task(s)["inputs"]["parameters"].update(
            spare={"componentInputParameter": "data.span"}
        ),
    ),
    "an unknown parameter": (
        "unknown-parameter",
        "data.spam",
        lambda s, p: _task(s)["inputs"]["parameters"]["data.span"].update(
            componentInputParameter="data.spam"
        ),
    ),
    "text for a number": (
        "input-type",
        "trainer.train_steps",
        lambda s, p: _task(s)["inputs"]["parameters"]["trainer.train_steps"].update(
            componentInputParameter="data.span"
        ),
    ),
    "a parameter of Vertex": (
        "unbound-input",
        "run_id",
        lambda s, p: _task(s)["inputs"]["parameters"].update(
            run_id={"runtimeValue": {"runtimeParameter": "x"}}
        ),
    ),
    "an artifact that nobody gives": (
        "unbound-input",
        "examples",
        lambda s, p: _component(s)["inputDefinitions"].update(artifacts={"examples": {}}),
    ),
    "an unknown producer": (
        "unknown-producer",
        "tuner",
        lambda s, p: _task(s)["inputs"]["parameters"].update(
            run_id={"taskOutputParameter": {"producerTask": "tuner", "outputParameterKey": "x"}}
        ),
    ),
    "a producer without that output": (
        "unknown-producer",
        "transform",
        lambda s, p: _task(s)["inputs"]["parameters"].update(
            run_id={"taskOutputParameter": {"producerTask": "transform", "outputParameterKey": "x"}}
        ),
    ),
    "an unknown executor": (
        "unknown-executor",
        "exec-none",
        lambda s, p: _component(s).update(executorLabel="exec-none"),
    ),
    "a resolver": (
        "executor-kind",
        "a resolver",
        lambda s, p: _executors(s).update({"exec-trainer": {"resolver": {}}}),
    ),
    "an importer": (
        "executor-kind",
        "an importer",
        lambda s, p: _executors(s).update({"exec-trainer": {"importer": {}}}),
    ),
    "an unreadable deployment": (
        "deployment-spec",
        "deployment",
        lambda s, p: s.update(deploymentSpec={"executors": {"exec-trainer": 1}}),
    ),
    "no image": ("image", "trainer", lambda s, p: _container(s).update(image="")),
    "no command": ("no-command", "trainer", lambda s, p: _container(s).update(command=[], args=[])),
    "TFX's span driver": (
        "lifecycle",
        "example-gen",
        lambda s, p: _container(s, "example-gen").update(
            lifecycle={"preCacheCheck": {"command": ["driver"]}}
        ),
    ),
    "an argument longer than Linux takes": (
        "argument-size",
        "trainer",
        lambda s, p: _container(s)["args"].append("x" * 128 * 1024),
    ),
    "a placeholder for no input": (
        "placeholder",
        "data.spam",
        lambda s, p: _container(s)["args"].append("{{$.inputs.parameters['data.spam']}}"),
    ),
    "a placeholder for no output": (
        "placeholder",
        "model",
        lambda s, p: _container(s)["args"].append("{{$.outputs.artifacts['model'].path}}"),
    ),
    "a placeholder that only Vertex knows": (
        "placeholder",
        "output_file",
        lambda s, p: _container(s)["args"].append("{{$.outputs.output_file}}"),
    ),
    "a placeholder of Argo": (
        "placeholder",
        "workflow.name",
        lambda s, p: _container(s)["args"].append("{{workflow.name}}"),
    ),
    "a placeholder in a variable": (
        "placeholder",
        "item",
        lambda s, p: _container(s).update(env=[{"name": "A", "value": "{{item}}"}]),
    ),
    "a variable with a blank": (
        "environment",
        "A B",
        lambda s, p: _container(s).update(env=[{"name": "A B", "value": "1"}]),
    ),
    "braces that do not close": (
        "placeholder",
        "trainer",
        lambda s, p: _container(s)["args"].append("{{$.inputs"),
    ),
    "a request above the limit": (
        "resources",
        "memory",
        lambda s, p: _container(s)["resources"].update(memoryRequest=1000.0),
    ),
    "an artifact type of TFX": (
        "artifact-type",
        "tfx.Model",
        lambda s, p: _component(s)["outputDefinitions"]["artifacts"]["report"].update(
            artifactType={"schemaTitle": "tfx.Model"}
        ),
    ),
    "a workflow larger than Argo takes": (
        "workflow-size",
        "exec-trainer",
        lambda s, p: _container(s)["args"].extend(["x" * 100_000] * 11),
    ),
    "another platform": (
        "platform",
        "kubernetes",
        lambda s, p: _rename(p["platforms"], "kubernetes", "gcp"),
    ),
    "no deployment in the platform": (
        "platform",
        "executors",
        lambda s, p: p["platforms"].update(kubernetes={}),
    ),
    "settings of no executor": (
        "platform-executor",
        "exec-tuner",
        lambda s, p: p["platforms"]["kubernetes"]["deploymentSpec"]["executors"].update(
            {"exec-tuner": {}}
        ),
    ),
    "a misspelt setting": (
        "platform-field",
        "nodeSelector",
        lambda s, p: _settings(p).update(nodeSelectors={}),
    ),
    "a timeout of nothing": (
        "platform-timeout",
        "exec-trainer",
        lambda s, p: _settings(p).update(activeDeadlineSeconds="0"),
    ),
    "a claim that cannot name a volume": (
        "platform-volume",
        "mill.race",
        lambda s, p: _settings(p).update(
            pvcMount=[{"constant": "mill.race", "mountPath": "/mnt/millrace"}]
        ),
    ),
    "a claim that is mounted twice": (
        "platform-volume",
        "twice",
        lambda s, p: _settings(p)["pvcMount"].append(
            {"constant": "millrace", "mountPath": "/mnt/data"}
        ),
    ),
    "a volume without a path": (
        "platform-volume",
        "mountPath",
        lambda s, p: _settings(p).update(pvcMount=[{"constant": "millrace"}]),
    ),
    "a secret without a name": (
        "platform-secret",
        "exec-trainer",
        lambda s, p: _settings(p).update(
            secretAsEnv=[{"keyToEnv": [{"secretKey": "a", "envVar": "A"}]}]
        ),
    ),
    "a secret without a variable": (
        "platform-secret",
        "exec-trainer",
        lambda s, p: _settings(p)["secretAsEnv"][0].update(keyToEnv=[{"secretKey": "a"}]),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named_with_its_place(sound: Package, name: str) -> None:
    code, named, breaks = BROKEN[name]
    spec = json_format.MessageToDict(sound.spec)
    platform = copy.deepcopy(sound.platform)
    assert platform is not None
    breaks(spec, platform)
    broken = Package(json_format.ParseDict(spec, type(sound.spec)()), platform)

    found = [problem for problem in problems(broken) if problem.code == code]
    assert any(named in str(problem) for problem in found), problems(broken)
    with pytest.raises(errors.UserError):
        check_package(broken)


def test_a_package_larger_than_the_server_takes_is_refused(
    sound: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "LARGEST_BYTES", 50_000)

    assert [problem.code for problem in problems(sound)] == ["package-size"]


def test_a_sound_package_breaks_none(sound: Package) -> None:
    assert problems(sound) == []


def test_the_error_has_the_first_rule_as_code_and_the_others_as_evidence(sound: Package) -> None:
    spec = json_format.MessageToDict(sound.spec)
    spec["schemaVersion"] = "2.0.0"
    for name in ("trainer", "evaluator"):
        _container(spec, name)["image"] = ""

    with pytest.raises(errors.UserError) as refused:
        check_package(Package(json_format.ParseDict(spec, type(sound.spec)()), sound.platform))

    assert refused.value.code == "package-schema-version"
    assert len(refused.value.evidence) == 2
    assert "evaluator" in refused.value.evidence[0]


def test_packages_of_kubeflows_own_sdk_are_sound(tmp_path: Path) -> None:
    from tests.kubeflow.foreign_pipeline import write_foreign

    write_foreign(tmp_path / "foreign.yaml")

    assert problems(read_package(tmp_path / "foreign.yaml")) == []


def test_what_was_written_is_checked_as_it_is_read(taxi: Compilation) -> None:
    check_package(parse_package(package_text(render(taxi.graph))))
