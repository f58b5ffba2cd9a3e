"""Refused data are quarantined and skipped, through TFX's launcher and a real store."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import millrace
from components.example_gen.spans.source_state import source_state
from components.quarantine import records
from core.errors import DataError
from metadata.records import read_run
from metadata.store import open_store, sqlite_config

_HOUR = 3600


class Place:
    """A folder of spans and a pipeline of two nodes over it: ExampleGen and a gate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "trips"
        self.root = folder / "root"
        self.root.mkdir()
        self.refused = folder / "refused.json"
        self.pattern = "span-{SPAN}/v{VERSION}/*.csv"
        self._runs = 0

    def write(self, span: int, version: int = 1, rows: int = 30, hour: int = 1) -> None:
        path = self.data / f"span-{span}" / f"v{version}" / "data.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("fare,tip\n" + "".join(f"{i}.5,{i}\n" for i in range(rows)))
        os.utime(path, (hour * _HOUR, hour * _HOUR))

    def run(self, *refused: int, span: int | None = None, name: str = "") -> tuple[Any, Any]:
        """Runs both nodes; the gate's outcome is None where ExampleGen failed."""
        from tfx.dsl.compiler import compiler, constants
        from tfx.orchestration import pipeline as tfx_pipeline
        from tfx.orchestration.portable import runtime_parameter_utils

        from components.example_gen.component import ColumnarExampleGen
        from pipeline.nodes.launch import launch_node
        from tests.pipeline.nodes.refusing_gate import Gate

        self.refused.write_text(json.dumps(refused))
        self._runs += 1
        self.run_id = name or f"run-{self._runs}"
        example_gen = ColumnarExampleGen.from_path(
            self.data, pattern=self.pattern, span=span
        ).with_id("ExampleGen")
        gate = Gate(example_gen.outputs["examples"], self.refused).with_id("DataGate")
        built = tfx_pipeline.Pipeline(
            pipeline_name="trips",
            pipeline_root=str(self.root / "artifacts"),
            components=[example_gen, gate],
            enable_cache=True,
            metadata_connection_config=sqlite_config(self.root / "metadata.sqlite"),
        )
        compiled = compiler.Compiler().compile(built)
        runtime_parameter_utils.substitute_runtime_parameter(
            compiled, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: self.run_id}
        )
        ingested = launch_node(compiled, "ExampleGen")
        if ingested.state == "failed":
            return ingested, None
        return ingested, launch_node(compiled, "DataGate")

    @property
    def store(self) -> Any:
        return open_store(sqlite_config(self.root / "metadata.sqlite"))

    @property
    def span(self) -> int:
        """The span that the last run took."""
        execution = read_run(self.store, self.run_id).execution("ExampleGen")
        assert execution is not None
        [examples] = execution.outputs["examples"]
        return int(str(examples.value("span")))

    @property
    def entry(self) -> Any:
        """The only entry."""
        [entry] = records.entries(self.store)
        return entry


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    for span in (7, 8):
        made.write(span)
    return made


def test_data_that_a_gate_refused_are_recorded_with_their_report(place: Place) -> None:
    _, gate = place.run(8)

    entry = place.entry
    assert gate.state == "failed"
    assert gate.error.headline == "1 feature of the new data breaks the schema"
    assert gate.error.evidence == (
        "eval: fare: gone",
        f"span 8, version 1: quarantined as {entry.id}; later runs skip these data; "
        f"the whole report: {entry.report}",
    )
    assert gate.error.hint == (
        f"correct the data; `millrace data quarantine show {entry.id}` tells more; "
        f"`millrace data quarantine release {entry.id}` then lets runs take the data again"
    )
    assert entry.data.input_base == str(place.data)
    assert dict(entry.data.patterns) == {"single_split": "span-8/v1/*.csv"}
    assert (entry.data.span, entry.data.version) == (8, 1)
    assert sum(entry.rows.values()) == 30
    assert (entry.code, entry.reason) == ("data-anomalies", gate.error.headline)
    assert entry.was_refused_in(place.run_id)
    assert entry.report == str(place.root / "quarantine" / entry.id)
    assert Path(entry.report, "report.json").read_text() == '{"accepted": false}'
    assert Path(entry.report, "report.html").read_text() == "<p>fare</p>"
    assert records.entries_of_run(place.store, place.run_id) == (entry,)
    assert (place.data / "span-8" / "v1" / "data.csv").is_file()


def test_the_files_are_compared_by_their_content(place: Place) -> None:
    place.pattern = "span-8/*/*.csv"
    place.write(8, version=2, hour=5)
    place.run(0)
    data = place.entry.data
    assert source_state(data) == "unchanged"

    place.write(8, version=2, hour=6)
    assert source_state(data) == "unchanged", "the same bytes, written again"
    place.write(8, version=2, rows=31)
    assert source_state(data) == "changed"
    shutil.rmtree(place.data / "span-8")
    assert source_state(data) == "gone"


def test_the_next_run_takes_the_last_good_span_from_the_cache(place: Place) -> None:
    (place.data / "span-8").rename(place.folder / "later")
    assert place.run()[1].state == "done"
    (place.folder / "later").rename(place.data / "span-8")
    assert place.run(8)[1].state == "failed"

    ingested, gate = place.run(8)

    assert (ingested.state, gate.state) == ("cached", "cached")
    assert place.span == 7
    assert [e.data.span for e in records.entries_of_run(place.store, place.run_id)] == [8]
    assert not place.entry.was_refused_in(place.run_id)


