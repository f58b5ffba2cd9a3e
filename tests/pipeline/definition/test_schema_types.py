"""The curated schema's types reach ingestion."""

from __future__ import annotations

import pytest

from components.example_gen.settings import ColumnType, IngestionSettings
from core.errors import UserError
from pipeline.definition.schema_types import with_schema_types

SCHEMA = b"""
feature { name: "month" type: INT }
feature { name: "fare" type: FLOAT }
feature { name: "zip" type: BYTES }
feature { name: "nested" type: STRUCT }
"""


def test_each_column_has_the_type_of_the_schema() -> None:
    found = with_schema_types(IngestionSettings(), SCHEMA, "schema.pbtxt").schema_types
    assert found == {
        "month": ColumnType.INTEGER,
        "fare": ColumnType.FLOAT,
        "zip": ColumnType.TEXT,
    }


def test_what_the_configuration_says_comes_first() -> None:
    data = IngestionSettings(schema_types={"zip": ColumnType.INTEGER})
    found = with_schema_types(data, SCHEMA, "schema.pbtxt").schema_types
    assert found["zip"] is ColumnType.INTEGER
    assert found["month"] is ColumnType.INTEGER


def test_a_broken_schema_is_refused_with_its_line() -> None:
    with pytest.raises(UserError, match=r"s\.pbtxt:1"):
        with_schema_types(IngestionSettings(), b"feature { nam: 3 }", "s.pbtxt")
