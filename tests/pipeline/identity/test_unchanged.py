"""A run's identity changes with its data, its configuration and nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from components.quarantine import records
from components.quarantine.entry import Change, DataIdentity, Entry
from core import fingerprints
from core.fingerprints import Mode
from metadata.run_file import Identity, RunRecord, write
from metadata.run_folder import RunFolder
from pipeline.configuration.loading import data_layer, load
from pipeline.definition import Locations
from pipeline.identity.unchanged import fingerprint, identify, unchanged_run
from tests.made_run import Recorder

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table" / "data.csv"
    path.parent.mkdir()
    path.write_text("a\n1\n")
    return path


def _identity(table: Path, *assignments: str) -> Identity:
    loaded = load(
        REPOSITORY / "configs" / "taxi.yaml",
        assignments=assignments,
        overrides=[data_layer(str(table.parent))],
    )
    return identify(loaded.configuration, Locations(table.parent.parent / "root", REPOSITORY))


def test_asking_twice_gives_the_same_answer(table: Path) -> None:
    assert _identity(table) == _identity(table)


def test_other_rows_are_other_data(table: Path) -> None:
    before = _identity(table)
    table.write_text("a\n2\n3\n")
    after = _identity(table)
    assert after.data != before.data
    assert (after.configuration, after.code) == (before.configuration, before.code)


def test_a_changed_value_is_another_configuration(table: Path) -> None:
    before, after = _identity(table), _identity(table, "trainer.train_steps=3")
    assert after.configuration != before.configuration
    assert after.data == before.data


def test_how_a_cluster_would_run_it_is_no_part_of_it(table: Path) -> None:
    assert _identity(table, "kubeflow.image=elsewhere/image:2") == _identity(table)


def test_another_metadata_store_is_another_configuration(table: Path) -> None:
    other = _identity(table, "metadata.kind=grpc", "metadata.host=mlmd")
    assert other.configuration != _identity(table).configuration


def test_an_edited_schema_is_another_configuration(table: Path, tmp_path: Path) -> None:
    schema = tmp_path / "schema.pbtxt"
    schema.write_text("# one")
    before = _identity(table, f"schema_file={schema}")
    schema.write_text("# two")
    assert _identity(table, f"schema_file={schema}") != before


def _rewrite(path: Path, content: str) -> None:
    """Writes a file as tools do that keep times: other bytes, same size and time."""
    status = path.stat()
    assert len(content) == status.st_size
    path.write_text(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("mode", ["auto", "content"])
def test_other_bytes_of_equal_size_and_time_are_other_data(table: Path, mode: Mode) -> None:
    before = fingerprint(table, mode)
    _rewrite(table, "a\n2\n")
    assert fingerprint(table, mode) != before


def test_equal_bytes_of_another_time_are_the_same_data(table: Path) -> None:
    before = fingerprint(table), fingerprint(table, "metadata")
    os.utime(table, ns=(0, table.stat().st_mtime_ns + 1))
    assert fingerprint(table) == before[0]
    assert fingerprint(table, "metadata") != before[1]


def test_large_data_are_told_by_size_and_time_unless_asked_otherwise(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "CONTENT_BYTES", 3)
    before = fingerprint(table), fingerprint(table, "content")
    _rewrite(table, "a\n2\n")
    assert fingerprint(table) == before[0]
    assert fingerprint(table, "content") != before[1]


@pytest.mark.parametrize("path", ["table/data.csv", "table", "table/*.csv"])
def test_a_project_that_was_renamed_computes_the_same(tmp_path: Path, path: str) -> None:
    before = tmp_path / "before"
    (before / "table").mkdir(parents=True)
    (before / "table" / "data.csv").write_text("a\n1\n")
    shutil.copytree(REPOSITORY / "configs", before / "configs")
    shutil.copytree(REPOSITORY / "schema" / "taxi", before / "schema" / "taxi")

    def identity(project: Path, data: str) -> Identity:
        loaded = load(project / "configs" / "taxi.yaml", overrides=[data_layer(data)])
        return identify(loaded.configuration, Locations(project / ".millrace", project))

    first = identity(before, path)
    assert identity(before, str(before / path)) == first
    after = before.rename(tmp_path / "after")
    assert identity(after, path) == identity(after, str(after / path)) == first
    _rewrite(after / "table" / "data.csv", "a\n2\n")
    assert identity(after, path).data != first.data


def test_a_file_that_appears_in_a_folder_counts(table: Path) -> None:
    before = fingerprint(table.parent)
    (table.parent / "more.csv").write_text("a\n")
    assert fingerprint(table.parent) != before


@pytest.mark.parametrize("pattern", ["span-{SPAN}/v{VERSION:2}/*.csv", "span-*/v*/*.csv"])
def test_a_new_span_of_a_pattern_counts(tmp_path: Path, pattern: str) -> None:
    for span in ("span-1", "span-2"):
        before = fingerprint(tmp_path / pattern)
        folder = tmp_path / span / "v01"
        folder.mkdir(parents=True)
        (folder / "data.csv").write_text("a\n1\n")

        assert fingerprint(tmp_path / pattern) != before


class Finished:
    """A finished run of two nodes whose data lie in one folder."""

    identity = Identity("data", "configuration", "code")

    def __init__(self, root: Path) -> None:
        self.folder = RunFolder(root)
        recorder = Recorder(self.folder.store, "run-1")
        self.store = recorder.store
        examples = recorder.artifact("Examples", root)
        recorder.execute("ExampleGen", outputs={"examples": examples}, input_base="/data/trips")
        # Long ago, for whatever comes now is later.
        started, ended = "2021-01-01T00:00:00.000+00:00", "2021-01-01T00:01:00.000+00:00"
        record = RunRecord("run-1", "taxi", "succeeded", started, ended, identity=self.identity)
        write(self.folder.run("run-1").folder, record)

    @property
    def is_unchanged(self) -> bool:
        return unchanged_run(self.folder, "taxi", self.identity) is not None

    def refuse(self, when: str, **data: Any) -> str:
        """Quarantines data."""
        values = {"pipeline": "taxi", "input_base": "/data/trips", **data}
        identity = DataIdentity(
            **values, patterns={"s": "span-8/*"}, span=8, version=None, fingerprint="split:s"
        )
        change = Change("refused", "DataGate", when, "why", "other")
        return records.quarantine(self.store, Entry(identity, {}, "why", history=(change,))).id


def test_a_finished_run_is_the_answer(tmp_path: Path) -> None:
    assert Finished(tmp_path).is_unchanged


def test_after_a_release_it_is_not(tmp_path: Path) -> None:
    finished = Finished(tmp_path)
    entry = finished.refuse("2020-01-01T00:00:00.000+00:00")
    assert finished.is_unchanged, "the run knew this entry and skipped its data"

    records.change(finished.store, entry, "released", "ada", "")

    assert not finished.is_unchanged


@pytest.mark.parametrize(
    ("data", "unchanged"),
    [({}, False), ({"pipeline": "other"}, True), ({"input_base": "/data/other"}, True)],
    ids=["own", "pipeline", "folder"],
)
def test_after_a_refusal_among_its_own_data_it_is_not(
    tmp_path: Path, data: dict[str, str], unchanged: bool
) -> None:
    finished = Finished(tmp_path)

    finished.refuse("2999-01-01T00:00:00.000+00:00", **data)

    assert finished.is_unchanged is unchanged


def test_a_span_that_is_finished_now_is_other_data(tmp_path: Path) -> None:
    (tmp_path / "span-1").mkdir()
    (tmp_path / "span-1" / "data.csv").write_text("a\n1\n")
    data = tmp_path / "span-{SPAN}" / "*.csv" / "parent is asked for"
    ready = "data.ready={marker: _SUCCESS}"
    before = _identity(data, ready)
    assert _identity(data, ready) == before
    (tmp_path / "span-1" / "_SUCCESS").touch()
    assert _identity(data, ready).data != before.data
    assert _identity(data).data != before.data
