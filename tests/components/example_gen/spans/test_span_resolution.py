"""Which span the driver takes, what it records, and when the cache is asked again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ml_metadata.metadata_store import metadata_store
from tfx.components.example_gen import driver as tfx_driver
from tfx.components.example_gen.utils import date_to_span_number
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto import example_gen_pb2
from tfx.utils import proto_utils

from components.example_gen.component import ColumnarExampleGen
from components.example_gen.properties import read_settings
from components.example_gen.settings import IngestionSettings
from components.example_gen.spans.driver import Driver
from core.errors import DataError, UserError

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path, table: str) -> Put:
    """Writes the table into some folders of one folder, and returns that."""
    base = tmp_path / "trips"

    def run(*spans: str, content: str = table, seconds: int = 1_000_000_000) -> Path:
        for span in spans:
            (base / span).mkdir(parents=True, exist_ok=True)
            (base / span / "data.csv").write_text(content)
            os.utime(base / span / "data.csv", (seconds, seconds))
        return base

    return run


def _resolved(path: Path, driver: Any = Driver, **arguments: Any) -> dict[str, Any]:
    settings = IngestionSettings.model_validate(arguments.pop("settings", {}))
    component = ColumnarExampleGen.from_path(path, settings, **arguments)
    made = driver(metadata.Metadata(metadata.sqlite_metadata_connection_config("unused")))
    found = made.resolve_exec_properties(dict(component.exec_properties), None, None)
    return {**found, "pattern": _pattern(found)}


def _pattern(properties: dict[str, Any]) -> str:
    config = example_gen_pb2.Input()
    proto_utils.json_to_proto(properties["input_config"], config)
    return str(config.splits[0].pattern)


def test_the_newest_span_is_recorded_as_tfx_records_it(put: Put) -> None:
    path = put("span-2/v1", "span-2/v12", "span-9/v3", "span-9/v1") / "span-{SPAN}/v{VERSION}/*"
    ours = _resolved(path, settings={"fingerprint": "metadata"})
    stock = _resolved(path, tfx_driver.FileBasedDriver)
    for name in ("span", "version", "input_fingerprint", "pattern", "input_base"):
        assert ours[name] == stock[name]
    assert (ours["span"], ours["version"]) == (9, 3)


def test_a_date_is_recorded_as_tfx_records_it(put: Put) -> None:
    path = put("2024-02-29", "2024-03-01") / "{YYYY}-{MM}-{DD}" / "*"
    ours = _resolved(path, settings={"fingerprint": "metadata"})
    stock = _resolved(path, tfx_driver.FileBasedDriver)
    assert ours["span"] == stock["span"] == date_to_span_number(2024, 3, 1)
    assert ours["input_fingerprint"] == stock["input_fingerprint"]
    leap_day = _resolved(path, span=date_to_span_number(2024, 2, 29))
    assert leap_day["pattern"] == "2024-02-29/*"


def test_a_fixed_span_takes_its_newest_version(put: Put) -> None:
    path = put("span-2/v1", "span-2/v12", "span-9/v3") / "span-{SPAN}/v{VERSION}/*"
    found = _resolved(path, span=2)
    assert (found["span"], found["version"], found["pattern"]) == (2, 12, "span-2/v12/*")
    with pytest.raises(UserError, match="there is no span 3"):
        _resolved(path, span=3)


def test_names_with_zeros_are_found_where_tfx_loses_them(put: Put) -> None:
    found = _resolved(put("span-007") / "span-{SPAN}" / "*.csv")
    assert (found["span"], found["pattern"]) == (7, "span-007/*.csv")
    assert "num_files:1" in found["input_fingerprint"]


def test_a_path_without_spans_takes_none(put: Put) -> None:
    path = put("all") / "all"
    assert _resolved(path)["span"] == 0
    with pytest.raises(UserError, match="no place for a span"):
        _resolved(path, span=1)


def test_equal_files_have_the_same_cache_key_whenever_they_were_written(put: Put) -> None:
    path = put("all") / "all"
    before = _resolved(path), _resolved(path, settings={"fingerprint": "metadata"})
    put("all", seconds=1_000_000_060)
    assert _resolved(path) == _resolved(path, settings={"fingerprint": "content"}) == before[0]
    assert _resolved(path, settings={"fingerprint": "metadata"}) != before[1]


def test_a_half_written_span_is_not_taken(put: Put) -> None:
    base = put("span-1", "span-2")
    (base / "span-1" / "_SUCCESS").touch()
    settings = {"ready": {"marker": "_SUCCESS"}}
    path = base / "span-{SPAN}" / "*.csv"
    found = _resolved(path, settings=settings)
    assert found["span"] == 1
    assert read_settings(found).ready is None
    with pytest.raises(DataError, match="span 2 is not finished"):
        _resolved(path, settings=settings, span=2)


def test_a_span_that_was_asked_for_has_the_cache_key_of_the_newest(put: Put) -> None:
    path = put("span-1", "span-2") / "span-{SPAN}" / "*.csv"
    assert _resolved(path, span=2) == _resolved(path)
    settings = {"ready": {"stable_seconds": 5}}
    assert _resolved(path, settings=settings) == _resolved(path)


def _ingest(component: ColumnarExampleGen, folder: Path) -> list[tuple[int, int, int]]:
    """Runs ExampleGen; all Examples' spans, versions and rows."""
    connection = metadata.sqlite_metadata_connection_config(str(folder / "metadata.sqlite"))
    LocalDagRunner().run(
        pipeline.Pipeline(
            "ingestion",
            str(folder / "root"),
            components=[component.with_id("ExampleGen")],
            metadata_connection_config=connection,
            enable_cache=True,
        )
    )
    store = metadata_store.MetadataStore(connection)
    values = [artifact.custom_properties for artifact in store.get_artifacts_by_type("Examples")]
    return [
        (
            v["span"].int_value,
            v["version"].int_value,
            v["rows_train"].int_value + v["rows_eval"].int_value,
        )
        for v in values
    ]


def test_a_reprocessed_span_is_taken_up_by_its_fingerprint(
    put: Put, table: str, tmp_path: Path
) -> None:
    path = put("span-1/v1", "span-2/v1") / "span-{SPAN}" / "v{VERSION}" / "*"
    assert _ingest(ColumnarExampleGen.from_path(path, span=1), tmp_path) == [(1, 1, 100)]
    assert _ingest(ColumnarExampleGen.from_path(path, span=1), tmp_path) == [(1, 1, 100)]
    # The same version, written anew: neither its path nor its name tells.
    put("span-1/v1", content=table + "100,1.0,late\n", seconds=1_000_000_060)
    found = _ingest(ColumnarExampleGen.from_path(path, span=1), tmp_path)
    assert found == [(1, 1, 100), (1, 1, 101)]
    # Other bytes, of the same size and time.
    put("span-1/v1", content=table + "100,1.0,LATE\n", seconds=1_000_000_060)
    found = _ingest(ColumnarExampleGen.from_path(path, span=1), tmp_path)
    assert found == [(1, 1, 100), (1, 1, 101), (1, 1, 101)]
    put("span-1/v5")
    found = _ingest(ColumnarExampleGen.from_path(path, span=1), tmp_path)
    assert found == [(1, 1, 100), (1, 1, 101), (1, 1, 101), (1, 5, 100)]
