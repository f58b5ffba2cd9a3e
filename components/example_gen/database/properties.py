"""The component's settings as an execution property."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf import wrappers_pb2
from tfx.proto import example_gen_pb2
from tfx.types import standard_component_specs
from tfx.utils import proto_utils

from components.example_gen.database.settings import DatabaseSource
from components.example_gen.settings import IngestionSettings
from core.settings import Settings


class DatabaseIngestion(Settings):
    """What is read, and how it becomes examples; holds no secret.

    Attributes:
      source: The table or query.
      settings: How rows are typed and split.
    """

    source: DatabaseSource
    settings: IngestionSettings


def custom_config(ingestion: DatabaseIngestion) -> example_gen_pb2.CustomConfig:
    """The settings as TFX takes them, which also makes them part of the cache key."""
    config = example_gen_pb2.CustomConfig()
    config.custom_config.Pack(wrappers_pb2.StringValue(value=ingestion.model_dump_json()))
    return config


def read_ingestion(exec_properties: Mapping[str, object]) -> DatabaseIngestion:
    """Reads back what `custom_config` wrote, a query's placeholders filled in by the driver."""
    config = example_gen_pb2.CustomConfig()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.CUSTOM_CONFIG_KEY], config)
    value = wrappers_pb2.StringValue()
    config.custom_config.Unpack(value)
    ingestion = DatabaseIngestion.model_validate_json(value.value)
    inputs = example_gen_pb2.Input()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.INPUT_CONFIG_KEY], inputs)
    source = ingestion.source.with_query(inputs.splits[0].pattern)
    return ingestion.model_copy(update={"source": source})
