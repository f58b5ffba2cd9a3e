"""The curated taxi schema against the real trips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def as_examples(table: Any) -> Any:
    """A table as a record batch of one-value lists, as examples are decoded."""
    import numpy as np
    import pyarrow as pa

    arrays = []
    for column in table.itercolumns():
        column = column.combine_chunks()
        if pa.types.is_floating(column.type):
            column = column.cast(pa.float32())
        elif pa.types.is_string(column.type):
            column = column.cast(pa.large_binary())
        present = np.asarray(column.is_valid())
        offsets = np.concatenate([[0], np.cumsum(present)])
        lists = pa.LargeListArray.from_arrays(pa.array(offsets), column.drop_null())
        arrays.append(
            pa.array(lists.to_pylist(), mask=~present, type=lists.type)
            if not present.all()
            else lists
        )
    return pa.RecordBatch.from_arrays(arrays, table.column_names)


def anomalies(repository: Path, table: Any, environment: str) -> dict[str, str]:
    import tensorflow_data_validation as tfdv
    from tensorflow_data_validation.statistics import stats_impl, stats_options

    schema = tfdv.load_schema_text(str(repository / "schema" / "taxi" / "schema.pbtxt"))
    statistics = stats_impl.generate_statistics_in_memory(
        as_examples(table), stats_options.StatsOptions(schema=schema)
    )
    found = tfdv.validate_statistics(statistics, schema, environment=environment)
    return {name: info.description for name, info in found.anomaly_info.items()}


@pytest.fixture(scope="module")
def trips(shared_data: Path) -> Any:
    import pyarrow.csv as csv

    options = csv.ConvertOptions(strings_can_be_null=True)
    return csv.read_csv(shared_data / "chicago_taxi" / "data.csv", convert_options=options)


def test_the_real_trips_have_no_anomalies(repository: Path, trips: Any) -> None:
    assert anomalies(repository, trips, "TRAINING") == {}


def test_a_split_without_any_census_tract_has_none_either(repository: Path, trips: Any) -> None:
    import pyarrow.compute as pc

    part = trips.filter(pc.is_null(trips["pickup_census_tract"])).slice(0, 500)
    assert anomalies(repository, part, "TRAINING") == {}


def test_tips_are_needed_to_train_and_not_to_serve(repository: Path, trips: Any) -> None:
    part = trips.slice(0, 500).drop(["tips"])
    assert anomalies(repository, part, "SERVING") == {}
    assert "tips" in anomalies(repository, part, "TRAINING")


@pytest.mark.parametrize(
    ("column", "value"),
    [("trip_start_hour", 24), ("fare", -1.0), ("payment_type", "Pebbles"), ("tips", "much")],
)
def test_values_out_of_their_domain_are_anomalies(
    repository: Path, trips: Any, column: str, value: Any
) -> None:
    import pyarrow as pa

    part = trips.slice(0, 500)
    place = part.column_names.index(column)
    broken = part.set_column(place, column, pa.array([value] * 500))
    assert column in anomalies(repository, broken, "TRAINING")
