"""Run parameters as inputs of a pipeline: types, defaults and descriptions of the run form."""

from __future__ import annotations

from typing import Any

from kubeflow.graph.pod_text import default_text, described
from kubeflow.package.pipeline_spec import pipeline_spec_pb2
from pipeline.configuration.parameters import RunParameter

_TYPES = {
    "integer": "NUMBER_INTEGER",
    "double": "NUMBER_DOUBLE",
    "boolean": "BOOLEAN",
    "string": "STRING",
}


def parameter_type(parameter: RunParameter) -> str:
    """The type of the input.

    A parameter that is empty by default is text: the run form has no way to leave a number
    empty. One that could be empty but has a value keeps its type.
    """
    return "STRING" if parameter.default is None else _TYPES[parameter.type]


def root_input(parameter: RunParameter) -> Any:
    """The input of the pipeline itself, a ``ComponentInputsSpec.ParameterSpec``.

    It always has a default: the run form does not start without a value for each.

    Args:
      parameter: The run parameter.
    """
    spec = task_input(parameter)
    spec.description = described(parameter)
    if parameter_type(parameter) == "STRING":
        spec.default_value.string_value = default_text(parameter)
    elif parameter.type == "boolean":
        spec.default_value.bool_value = parameter.default
    else:
        spec.default_value.number_value = parameter.default
    return spec


def task_input(parameter: RunParameter) -> Any:
    """The input of one task, which is bound to the pipeline's: its type only."""
    protos = pipeline_spec_pb2()
    return protos.ComponentInputsSpec.ParameterSpec(
        parameter_type=protos.ParameterType.ParameterTypeEnum.Value(parameter_type(parameter))
    )
