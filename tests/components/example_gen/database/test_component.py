"""The component in TFX with a real metadata store: cache, fingerprint, spans, quarantine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner

from components.example_gen.component import ColumnarExampleGen
from components.example_gen.database.component import DatabaseExampleGen
from components.example_gen.database.spans import for_span
from components.execution_flags import ExecutionFlags
from components.quarantine import records
from components.quarantine.entry import Change, DataIdentity, Entry
from core.columnar_examples import columnar_path
from core.errors import DataError, UserError

SECRET = "sentinel-77ab"
QUERY = """SELECT * FROM trips
  WHERE id * 4320 >= @span_begin_timestamp AND id * 4320 < @span_end_timestamp"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs a component in a pipeline of its own; gives all Examples so far."""
    store = metadata.sqlite_metadata_connection_config(str(tmp_path / "metadata.sqlite"))

    def once(component: Any) -> list[metadata_store_pb2.Artifact]:
        LocalDagRunner().run(
            pipeline.Pipeline(
                "ingestion",
                str(tmp_path / "root"),
                components=[component.with_id("ExampleGen")],
                metadata_connection_config=store,
                enable_cache=True,
            )
        )
        return metadata_store.MetadataStore(store).get_artifacts_by_type("Examples")

    once.store = store  # type: ignore[attr-defined]
    return once


def test_an_unchanged_table_is_a_cache_hit_and_a_changed_one_is_not(run, shop, trips):
    [examples] = run(DatabaseExampleGen(trips))
    named = examples.custom_properties
    assert named["input_fingerprint"].string_value.startswith("rows:100,source:")
    assert named["rows_train"].int_value + named["rows_eval"].int_value == 100
    assert named["span"].int_value == 0
    assert columnar_path(examples.uri, "train").is_file()
    assert len(run(DatabaseExampleGen(trips))) == 1
    shop("UPDATE trips SET price = 7.5 WHERE id = 3")
    assert len(run(DatabaseExampleGen(trips))) == 2


def test_examples_have_the_properties_of_those_of_files(run, trips, write, table):
    [examples] = run(DatabaseExampleGen(trips))
    other = run(ColumnarExampleGen.from_path(write(table)))[-1]
    assert set(examples.custom_properties) == set(other.custom_properties)
    for name in ("payload_format", "file_format", "rows_train", "rows_eval", "rejected_rows"):
        assert examples.custom_properties[name] == other.custom_properties[name]
    assert examples.properties == other.properties


def test_spans_fill_the_query_in(run, trips):
    source = trips.model_copy(update={"table": None, "query": QUERY})
    [examples] = run(DatabaseExampleGen(source, span=2))
    assert examples.custom_properties["span"].int_value == 2
    assert examples.custom_properties["rows_train"].int_value > 0
    filled = for_span(source, 2)
    assert filled.query == QUERY.replace("@span_begin_timestamp", "172800").replace(
        "@span_end_timestamp", "259200"
    )
    [execution] = metadata_store.MetadataStore(run.store).get_executions()
    assert "172800" in execution.custom_properties["input_config"].string_value


@pytest.mark.parametrize(("query", "span"), [(QUERY, None), ("SELECT * FROM trips", 3)])
def test_a_span_without_a_place_or_a_place_without_a_span_is_refused(trips, query, span):
    source = trips.model_copy(update={"table": None, "query": query})
    with pytest.raises(UserError, match="span"):
        DatabaseExampleGen(source, span=span)


def test_quarantined_rows_are_not_taken_until_they_are_corrected(run, shop, trips):
    [examples] = run(DatabaseExampleGen(trips))
    data = DataIdentity(
        pipeline="ingestion",
        input_base="",
        patterns={"single_split": trips.name},
        span=0,
        version=None,
        fingerprint=examples.custom_properties["input_fingerprint"].string_value,
    )
    refused = Change("refused", "DataGate", records.utc_now(), "yen")
    store = metadata_store.MetadataStore(run.store)
    records.quarantine(store, Entry(data, {"train": 1}, "yen", history=(refused,)))
    with pytest.raises(DataError) as caught:
        run(DatabaseExampleGen(trips))
    assert caught.value.code == "data-quarantined"
    shop("UPDATE trips SET price = 7.5 WHERE id = 3")
    assert len(run(DatabaseExampleGen(trips))) == 2


def test_no_value_of_a_variable_is_left_behind(run, shop, trips, monkeypatch, tmp_path):
    folder = tmp_path / SECRET
    folder.mkdir()
    (tmp_path / "shop.db").rename(folder / "shop.db")
    monkeypatch.setenv("SHOP_FOLDER", str(folder))
    source = trips.model_copy(update={"address": "sqlite:///${SHOP_FOLDER}/shop.db"})
    component = DatabaseExampleGen(source)
    flags = ExecutionFlags(in_memory_bytes=0)
    component.executor_spec.add_extra_flags(flags.to_flags())
    [examples] = run(component)
    assert examples.custom_properties["rows_train"].int_value > 0
    left = [path for path in tmp_path.rglob("*") if path.is_file() and folder not in path.parents]
    assert len(left) > 2
    for path in left:
        assert SECRET.encode() not in path.read_bytes(), path
