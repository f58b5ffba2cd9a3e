"""The base of every configuration class, and the mark of a run parameter."""

from __future__ import annotations

from typing import Any

import pydantic

RUN_PARAMETER = "run_parameter"


class Settings(pydantic.BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = pydantic.ConfigDict(
        extra="forbid", frozen=True, validate_default=True, protected_namespaces=()
    )


def run_parameter(default: Any, *, description: str, **bounds: Any) -> Any:
    """A field that one run may change without editing a file.

    It becomes ``--set path.to.field=value`` on the laptop and an input of the
    same name and default in the Kubeflow run form. Only values that do not change
    the shape of the graph may be run parameters.

    Args:
      default: The default value.
      description: What a person reads in the run form.
      **bounds: pydantic's constraints (`ge`, `gt`, `le`, `lt`).

    Returns:
      A pydantic field.
    """
    return pydantic.Field(
        default, description=description, json_schema_extra={RUN_PARAMETER: True}, **bounds
    )
