"""Column types of the curated schema, so that ingestion need not guess them anew each span."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.example_gen.settings import IngestionSettings


def with_schema_types(settings: IngestionSettings, schema: bytes, name: str) -> IngestionSettings:
    """The settings with the types of the schema's columns; what they say themselves comes first.

    Args:
      settings: What the configuration says of ingestion.
      schema: The schema file's content.
      name: The file's, for errors.

    Raises:
      UserError: If the schema is wrong.
    """
    from tensorflow_metadata.proto.v0 import schema_pb2

    from components.example_gen.settings import ColumnType
    from schema.reading import parse_schema

    kinds = {
        schema_pb2.INT: ColumnType.INTEGER,
        schema_pb2.FLOAT: ColumnType.FLOAT,
        schema_pb2.BYTES: ColumnType.TEXT,
    }
    features = parse_schema(schema.decode("utf-8", "replace"), name).feature
    found = {each.name: kinds[each.type] for each in features if each.type in kinds}
    return settings.model_copy(update={"schema_types": {**found, **settings.schema_types}})
