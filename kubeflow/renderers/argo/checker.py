"""Argo's rules for a workflow, restated, so that a mistake shows before it reaches a cluster.

After ``workflow/validate/validate.go`` of Argo Workflows 4.1, as far as they concern what
we write: containers in one directed acyclic graph.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from core import errors

_OBJECT_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_FIELD_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_PARAMETER_NAME = re.compile(r"[-a-zA-Z0-9_]+")
_LONGEST_OBJECT_NAME = 63
_LONGEST_FIELD_NAME = 128
# What Kubernetes appends to a generated name.
_GENERATED = 5
_TYPES = (
    *("container", "containerSet", "dag", "data", "http", "plugin"),
    *("resource", "script", "steps", "suspend"),
)


def check_workflow(manifest: Mapping[str, Any]) -> None:
    """Refuses a Workflow or WorkflowTemplate that Argo would refuse.

    Args:
      manifest: The object.

    Raises:
      errors.UserError: With the template or task that is wrong, and the rule.
    """
    _check_object_name(manifest["metadata"])
    spec = manifest["spec"]
    parameters = _check_parameters(spec.get("arguments", {}).get("parameters", ()))
    templates = {item.get("name", ""): item for item in spec["templates"]}
    _check_names("templates", [item.get("name", "") for item in spec["templates"]])
    if spec.get("entrypoint") not in templates:
        _refuse(f"the entrypoint {spec.get('entrypoint')!r} is not one of its templates")
    volumes = {volume["name"] for volume in spec.get("volumes", ())}
    for name, template in templates.items():
        types = [kind for kind in _TYPES if kind in template]
        if len(types) != 1:
            _refuse(f"template {name} must be of one type, but has {types or 'none'}")
        if "dag" in template:
            _check_dag(name, template, set(templates))
        elif "container" in template:
            _check_container(name, template["container"], volumes)
        _check_variables(f"template {name}", template, parameters)
    rest = {key: value for key, value in spec.items() if key != "templates"}
    _check_variables("the workflow", rest, parameters)


def _refuse(reason: str, hint: str = "") -> NoReturn:
    raise errors.UserError(
        f"Argo would refuse the workflow: {reason}", hint=hint, code="argo-workflow"
    )


def _check_object_name(metadata: Mapping[str, Any]) -> None:
    generated = "name" not in metadata
    name = metadata.get("generateName", "") if generated else metadata["name"]
    whole = f"{name}{'x' * _GENERATED}" if generated else name
    if not _OBJECT_NAME.fullmatch(whole):
        _refuse(
            f"{name!r} is not a name of a Kubernetes object",
            hint="lower case letters, digits and dashes",
        )
    if len(whole) > _LONGEST_OBJECT_NAME:
        longest = _LONGEST_OBJECT_NAME - (_GENERATED if generated else 0)
        _refuse(
            f"the name {name} is longer than {longest} characters",
            hint="give the pipeline a shorter `name`",
        )


def _check_names(where: str, names: Sequence[str]) -> None:
    for name in names:
        if not _FIELD_NAME.fullmatch(name) or len(name) > _LONGEST_FIELD_NAME:
            _refuse(
                f"{name!r} among the {where} is not a valid name",
                hint=f"letters, digits and dashes, at most {_LONGEST_FIELD_NAME}",
            )
    for name in set(names):
        if names.count(name) > 1:
            _refuse(f"{name} is not unique among the {where}")


def _check_parameters(parameters: Sequence[Mapping[str, Any]]) -> set[str]:
    names = [item.get("name", "") for item in parameters]
    for name, item in zip(names, parameters, strict=True):
        if not _PARAMETER_NAME.fullmatch(name):
            _refuse(f"{name!r} is not a valid name of a parameter", "letters, digits, '_' and '-'")
        if names.count(name) > 1:
            _refuse(f"the parameter {name} is not unique")
        if not isinstance(item.get("value"), str):
            _refuse(f"the parameter {name} has no text as its value")
        if "enum" in item and item["value"] not in item["enum"]:
            _refuse(f"the value of the parameter {name} is none of {item['enum']}")
    return set(names)


def _check_dag(name: str, template: Mapping[str, Any], templates: set[str]) -> None:
    if "activeDeadlineSeconds" in template:
        _refuse(f"template {name} has a deadline, which only containers may have")
    tasks = {task["name"]: task for task in template["dag"]["tasks"]}
    if not tasks:
        _refuse(f"template {name} has no task")
    _check_names("tasks", [task["name"] for task in template["dag"]["tasks"]])
    for task in tasks.values():
        if task.get("template") not in templates:
            _refuse(f"task {task['name']} has no template: {task.get('template')!r}")
        for dependency in task.get("dependencies", ()):
            if dependency not in tasks:
                _refuse(f"task {task['name']} depends on {dependency}, which does not exist")
    _check_acyclic({key: task.get("dependencies", ()) for key, task in tasks.items()})


def _check_acyclic(upstream: Mapping[str, Iterable[str]]) -> None:
    waiting = {name: set(names) for name, names in upstream.items()}
    while waiting:
        ready = {name for name, names in waiting.items() if not names}
        if not ready:
            _refuse(f"tasks wait for one another: {', '.join(sorted(waiting))}")
        waiting = {name: names - ready for name, names in waiting.items() if name not in ready}


def _check_container(name: str, container: Mapping[str, Any], volumes: set[str]) -> None:
    for key in ("image", "command"):
        if not container.get(key):
            _refuse(f"the container of {name} has no {key}")
    for mount in container.get("volumeMounts", ()):
        if mount["name"] not in volumes:
            _refuse(f"{name} mounts {mount['name']}, which is none of the workflow's volumes")


def _check_variables(where: str, part: Any, parameters: set[str]) -> None:
    """Every ``{{`` must open a variable that the workflow has: Argo looks everywhere."""
    known = {"workflow.uid", *(f"workflow.parameters.{name}" for name in parameters)}
    # As Argo does it: in the text of the JSON.
    for start in json.dumps(part, ensure_ascii=False).split("{{")[1:]:
        variable, end, _ = start.partition("}}")
        if not end or variable not in known:
            shown = variable if len(variable) <= 60 else f"{variable[:60]} ..."
            _refuse(
                f"{where} holds {{{{{shown}, which is not a variable of the workflow",
                hint="use a value without two opening braces in a row",
            )
