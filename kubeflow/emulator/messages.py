"""KFP's protobuf messages and plain Python values."""

from __future__ import annotations

from typing import Any

from kubeflow.package.pipeline_spec import pipeline_spec_pb2


def plain_value(value: Any) -> Any:
    """A ``google.protobuf.Value`` as plain Python."""
    from google.protobuf import json_format

    return json_format.MessageToDict(value)


def set_value(target: Any, value: Any) -> None:
    """Writes a plain value into a ``google.protobuf.Value``."""
    from google.protobuf import json_format

    json_format.ParseDict(value, target)


def kind_of(specification: Any) -> str:
    """Name of a parameter's declared type, such as ``NUMBER_INTEGER``."""
    kinds = pipeline_spec_pb2().ParameterType.ParameterTypeEnum
    return str(kinds.Name(specification.parameter_type))
