"""The settings as an execution property of TFX's ExampleGen, and back."""

from __future__ import annotations

from typing import Any

from google.protobuf import wrappers_pb2
from tfx.proto import example_gen_pb2
from tfx.types import standard_component_specs
from tfx.utils import proto_utils

from components.example_gen.settings import IngestionSettings


def custom_config(settings: IngestionSettings) -> example_gen_pb2.CustomConfig:
    """The settings as an execution property, which also makes them part of the cache key."""
    config = example_gen_pb2.CustomConfig()
    config.custom_config.Pack(wrappers_pb2.StringValue(value=settings.model_dump_json()))
    return config


def read_settings(exec_properties: dict[str, Any]) -> IngestionSettings:
    """The settings among the execution properties, defaults where there are none."""
    text = exec_properties.get(standard_component_specs.CUSTOM_CONFIG_KEY)
    if not text:
        return IngestionSettings()
    config = example_gen_pb2.CustomConfig()
    proto_utils.json_to_proto(text, config)
    value = wrappers_pb2.StringValue()
    config.custom_config.Unpack(value)
    return IngestionSettings.model_validate_json(value.value)
