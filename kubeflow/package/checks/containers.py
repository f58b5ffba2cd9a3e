"""Containers: kinds of executors, placeholders, sizes, types of artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import json_format

from kubeflow.package.checks.problem import Problem, shortened
from kubeflow.package.package import LARGEST_BYTES, Package, package_text
from kubeflow.package.pipeline_spec import pipeline_spec_pb2

# Linux: the longest single argument (MAX_ARG_STRLEN), its closing zero included.
LONGEST_ARGUMENT = 128 * 1024 - 1
# Linux: all arguments and variables of a process together, at the usual stack limit.
LONGEST_COMMAND = 2 * 1024 * 1024
# Argo refuses a larger workflow; etcd, which keeps it, takes 1.5 MiB.
LARGEST_WORKFLOW = 1024 * 1024

ARTIFACT_TYPES = frozenset(
    f"system.{name}"
    for name in (
        "Artifact",
        "ClassificationMetrics",
        "Dataset",
        "HTML",
        "Markdown",
        "Metrics",
        "Model",
        "SlicedClassificationMetrics",
    )
)

# Kubernetes' rule for the names of environment variables.
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_BRACES = re.compile(r"\{\{(.*?)(\}\}|$)", re.DOTALL)
_INPUT = re.compile(r"\$\.inputs\.parameters\['(.+?)'\]")
_INPUT_ARTIFACT = re.compile(r"\$\.inputs\.artifacts\['(.+?)'\]\.(?:path|uri)")
_OUTPUT_ARTIFACT = re.compile(r"\$\.outputs\.artifacts\['(.+?)'\]\.(?:path|uri)")
_OUTPUT = re.compile(r"\$\.outputs\.parameters\['(.+?)'\]\.output_file")
_NOT_CONTAINERS = {
    "importer": "an importer",
    "resolver": "a resolver",
    "custom_job": "a Vertex job",
}


def check_containers(package: Package) -> Iterator[Problem]:
    """The rules for what the tasks run.

    Args:
      package: The package.
    """
    executors = deployment(package.spec)
    if executors is None:
        yield Problem("deployment-spec", "the deployment spec", "cannot be read by the driver")
        return
    for where, component in _executed(package.spec):
        label = component.executor_label
        if label not in executors:
            yield Problem("unknown-executor", where, f"names the executor {shortened(label)}")
            continue
        kind = executors[label].WhichOneof("spec")
        if kind != "container":
            what = _NOT_CONTAINERS.get(str(kind), "nothing that runs")
            yield Problem("executor-kind", where, f"is {what}; only containers run everywhere")
            continue
        yield from _check_container(where, executors[label].container, component)
        yield from _check_outputs(where, component)
    yield from _check_size(package, executors)


def deployment(spec: Any) -> Mapping[str, Any] | None:
    """The executors of a pipeline by label, None where the driver could not read them."""
    config = pipeline_spec_pb2().PipelineDeploymentConfig()
    try:
        json_format.ParseDict(
            json_format.MessageToDict(spec.deployment_spec), config, ignore_unknown_fields=True
        )
    except json_format.ParseError:
        return None
    executors: Mapping[str, Any] = config.executors
    return executors


def _executed(spec: Any) -> Iterator[tuple[str, Any]]:
    """Components that run a program, named by the first task that uses them."""
    used: dict[str, str] = {}
    graphs = [spec.root, *(spec.components[name] for name in sorted(spec.components))]
    for graph in graphs:
        for key in sorted(graph.dag.tasks):
            used.setdefault(graph.dag.tasks[key].component_ref.name, f"task {shortened(key)}")
    for name in sorted(spec.components):
        component = spec.components[name]
        where = used.get(name, f"component {shortened(name)}")
        if component.WhichOneof("implementation") != "dag":
            yield where, component


def _check_container(where: str, container: Any, component: Any) -> Iterator[Problem]:
    if not container.image.strip() or re.search(r"\s", container.image):
        yield Problem("image", where, f"has no usable image: {shortened(container.image)}")
    words = [*container.command, *container.args]
    if not words:
        # The launcher starts what the package names; it does not read the image.
        yield Problem("no-command", where, "has no command: the image's own is not used")
    if container.HasField("lifecycle"):
        yield Problem(
            "lifecycle", where, "has a lifecycle (TFX's driver), which the server does not run"
        )
    for index, word in enumerate(words):
        size = len(word.encode())
        if size > LONGEST_ARGUMENT:
            yield Problem(
                "argument-size",
                where,
                f"has an argument of {size:,} bytes (number {index}); Linux takes "
                f"{LONGEST_ARGUMENT:,}",
            )
    component_size = _json_size(component)
    if component_size > LONGEST_ARGUMENT:
        yield Problem(
            "argument-size",
            where,
            f"has a component of {component_size:,} bytes, which the launcher gets as one "
            f"argument; Linux takes {LONGEST_ARGUMENT:,}",
        )
    total = sum(len(word.encode()) + 1 for word in words) + component_size
    if total > LONGEST_COMMAND:
        yield Problem("argument-size", where, f"has {total:,} bytes of arguments")
    for text in [*words, *(variable.value for variable in container.env)]:
        for found in _BRACES.finditer(text):
            problem = _placeholder_problem(found, component)
            if problem:
                yield Problem("placeholder", where, f"{problem}: {shortened(found.group())}")
    for variable in container.env:
        if not _VARIABLE.fullmatch(variable.name):
            yield Problem("environment", where, f"has a variable named {shortened(variable.name)}")
    asked = container.resources
    for name in ("cpu", "memory"):
        limit, request = getattr(asked, f"{name}_limit"), getattr(asked, f"{name}_request")
        if limit < 0 or request < 0:
            yield Problem("resources", where, f"asks for less than no {name}")
        elif limit and request > limit:
            yield Problem(
                "resources", where, f"requests more {name} ({request:g}) than its limit ({limit:g})"
            )


def _placeholder_problem(found: re.Match[str], component: Any) -> str | None:
    """Why one pair of double braces means nothing; Argo reads what KFP does not know."""
    inside = found.group(1)
    if not found.group(2):
        return "has double braces that do not close"
    if inside == "$":
        return None
    inputs, outputs = component.input_definitions, component.output_definitions
    for pattern, known, what in (
        (_INPUT, inputs.parameters, "an input parameter"),
        (_INPUT_ARTIFACT, inputs.artifacts, "an input artifact"),
        (_OUTPUT, outputs.parameters, "an output parameter"),
        (_OUTPUT_ARTIFACT, outputs.artifacts, "an output artifact"),
    ):
        named = pattern.fullmatch(inside)
        if named:
            return None if named[1] in known else f"names {what} that the task does not have"
    return "has a placeholder that the launcher does not know"


def _check_outputs(where: str, component: Any) -> Iterator[Problem]:
    for name, artifact in sorted(component.output_definitions.artifacts.items()):
        title = artifact.artifact_type.schema_title
        if title not in ARTIFACT_TYPES:
            yield Problem(
                "artifact-type",
                where,
                f"has the output {shortened(name)} of type {shortened(title)}, which the server "
                "does not know",
            )


def _check_size(package: Package, executors: Mapping[str, Any]) -> Iterator[Problem]:
    # YAML takes long to write and is at most a few times as large as JSON.
    is_large = _json_size(package.spec) > LARGEST_BYTES // 8
    size = len(package_text(package).encode()) if is_large else 0
    if size > LARGEST_BYTES:
        yield Problem(
            "package-size", "the package", f"has {size:,} bytes; the server takes {LARGEST_BYTES:,}"
        )
    spec = package.spec
    sizes = {
        name: len(json_format.MessageToJson(executors[name], indent=None)) for name in executors
    }
    workflow = sum(sizes.values()) + sum(
        len(json_format.MessageToJson(component, indent=None))
        for component in (spec.root, *spec.components.values())
    )
    if workflow > LARGEST_WORKFLOW and sizes:
        largest = max(sizes, key=lambda name: sizes[name])
        yield Problem(
            "workflow-size",
            f"executor {shortened(largest)}",
            f"is the largest ({sizes[largest]:,} bytes) of a workflow of about {workflow:,}; Argo "
            f"takes {LARGEST_WORKFLOW:,}",
        )


def _json_size(message: Any) -> int:
    return len(json_format.MessageToJson(message, indent=None))
