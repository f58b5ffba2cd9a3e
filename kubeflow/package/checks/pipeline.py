"""The pipeline as a whole: version, name, parameters of the run form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kubeflow.package.checks.problem import Problem, shortened

SCHEMA_VERSION = "2.1.0"
LONGEST_NAME = 128
# What the server says it wants; its own expression is not anchored and lets more through,
# which then fails as the name of a Kubernetes resource.
_PIPELINE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
# Placeholders are {{$.inputs.parameters['name']}}: dots are fine, these are not.
_UNSAFE_IN_NAME = re.compile(r"['{}\s\\]")
_KINDS = {
    "STRING": "string_value",
    "NUMBER_INTEGER": "number_value",
    "NUMBER_DOUBLE": "number_value",
    "BOOLEAN": "bool_value",
    "LIST": "list_value",
    "STRUCT": "struct_value",
}


def check_pipeline(spec: Any) -> Iterator[Problem]:
    """The rules of an upload.

    Args:
      spec: The ``PipelineSpec``.
    """
    if spec.schema_version != SCHEMA_VERSION:
        found = spec.schema_version or "(none)"
        yield Problem(
            "schema-version",
            "the package",
            f"has schema version {found}; the server takes {SCHEMA_VERSION} only",
        )
    name = spec.pipeline_info.name
    if len(name) > LONGEST_NAME or not _PIPELINE_NAME.fullmatch(name):
        yield Problem(
            "pipeline-name",
            "the pipeline's name",
            f"{shortened(name)} must be lower case letters, digits, '-' and '.', begin and end "
            f"with a letter or digit, and have at most {LONGEST_NAME} characters",
        )
    if not spec.root.dag.tasks:
        yield Problem("no-tasks", "the pipeline", "has no tasks")
    if spec.root.input_definitions.artifacts:
        names = ", ".join(sorted(spec.root.input_definitions.artifacts))
        yield Problem(
            "root-artifact", "the pipeline", f"takes artifacts, which no run can give it: {names}"
        )
    for key, parameter in sorted(spec.root.input_definitions.parameters.items()):
        yield from _check_parameter(key, parameter)


def parameter_kind(parameter: Any) -> str:
    """The name of an input's type, such as ``NUMBER_INTEGER``."""
    field = parameter.DESCRIPTOR.fields_by_name["parameter_type"]
    found = field.enum_type.values_by_number.get(parameter.parameter_type)
    return found.name if found else str(parameter.parameter_type)


def _check_parameter(name: str, parameter: Any) -> Iterator[Problem]:
    where = f"parameter {shortened(name)}"
    if not name or _UNSAFE_IN_NAME.search(name):
        yield Problem("parameter-name", where, "has characters that a placeholder cannot hold")
    kind = parameter_kind(parameter)
    if kind not in _KINDS:
        yield Problem("parameter-type", where, f"has a type that no run form can give: {kind}")
        return
    if not parameter.HasField("default_value"):
        yield Problem(
            "parameter-default", where, "has no default: the run form does not start without one"
        )
        return
    given = parameter.default_value.WhichOneof("kind")
    if given != _KINDS[kind]:
        yield Problem("parameter-default", where, f"is {kind}, its default is a {given}")
    elif kind == "NUMBER_INTEGER" and not parameter.default_value.number_value.is_integer():
        number = parameter.default_value.number_value
        yield Problem("parameter-default", where, f"is {kind}, its default is {number}")