def test_released_data_run_again_and_are_judged_anew(place: Place) -> None:
    place.run(8)
    records.change(place.store, place.entry.id, "released", "ada", "right after all")

    ingested, gate = place.run()

    assert (ingested.state, gate.state) == ("cached", "done")
    assert place.span == 8
    assert records.entries_of_run(place.store, place.run_id) == ()


@pytest.mark.parametrize("correction", ["file", "version"])
def test_a_corrected_span_passes_by_itself(place: Place, correction: str) -> None:
    place.run(8)
    if correction == "file":
        place.write(8, rows=31)
    else:
        place.write(8, version=2)

    ingested, gate = place.run()

    assert (ingested.state, gate.state) == ("done", "done")
    assert place.span == 8
    assert place.entry.status == "quarantined"


def test_a_corrected_file_that_is_bad_too_gets_an_entry_of_its_own(place: Place) -> None:
    place.run(8)
    place.write(8, version=2)
    place.run(8)
    _, gate = place.run(8)

    assert gate.state == "done"
    assert place.span == 7
    assert len(records.blocked(place.store, "trips")) == 2
    # Version 1 of the span is not taken in place of its newer version.
    assert [e.data.version for e in records.entries_of_run(place.store, place.run_id)] == [2]


def test_a_span_that_is_asked_for_is_refused_with_who_when_and_why(place: Place) -> None:
    place.run(8)
    entry = place.entry

    ingested, gate = place.run(span=8)

    assert gate is None
    error = ingested.error
    assert isinstance(error, DataError)
    assert error.code == "data-quarantined"
    assert error.headline == "span 8, version 1 is quarantined, and no run takes it"
    assert f"refused by DataGate on {entry.history[0].when} in run run-1" in error.evidence[1]
    assert f"millrace data quarantine release {entry.id}" in error.hint
    assert place.entry == entry, "ExampleGen's own refusal is no refusal of a gate"


def test_a_span_that_is_asked_for_and_good_is_taken(place: Place) -> None:
    place.run(8)

    assert place.run(8, span=7)[1].state == "done"
    assert place.span == 7


def test_where_all_spans_are_refused_the_run_says_so(place: Place) -> None:
    place.run(7, 8)
    place.run(7, 8)

    ingested, _ = place.run()

    assert ingested.error.headline == "all 2 spans are quarantined; there is nothing to train on"
    assert [line.split(",")[0] for line in ingested.error.evidence] == ["span 8", "span 7"]
    assert len(records.entries_of_run(place.store, place.run_id)) == 2


def test_the_hint_releases_what_may_be_released(place: Place) -> None:
    place.run(7, 8)
    newest = place.entry
    place.run(7, 8)
    [older] = [entry for entry in records.entries(place.store) if entry.id != newest.id]
    records.change(place.store, newest.id, "discarded", "ada", "")

    ingested, _ = place.run()

    [command] = re.findall(r"`millrace (data quarantine release [^`]*)`", ingested.error.hint)
    assert command.endswith(older.id)
    words = [*command.split(), "--root", str(place.root)]
    assert CliRunner().invoke(millrace, words, catch_exceptions=False).exit_code == 0
    assert place.run()[1].state == "done"
    assert place.span == 7


def test_discarded_data_cannot_be_released(place: Place) -> None:
    place.run(8)
    records.change(place.store, place.entry.id, "discarded", "ada", "")

    ingested, _ = place.run(span=8)

    assert "is discarded" in ingested.error.headline
    assert "release" not in ingested.error.hint
    assert place.run()[1].state == "done"
    assert place.span == 7


def test_data_without_spans_are_recognised_too(place: Place) -> None:
    place.pattern = "span-8/v1/*.csv"
    place.run(0)

    ingested, _ = place.run(0)

    assert ingested.error.code == "data-quarantined"
    assert str(place.data / "span-8/v1/*.csv") in ingested.error.headline
    place.write(8, rows=31)
    assert place.run()[1].state == "done"


def test_dates_are_spans(place: Place) -> None:
    place.pattern = "{YYYY}-{MM}-{DD}/*.csv"
    for day in ("2024-02-29", "2024-03-01"):
        (place.data / day).mkdir()
        rows = "".join(f"{i}.5\n" for i in range(30))
        (place.data / day / "data.csv").write_text(f"fare\n{rows}")
    place.run(19783)

    assert place.run()[1].state == "done"
    assert place.span == 19782


def test_a_refusal_that_cannot_be_recorded_is_still_the_refusal(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> None:
        raise OSError("the store is gone")

    monkeypatch.setattr(records, "quarantine", broken)
    _, gate = place.run(8)

    assert gate.error.code == "data-anomalies"
    assert gate.error.evidence[-1] == "the data could not be quarantined: the store is gone"


def test_a_report_that_cannot_be_written_does_not_keep_the_record_from_being_made(
    place: Place,
) -> None:
    (place.root / "quarantine").write_text("in the way")
    place.run(8)

    assert place.entry.report == ""
    assert place.run()[1].state == "done"
