"""The parameters of a run: defaults, overrides, types; as KFP's API server checks them.

Follows ``validatePipelineJobInputs`` in ``backend/src/apiserver/template/v2_template.go``
and the filling in of defaults in ``backend/src/v2/compiler/argocompiler/argo.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import UserError, nearest
from kubeflow.emulator.messages import kind_of, plain_value
from kubeflow.emulator.values import finite, strict_json

_WORDS = {
    "STRING": "text",
    "NUMBER_INTEGER": "an integer",
    "NUMBER_DOUBLE": "a number",
    "BOOLEAN": "true or false",
    "LIST": "a JSON list",
    "STRUCT": "a JSON object",
}


def run_values(root_inputs: Any, assignments: Sequence[str]) -> dict[str, Any]:
    """The value of every parameter of the run.

    Args:
      root_inputs: ``ComponentInputsSpec`` of the package's root.
      assignments: ``name=value`` as typed; values are read by the declared type.

    Returns:
      Plain values by name; None for an optional parameter without value and default.

    Raises:
      UserError: If a parameter is unknown, of a wrong type, given twice or missing.
    """
    declared = dict(root_inputs.parameters)
    given = _given(assignments, declared)
    values: dict[str, Any] = {}
    for name in sorted(declared):
        specification = declared[name]
        if name in given:
            values[name] = given[name]
        elif specification.HasField("default_value"):
            values[name] = plain_value(specification.default_value)
        elif specification.is_optional:
            values[name] = None
        else:
            raise UserError(
                f"the parameter {name} has no default and was given no value",
                evidence=[f"it is {_WORDS.get(kind_of(specification), 'of no known type')}"],
                hint=f"add --set {name}=VALUE",
                code="parameter-missing",
            )
    return values


def typed_value(name: str, text: str, kind: str) -> Any:
    """Reads what a person typed by the type of the parameter.

    Args:
      name: The parameter, for the message.
      text: What was typed.
      kind: The declared type, such as ``NUMBER_INTEGER``.

    Raises:
      UserError: If the text is no such value.
    """
    try:
        return _read(text, kind)
    except ValueError:
        raise UserError(
            f"{name} must be {_WORDS.get(kind, kind)}, not {text!r}",
            evidence=[f"its type in the package is {kind}"],
            hint=f"for example --set {name}={_EXAMPLES.get(kind, 'VALUE')}",
            code="parameter-type",
        ) from None


_EXAMPLES = {
    "NUMBER_INTEGER": "50",
    "NUMBER_DOUBLE": "0.5",
    "BOOLEAN": "true",
    "LIST": "'[1, 2]'",
    "STRUCT": """'{"key": 1}'""",
}


def _given(assignments: Sequence[str], declared: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise UserError(
                f"--set {assignment} has no value",
                hint="write it as NAME=VALUE",
                code="parameter-form",
            )
        if name not in declared:
            near = nearest(name, declared)
            raise UserError(
                f"the package has no parameter {name!r}",
                evidence=[] if near else [f"it has {', '.join(sorted(declared)) or 'none'}"],
                hint=f"did you mean {near!r}?" if near else "",
                code="unknown-parameter",
            )
        if name in given:
            raise UserError(
                f"the parameter {name} is set twice", hint="keep one of them", code="parameter-form"
            )
        given[name] = typed_value(name, text, kind_of(declared[name]))
    return given


def _read(text: str, kind: str) -> Any:
    if kind == "STRING":
        return text
    if kind == "NUMBER_INTEGER":
        number = finite(text)
        if not number.is_integer():
            raise ValueError(text)
        return int(number)
    if kind == "NUMBER_DOUBLE":
        return finite(text)
    if kind == "BOOLEAN":
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    if kind in ("LIST", "STRUCT"):
        value = strict_json(text)
        if not isinstance(value, list if kind == "LIST" else dict):
            raise ValueError(text)
        return value
    raise ValueError(f"the type {kind} cannot be set")
