"""A bad span of real runs: refused, quarantined, skipped, released, all of it visible."""

from __future__ import annotations

import json
from pathlib import Path

import ml_metadata
import pytest

from components.quarantine import records
from components.quarantine.entry import Entry
from metadata.records import read_run
from metadata.store import open_for_reading
from tests.e2e.command import TAXI, Finished, millrace


class Spans:
    """A project folder with a span of taxi trips for each day, the newest of them bad."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        made = millrace(folder, "sample", "taxi", "--rows=1500", "--output=trips/span-1")
        assert made.code == 0, made.errors
        good = folder / "trips" / "span-1" / "data.csv"
        bad = folder / "trips" / "span-2" / "data.csv"
        bad.parent.mkdir()
        bad.write_text(good.read_text().replace("Credit Card", "Seashells"))

    def run(self, *words: str) -> Finished:
        data = f"--data={self.folder}/trips/span-{{SPAN}}/*.csv"
        return millrace(self.folder, "run", TAXI, data, "--to=DataGate", "--json", *words)

    def call(self, *words: str) -> Finished:
        return millrace(self.folder, *words)

    def span_of(self, run_id: str) -> int:
        """The span that a run took."""
        execution = read_run(self.store, run_id).execution("ExampleGen")
        assert execution is not None
        return int(str(execution.outputs["examples"][0].value("span")))

    @property
    def store(self) -> ml_metadata.MetadataStore:
        return open_for_reading(self.folder / ".millrace" / "metadata.sqlite")

    @property
    def entry(self) -> Entry:
        [entry] = records.entries(self.store)
        return entry


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory) -> Spans:
    return Spans(tmp_path_factory.mktemp("spans"))


def test_a_bad_span_is_refused_skipped_and_released(spans: Spans) -> None:
    refused = spans.run()
    assert refused.code == 3, refused.output + refused.errors
    entry = spans.entry
    assert (entry.status, entry.data.span) == ("quarantined", 2)
    assert sum(entry.rows.values()) == 1500
    report = json.loads(Path(entry.report, "report.json").read_text())
    assert "Seashells" in json.dumps(report)
    shown = spans.call("show", refused.run_id).output
    assert f"refused data        span 2, now quarantined as {entry.id}" in shown
    page = spans.folder / ".millrace" / "runs" / refused.run_id / "report.html"
    assert entry.id in page.read_text()

    skipped = spans.run()
    assert skipped.code == 0, skipped.output + skipped.errors
    assert spans.span_of(skipped.run_id) == 1
    shown = spans.call("show", skipped.run_id).output
    assert f"skipped data        span 2, now quarantined as {entry.id}" in shown
    assert "skipped span 2 (quarantined)" in shown

    released = spans.call("data", "quarantine", "release", entry.id[:6], "--because=fine")
    assert released.code == 0, released.errors
    again = spans.run("--set=gate.allowed=[payment_type]")
    assert again.code == 0, again.output + again.errors
    assert spans.span_of(again.run_id) == 2
    assert again.states()["ExampleGen"] == "cached"
    assert [change.action for change in spans.entry.history] == ["refused", "released"]
