"""The ServingValidator component: only a model that can be served is pushed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.serving_validator import executor
from components.serving_validator.settings import ServingValidatorSettings


class ServingValidatorSpec(component_spec.ComponentSpec):
    """Inputs, parameters and outputs of the validator."""

    PARAMETERS: ClassVar = {
        executor.SETTINGS_KEY: component_spec.ExecutionParameter(type=str),
        executor.EXPECTED_KEY: component_spec.ExecutionParameter(type=str),
        executor.SPLITS_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS: ClassVar = {
        executor.MODEL_KEY: component_spec.ChannelParameter(type=standard_artifacts.Model),
        executor.EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        executor.SCHEMA_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Schema, optional=True
        ),
    }
    OUTPUTS: ClassVar = {
        executor.BLESSING_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.InfraBlessing
        )
    }


class ServingValidator(base_component.BaseComponent):
    """Tries an exported model as a server would have it, and needs no container.

    Its output is TFX's InfraBlessing, which TFX's Pusher understands.

    Args:
      model: The exported model.
      examples: The examples whose rows it has to answer.
      schema: Their schema; for features that no replayed row has a value of.
      settings: The bounds.
      splits: The splits to take rows from.
      prediction_key: The output that is evaluated; empty where there is only one.
      documented: The shape of one row's part of each documented output; empty where
        nothing is documented.
    """

    SPEC_CLASS = ServingValidatorSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self,
        model: types.BaseChannel,
        examples: types.BaseChannel,
        schema: types.BaseChannel | None = None,
        settings: ServingValidatorSettings | None = None,
        splits: Sequence[str] = ("eval",),
        prediction_key: str = "",
        documented: Mapping[str, Sequence[int | None]] | None = None,
    ) -> None:
        expected = {
            "prediction_key": prediction_key,
            "documented": {name: list(shape) for name, shape in (documented or {}).items()},
        }
        arguments = {
            executor.MODEL_KEY: model,
            executor.EXAMPLES_KEY: examples,
            executor.SCHEMA_KEY: schema,
            executor.SETTINGS_KEY: (settings or ServingValidatorSettings()).model_dump_json(),
            executor.EXPECTED_KEY: json.dumps(expected, sort_keys=True),
            executor.SPLITS_KEY: json.dumps(list(splits)),
            executor.BLESSING_KEY: types.Channel(type=standard_artifacts.InfraBlessing),
        }
        super().__init__(
            ServingValidatorSpec(
                **{name: value for name, value in arguments.items() if value is not None}
            )
        )
