"""Values of run parameters as an orchestrator hands them over: as text.

A run form, a schedule or a command line gives every value as text. It is read by the
type of its parameter, never guessed: ``1e3`` is a thousand where an integer is wanted,
and ``no`` stays a word where a string is.
"""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Mapping
from typing import Any

from core import errors
from pipeline.configuration.loading import check
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.parameters import RunParameter, run_parameters
from pipeline.configuration.positions import KeyPath, Layer, Origin

ORIGIN = Origin("the run's parameters")

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
# What ML Metadata and the orchestrators keep an integer in.
_LARGEST_INTEGER = 2**63 - 1


def parse_value(parameter: RunParameter, text: str) -> int | float | bool | str | None:
    """Reads one value by the type of its parameter.

    Args:
      parameter: The parameter.
      text: What was given. Empty means no value, where the parameter may be empty.
        Integers may be written as orchestrators print numbers: ``600``, ``600.0``,
        ``6e2``. Truth values are ``true`` and ``false`` in any case.

    Returns:
      The value; None where it is empty.

    Raises:
      errors.UserError: If the text is no value of that type (``parameter-type``) or
        the value is out of bounds (``parameter-bounds``).
    """
    if parameter.type == "string":
        return None if parameter.optional and text == "" else text
    words = text.strip()
    if parameter.optional and words == "":
        return None
    if parameter.type == "boolean":
        if words.lower() not in ("true", "false"):
            raise _wrong_type(parameter, text, "true or false")
        return words.lower() == "true"
    if not _NUMBER.fullmatch(words):
        raise _wrong_type(parameter, text, _KIND_WORDS[parameter.type])
    value = _integer(parameter, text) if parameter.type == "integer" else float(words)
    if math.isinf(value):
        raise _wrong_type(parameter, text, "a finite number")
    if not _within(parameter, value):
        raise errors.UserError(
            f"{parameter.name} cannot be {_shown(text)}",
            evidence=[f"{parameter.name} is: {parameter.bounds_text}"],
            hint=f"its default is {_default(parameter)}",
            code="parameter-bounds",
        )
    return value


def apply_values(
    configuration: PipelineConfiguration, values: Mapping[str, str]
) -> PipelineConfiguration:
    """The configuration with the values of one run.

    Args:
      configuration: The configuration that the run parameters were taken from.
      values: Texts by the name of the run parameter.

    Returns:
      A new configuration, checked as a whole.

    Raises:
      errors.UserError: If a name is not a run parameter (``unknown-parameter``), a
        value is refused, or the values together make no valid configuration.
    """
    parameters = {parameter.name: parameter for parameter in run_parameters(configuration)}
    dumped: dict[str, Any] = configuration.model_dump(mode="json")
    origins: dict[KeyPath, Origin] = {}
    for name, text in values.items():
        if name not in parameters:
            raise _unknown(name, tuple(parameters))
        path = tuple(name.split("."))
        section = dumped
        for key in path[:-1]:
            section = section[key]
        section[path[-1]] = parse_value(parameters[name], text)
        origins[path] = ORIGIN
    return check(Layer(dumped, origins))


_KIND_WORDS = {"integer": "a whole number", "double": "a number"}


def _integer(parameter: RunParameter, text: str) -> int:
    number = decimal.Decimal(text.strip())
    # Looked at before it is written out: 1e9999 has ten thousand digits.
    if number.adjusted() < 20 and number == number.to_integral_value():
        value = int(number)
        if abs(value) <= _LARGEST_INTEGER:
            return value
    raise _wrong_type(parameter, text, "a whole number of at most 64 bits")


def _within(parameter: RunParameter, value: float) -> bool:
    lower, upper = parameter.lower, parameter.upper
    if lower is not None and (value <= lower if parameter.lower_open else value < lower):
        return False
    return upper is None or (value < upper if parameter.upper_open else value <= upper)


def _wrong_type(parameter: RunParameter, text: str, wanted: str) -> errors.UserError:
    empty = ", or nothing" if parameter.optional else ""
    return errors.UserError(
        f"{parameter.name} must be {wanted}{empty}, not {_shown(text)}",
        evidence=[f"{parameter.name} is: {parameter.bounds_text}"],
        hint=f"its default is {_default(parameter)}",
        code="parameter-type",
    )


def _unknown(name: str, known: tuple[str, ...]) -> errors.UserError:
    near = errors.nearest(name, known)
    return errors.UserError(
        f"there is no run parameter {name!r}",
        evidence=[f"run parameters: {', '.join(known)}"],
        hint=f"did you mean {near}?" if near else "name one of these",
        code="unknown-parameter",
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


def _default(parameter: RunParameter) -> str:
    default = parameter.default
    if isinstance(default, bool):
        return str(default).lower()
    return "empty" if default is None else str(default)
