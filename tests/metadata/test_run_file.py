"""The runner's account of a run is read back as written, or refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError, InfrastructureError
from metadata import run_file
from metadata.run_file import ErrorRecord, Identity, NodeRecord, RunRecord

ACCOUNT = RunRecord(
    run_id="run-1",
    pipeline="taxi",
    status="failed",
    started="2026-05-04T10:00:00+00:00",
    finished="2026-05-04T10:01:30.500+00:00",
    error=ErrorRecord("DataError", "bad rows", ("row 3",), "repair", "rows", "ExampleGen"),
    identity=Identity("d", "c", "k"),
    nodes=(
        NodeRecord("ExampleGen", (), "failed", "2026-05-04T10:00:01+00:00", 2.5, "3 rows"),
        NodeRecord("Trainer", ("ExampleGen",)),
    ),
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    run_file.write(tmp_path, ACCOUNT)

    assert run_file.read(tmp_path) == ACCOUNT


@settings(max_examples=30)
@given(text=st.text(), seconds=st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_and_time_survives(
    tmp_path_factory: pytest.TempPathFactory, text: str, seconds: float
) -> None:
    folder = tmp_path_factory.mktemp("run")
    account = ACCOUNT.with_node(NodeRecord("Trainer", (text,), "done", None, seconds, text))

    run_file.write(folder, account)

    assert run_file.read(folder) == account


def test_seconds_span_the_whole_run() -> None:
    assert ACCOUNT.seconds == 90.5


def test_a_run_that_goes_on_has_no_seconds() -> None:
    going_on = RunRecord("r", "p", "running", run_file.utc_now())

    assert going_on.seconds is None


def test_an_error_keeps_its_class_and_so_its_exit_code() -> None:
    error = DataError("bad rows", evidence=["row 3"], hint="repair", code="rows")

    recorded = ErrorRecord.of(error, "ExampleGen")

    assert recorded.node == "ExampleGen"
    assert isinstance(recorded.to_error(), DataError)
    assert str(recorded.to_error()) == str(error)


def test_with_node_replaces_only_the_node_of_that_id() -> None:
    changed = ACCOUNT.with_node(NodeRecord("Trainer", state="done"))

    assert [node.state for node in changed.nodes] == ["failed", "done"]


def test_a_missing_account_is_named(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="No account") as caught:
        run_file.read(tmp_path / "nowhere")

    assert caught.value.code == "run-file-missing"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": "one"}',
        '{"version": 1, "run_id": "r"}',
        '{"version": 1, "run_id": "r", "pipeline": "p", "status": "odd", "started": "2026-05-04"}',
        '{"version": 1, "run_id": "r", "pipeline": "p", "status": "failed", "started": "noon"}',
        '{"version": 1, "run_id": "r", "pipeline": "p", "status": "failed",'
        ' "started": "2026-05-04T10:00:00"}',
    ],
)
def test_a_broken_account_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / run_file.FILE_NAME).write_text(text)

    with pytest.raises(InfrastructureError, match="cannot be read") as caught:
        run_file.read(tmp_path)

    assert caught.value.code == "run-file-broken"


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = run_file.write(tmp_path, ACCOUNT)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "version": run_file.VERSION + 1}))

    with pytest.raises(InfrastructureError, match="newer version"):
        run_file.read(tmp_path)


def test_keys_of_a_newer_version_are_passed_over(tmp_path: Path) -> None:
    path = run_file.write(tmp_path, ACCOUNT)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "mood": "good"}))

    assert run_file.read(tmp_path) == ACCOUNT
