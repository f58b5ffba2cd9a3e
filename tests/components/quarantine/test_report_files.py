"""The files of an entry: those that came with the refusal, on a disk or in a bucket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.quarantine.refusal import is_refusal
from components.quarantine.report_files import (
    own_evidence,
    report_contents,
    report_folder,
    write_report,
)
from components.quarantine.report_line import REPORT_LINE
from core.errors import DataError, InternalError


def _refusal(**details: str) -> DataError:
    return DataError("fare is gone", evidence=["eval"], code="data-x", hint="do", details=details)


def test_a_refusal_without_files_tells_of_itself() -> None:
    [(name, text)] = report_contents(_refusal()).items()

    assert name == "report.json"
    said = json.loads(text)
    assert (said["headline"], said["evidence"]) == ("fare is gone", ["eval"])


def test_files_that_came_with_it_are_kept_below_the_folder_only() -> None:
    files = report_contents(_refusal(**{"report.json": "{}", "../../report.html": "<p>"}))

    assert files == {"report.json": "{}", "report.html": "<p>"}


def test_files_that_the_gate_left_are_taken_and_its_folder_is_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "data_gate.json").write_text('{"accepted": false}')
    (tmp_path / "data_gate.html").write_text("<p>é</p>")
    error = DataError("<fare>", evidence=["eval", f"{REPORT_LINE}{tmp_path}"], code="data-x")

    files = report_contents(error)

    assert files["report.json"] == '{"accepted": false}'
    assert "<title>&lt;fare&gt;</title>" in files["report.html"]
    assert "<body><p>é</p></body>" in files["report.html"]
    assert own_evidence(error) == ("eval",)


@pytest.mark.parametrize("evidence", [[f"{REPORT_LINE}/no/such/folder"], []])
def test_where_the_gate_left_nothing_the_refusal_is_the_report(evidence: list[str]) -> None:
    assert list(report_contents(DataError("x", evidence=evidence, code="data-x"))) == [
        "report.json"
    ]


@pytest.mark.parametrize("root", ["/root/of/all", "gs://bucket/root", "gs://bucket/root/"])
def test_an_entry_has_a_folder_below_the_root(root: str) -> None:
    assert report_folder(root, "3f9a") == f"{root.rstrip('/')}/quarantine/3f9a"


def test_only_the_words_of_a_gate_about_data_are_a_refusal() -> None:
    assert is_refusal(_refusal())
    assert not is_refusal(DataError("no files", code="no-files"))
    assert not is_refusal(InternalError("a defect", code="data-x"))


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that TFX's file systems know as ``bucket://``."""
    # The first registers all others, which must not be lost with the patch.
    from tfx.dsl.io import fileio, filesystem_registry
    from tfx.dsl.io.plugins.local import LocalFilesystem

    class Bucket(LocalFilesystem):
        SUPPORTED_SCHEMES = ["bucket://"]  # noqa: RUF012

        @staticmethod
        def open(name: Any, mode: str = "r") -> Any:
            return open(tmp_path / str(name).removeprefix("bucket://"), mode)

        @staticmethod
        def exists(path: Any) -> bool:
            return (tmp_path / str(path).removeprefix("bucket://")).exists()

        @staticmethod
        def makedirs(path: Any) -> None:
            (tmp_path / str(path).removeprefix("bucket://")).mkdir(parents=True, exist_ok=True)

    registry = filesystem_registry.DEFAULT_FILESYSTEM_REGISTRY
    assert fileio.exists(str(tmp_path))
    known = registry._preferred_filesystem_by_scheme
    monkeypatch.setattr(registry, "_preferred_filesystem_by_scheme", {**known})
    registry.register(Bucket, priority=0)
    return tmp_path


def test_files_go_to_a_bucket(bucket: Path) -> None:
    write_report("bucket://b/quarantine/3f9a", {"report.json": "{}", "report.html": "<p>é"})

    assert (bucket / "b/quarantine/3f9a/report.json").read_text() == "{}"
    assert (bucket / "b/quarantine/3f9a/report.html").read_text() == "<p>é"


def test_files_that_the_gate_left_in_a_bucket_are_taken(bucket: Path) -> None:
    (bucket / "left").mkdir()
    (bucket / "left" / "data_gate.json").write_text("{}")
    error = DataError("x", evidence=[f"{REPORT_LINE}bucket://left"], code="data-x")

    assert report_contents(error) == {"report.json": "{}"}


def test_files_of_a_second_refusal_take_the_place_of_the_first_ones(tmp_path: Path) -> None:
    write_report(str(tmp_path / "q"), {"report.json": "1"})
    write_report(str(tmp_path / "q"), {"report.json": "2"})

    assert (tmp_path / "q" / "report.json").read_text() == "2"
