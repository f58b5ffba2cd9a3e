"""`millrace runs` lists runs for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.runs import runs
from core import errors
from metadata.run_folder import RunFolder
from tests.made_run import make_failed_run, make_run


def listed(root: Path, *options: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(runs, ["--root", str(root), *options], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_root_in_a_bucket_is_refused() -> None:
    with pytest.raises(errors.UserError, match="not a folder on this machine"):
        CliRunner().invoke(runs, ["--root", "gs://bucket/x"], catch_exceptions=False)


def test_runs_are_listed_with_their_outcome(tmp_path: Path) -> None:
    make_run(tmp_path, "run-1")
    make_failed_run(tmp_path, "run-2")

    newest, oldest = listed(tmp_path).splitlines()[1:]

    assert newest.startswith("run-2")
    assert "ExampleValidator: The examples do not follow the schema" in newest
    assert oldest.startswith("run-1")
    assert "succeeded" in oldest
    assert "9 done; Pusher result" in oldest


def test_json_has_the_whole_accounts(tmp_path: Path) -> None:
    make_run(tmp_path, "run-1")
    make_failed_run(tmp_path, "run-2")

    failed, good = json.loads(listed(tmp_path, "--json"))

    assert failed["error"]["code"] == "data-anomalies"
    assert (good["status"], good["seconds"]) == ("succeeded", 12.0)
    assert good["nodes"][0] == {
        "id": "ExampleGen",
        "upstream": [],
        "state": "done",
        "started": "2026-05-04T10:00:00+00:00",
        "seconds": 1.5,
        "result": "ExampleGen result",
    }
    assert good["report"] is None


def test_older_runs_are_counted(tmp_path: Path) -> None:
    make_failed_run(tmp_path, "run-1")
    make_failed_run(tmp_path, "run-2")

    output = listed(tmp_path, "--limit", "1")

    assert "run-1" not in output
    assert "1 older run:" in output
    assert len(json.loads(listed(tmp_path, "--json", "--limit", "0"))) == 2


def test_an_unreadable_run_does_not_hide_the_others(tmp_path: Path) -> None:
    make_failed_run(tmp_path, "run-1")
    make_failed_run(tmp_path, "run-2")
    RunFolder(tmp_path).run("run-2").account.write_text("{")

    output = listed(tmp_path)

    assert "run-1" in output
    assert "unreadable" in output
    assert json.loads(listed(tmp_path, "--json"))[-1]["status"] == "unreadable"


def test_no_runs_is_no_error(tmp_path: Path) -> None:
    assert "No runs" in listed(tmp_path)
    assert json.loads(listed(tmp_path, "--json")) == []
