"""What a run changes, checked here: the server would only say so when a node fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from core import errors
from kubeflow.package.package_tasks import task_arguments
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.parameter_values import apply_values, parse_value
from pipeline.configuration.parameters import ParameterType, RunParameter, run_parameters

if TYPE_CHECKING:
    from kubeflow.package.package import Package

# ParameterType.ParameterTypeEnum of the pipeline spec.
_TYPES: dict[int, ParameterType] = {
    1: "double",
    2: "integer",
    3: "string",
    4: "boolean",
}
_BOUNDS = re.compile(r"\((integer|double|boolean|string)((?:, (?:>=|>|<=|<) [^,()]+)*)\)\s*$")
# Recurring runs fill these in; what comes of them is checked when the node starts.
_MACRO = re.compile(r"\[\[(ScheduledTime|CurrentTime|Index|RunUUID)(\.[^\]]*)?\]\]")


def read_assignments(texts: Iterable[str]) -> dict[str, str]:
    """Reads ``NAME=VALUE`` texts; the last one of a name counts.

    Raises:
      errors.UserError: If a text has no ``=`` or no name.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name.strip():
            raise errors.UserError(
                f"cannot read --set {text!r}",
                hint="write it as --set trainer.train_steps=2000",
                code="invalid-assignment",
            )
        values[name.strip()] = value
    return values


def check_values(
    package: Package, texts: Mapping[str, str], *, macros: bool = False
) -> dict[str, int | float | bool | str]:
    """Checks values against a package and gives them the types that the server wants.

    Names, types and bounds are those of the configuration that the package carries; where
    this version cannot read that, those that the package declares.

    Args:
      package: The package.
      texts: Texts by the parameter's name.
      macros: Whether a text may hold what a recurring run fills in, such as
        ``[[ScheduledTime]]``.

    Returns:
      Values for the run's request.

    Raises:
      errors.UserError: If a name is unknown, or a value has a wrong type or is out of
        bounds.
    """
    declared = declared_parameters(package)
    for name in texts:
        if name not in declared:
            near = errors.nearest(name, declared)
            raise errors.UserError(
                f"the package has no run parameter {name!r}",
                evidence=[f"run parameters: {', '.join(declared) or '(none)'}"],
                hint=f"did you mean {near}?"
                if near
                else "name one of these; other values are set when the package is compiled",
                code="unknown-parameter",
            )
    types = _wire_types(package)
    filled = {n for n, t in texts.items() if macros and types[n] == "string" and _MACRO.search(t)}
    plain = {name: text for name, text in texts.items() if name not in filled}
    configuration = configuration_of(package)
    if configuration is not None:
        apply_values(configuration, plain)
        declared |= {p.name: p for p in run_parameters(configuration) if p.name in declared}
    return {
        name: text if name in filled else _wire_value(declared[name], types[name], text)
        for name, text in texts.items()
    }


def declared_parameters(package: Package) -> dict[str, RunParameter]:
    """The run parameters as the package itself declares them.

    A run's form shows no bounds, so that the description says them at its end, as in
    ``Training steps. (integer, >= 1)``; they are read back from there.
    """
    found = {}
    for name, spec in package.spec.root.input_definitions.parameters.items():
        wire = _TYPES.get(int(spec.parameter_type), "string")
        match = _BOUNDS.search(spec.description)
        kind = cast(ParameterType, match.group(1)) if match else wire
        default = _default(spec)
        found[name] = RunParameter(
            name=name,
            type=kind,
            # What may be empty travels as text, whatever its type.
            optional=wire == "string" and (kind != "string" or default == ""),
            default=default,
            description=spec.description,
            **(_bounds(match.group(2)) if match else {}),
        )
    return found


def configuration_of(package: Package) -> PipelineConfiguration | None:
    """The configuration that the package's tasks carry; None where it cannot be read."""
    for arguments in task_arguments(package).values():
        if "--configuration" not in arguments:
            continue
        text = arguments[arguments.index("--configuration") + 1]
        try:
            return PipelineConfiguration.model_validate(json.loads(text))
        except (ValueError, errors.MillraceError):
            return None
    return None


def _wire_types(package: Package) -> dict[str, ParameterType]:
    declared = package.spec.root.input_definitions.parameters
    return {name: _TYPES.get(int(spec.parameter_type), "string") for name, spec in declared.items()}


def _wire_value(
    parameter: RunParameter, wire: ParameterType, text: str
) -> int | float | bool | str:
    value = parse_value(parameter, text)
    if wire != "string":
        assert value is not None
        return float(value) if wire == "double" else value
    if value is None:
        return ""
    # The run's page shows it as it was typed.
    return text.strip() if parameter.type != "string" else text


def _default(spec: Any) -> Any:
    if not spec.HasField("default_value"):
        return None
    kind = spec.default_value.WhichOneof("kind")
    return getattr(spec.default_value, kind) if kind else None


def _bounds(text: str) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    for sign, number in re.findall(r", (>=|>|<=|<) ([^,()]+)", text):
        try:
            value = float(number)
        except ValueError:
            continue
        key = "lower" if sign[0] == ">" else "upper"
        bounds[key] = value
        bounds[f"{key}_open"] = len(sign) == 1
    return bounds
