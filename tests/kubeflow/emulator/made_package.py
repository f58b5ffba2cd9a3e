"""Small packages made by hand, and their emulation in this process."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from kubeflow.emulator.session import EmulationRequest, emulate
from kubeflow.package.package import Package
from kubeflow.package.pipeline_spec import pipeline_spec_pb2
from metadata import run_file
from metadata.run_file import RunRecord

RUN_ID = "run-1"
Inputs = dict[str, tuple[str, Any]]


def shell(script: str, *arguments: str) -> list[str]:
    """A command for sh; the arguments are its $1, $2 and so on."""
    return ["sh", "-c", script, "sh", *arguments]


def task(
    command: list[str],
    *,
    inputs: Inputs | None = None,
    artifacts: dict[str, str] | None = None,
    writes: dict[str, str] | None = None,
    makes: dict[str, Any] | None = None,
    after: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """A task of a package.

    Args:
      command: Its container's command.
      inputs: By name: type and source (``"root:NAME"``, ``"TASK.KEY"`` or ``{"constant": X}``).
      artifacts: Input artifacts as ``TASK.KEY`` by name.
      writes: Types of its output parameters by name.
      makes: Output artifacts by name: a type's title or a whole specification.
      after: Tasks that it waits for.
      **more: Further fields: ``env``, ``retry``, ``defaults``, ``optional``, ``cluster``,
        ``resources``, ``task_fields``, ``executor``.
    """
    return {
        "command": command,
        "inputs": inputs or {},
        "artifacts": artifacts or {},
        "writes": writes or {},
        "makes": makes or {},
        "after": after,
        **more,
    }


def package(
    tasks: dict[str, dict[str, Any]], parameters: dict[str, dict[str, Any]] | None = None
) -> Package:
    """A package of these tasks and root parameters (``ParameterSpec`` as JSON)."""
    executors: dict[str, Any] = {}
    components: dict[str, Any] = {}
    specifications: dict[str, Any] = {}
    platform: dict[str, Any] = {}
    for name, made in tasks.items():
        executors[f"exec-{name}"] = made.get("executor") or {"container": _container(made)}
        components[f"comp-{name}"] = _component(name, made)
        specifications[name] = _task(name, made)
        if "cluster" in made:
            platform[f"exec-{name}"] = made["cluster"]
    document = {
        "pipelineInfo": {"name": "small"},
        "schemaVersion": "2.1.0",
        "sdkVersion": "tests",
        "deploymentSpec": {"executors": executors},
        "components": components,
        "root": {
            "dag": {"tasks": specifications},
            "inputDefinitions": {"parameters": parameters or {}},
        },
    }
    spec = json_format.ParseDict(document, pipeline_spec_pb2().PipelineSpec())
    if not platform:
        return Package(spec)
    return Package(spec, {"platforms": {"kubernetes": {"deploymentSpec": {"executors": platform}}}})


def _container(made: dict[str, Any]) -> dict[str, Any]:
    container = {"image": "image:1", "command": made["command"]}
    if "env" in made:
        container["env"] = [{"name": name, "value": value} for name, value in made["env"].items()]
    if "resources" in made:
        container["resources"] = made["resources"]
    return container


def _component(name: str, made: dict[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        key: {"parameterType": kind} for key, (kind, _) in made["inputs"].items()
    }
    for key, default in made.get("defaults", {}).items():
        parameters.setdefault(key, {"parameterType": "STRING"})["defaultValue"] = default
        parameters[key]["isOptional"] = True
    for key in made.get("optional", ()):
        parameters[key]["isOptional"] = True
    outputs = {
        key: {"artifactType": {"schemaTitle": kind, "schemaVersion": "0.0.1"}}
        if isinstance(kind, str)
        else kind
        for key, kind in made["makes"].items()
    }
    return {
        "executorLabel": f"exec-{name}",
        "inputDefinitions": {
            "parameters": parameters,
            "artifacts": {
                key: {"artifactType": {"schemaTitle": "system.Artifact"}}
                for key in made["artifacts"]
            },
        },
        "outputDefinitions": {
            "parameters": {key: {"parameterType": kind} for key, kind in made["writes"].items()},
            "artifacts": outputs,
        },
    }


def _task(name: str, made: dict[str, Any]) -> dict[str, Any]:
    parameters = {key: _source(source) for key, (_, source) in made["inputs"].items()}
    artifacts = {}
    for key, source in made["artifacts"].items():
        producer, _, output = source.partition(".")
        artifacts[key] = {
            "taskOutputArtifact": {"producerTask": producer, "outputArtifactKey": output}
        }
    specification = {
        "taskInfo": {"name": name},
        "componentRef": {"name": f"comp-{name}"},
        "dependentTasks": list(made["after"]),
        "inputs": {"parameters": parameters, "artifacts": artifacts},
        **made.get("task_fields", {}),
    }
    if "retry" in made:
        specification["retryPolicy"] = made["retry"]
    return specification


def _source(source: Any) -> dict[str, Any]:
    if isinstance(source, dict):
        return {"runtimeValue": source}
    if source.startswith("root:"):
        return {"componentInputParameter": source.removeprefix("root:")}
    producer, _, key = source.partition(".")
    return {"taskOutputParameter": {"producerTask": producer, "outputParameterKey": key}}


@dataclasses.dataclass(frozen=True)
class Emulated:
    """A run that ended.

    Attributes:
      code: Its exit code.
      root: The emulator's folder.
    """

    code: int
    root: Path

    @property
    def record(self) -> RunRecord:
        return run_file.read(self.root / "runs" / RUN_ID)

    def file(self, task_name: str, *names: str) -> Path:
        return self.root.joinpath("runs", RUN_ID, task_name, *names)

    def log(self, task_name: str) -> str:
        return self.file(task_name, "log").read_text(encoding="utf-8")

    def lines(self, task_name: str) -> list[str]:
        return self.log(task_name).splitlines()

    def given(self, task_name: str) -> Any:
        return json.loads(self.file(task_name, "executor_input.json").read_text("utf-8"))

    def left(self, task_name: str) -> Any:
        return json.loads(self.file(task_name, "executor_output.json").read_text("utf-8"))

    def state(self, task_name: str) -> str:
        node = self.record.node(task_name)
        assert node is not None
        return node.state


def run(made: Package, folder: Path, *assignments: str, **options: Any) -> Emulated:
    """Emulates a package in `folder`."""
    project = options.pop("project", None) or folder / "project"
    project.mkdir(parents=True, exist_ok=True)
    root = folder / "root"
    request = EmulationRequest(made, assignments, root, project, run_id=RUN_ID, **options)
    return Emulated(emulate(request, as_json=False), root)
