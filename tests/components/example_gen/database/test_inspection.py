"""A quick look at a table, before a run is started."""

from __future__ import annotations

import pytest

from components.example_gen.database.inspection import inspect_table
from components.example_gen.settings import ColumnType, IngestionSettings
from core.errors import DataError, UserError


def test_columns_types_and_first_rows_are_seen(trips):
    found = inspect_table(trips, IngestionSettings(columns={"price": ColumnType.TEXT}))
    assert [(c.name, c.type, c.fixed) for c in found.columns] == [
        ("id", ColumnType.INTEGER, False),
        ("price", ColumnType.TEXT, True),
        ("name", ColumnType.TEXT, False),
    ]
    assert found.first_rows[0] == {"id": "0", "price": "0.0", "name": None}
    assert len(found.first_rows) == 5
    assert found.files[0].path == trips.name


def test_an_empty_table_and_an_unknown_column_are_refused(shop, trips):
    with pytest.raises(UserError, match=r"`split\.key` names the column 'nam'"):
        inspect_table(trips, IngestionSettings.model_validate({"split": {"key": "nam"}}))
    shop("DELETE FROM trips")
    with pytest.raises(DataError, match="trips has no rows"):
        inspect_table(trips)
