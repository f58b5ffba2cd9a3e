"""`millrace doctor`: the table, the JSON and the exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cli import main as cli
from cli.health import checks
from cli.health.checks import Check

WELL = Check("Disk", "ok", "9 GiB")
NEARLY = Check("Memory", "warning", "3 GiB", "close programs")
BROKEN = Check("TFX", "failed", "No module named 'dill'", "make -B env")


def doctor(monkeypatch: pytest.MonkeyPatch, found: list[Check], *words: str) -> int:
    monkeypatch.setattr(checks, "all_checks", lambda folder: [lambda: found])
    with pytest.raises(SystemExit) as end:
        cli.main(["doctor", *words])
    return int(end.value.code or 0)


def test_a_healthy_machine_ends_with_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert doctor(monkeypatch, [WELL, NEARLY]) == 0
    assert "ready to run" in capsys.readouterr().out


def test_a_failed_row_shows_its_fix_and_ends_with_5(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert doctor(monkeypatch, [WELL, BROKEN]) == 5

    output = capsys.readouterr().out
    assert "make -B env" in output
    assert "1 of 2 checks failed" in output


def test_json_is_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert doctor(monkeypatch, [BROKEN], "--json") == 5

    document = json.loads(capsys.readouterr().out)
    assert document["healthy"] is False
    assert document["checks"][0]["fix"] == "make -B env"


def test_all_but_the_imports_pass_here_without_importing_tensorflow(tmp_path: Path) -> None:
    loaded = set(sys.modules)
    looks = [look for look in checks.all_checks(tmp_path) if look is not checks.check_tensorflow]

    found = [check for look in looks for check in look()]

    assert [check.name for check in found] == [
        "Python", "Packages", "Processor", "Disk", "Memory", "Run folder", "Metadata store",
    ]  # fmt: skip
    assert [check for check in found if check.status == "failed"] == []
    assert "tensorflow" not in set(sys.modules) - loaded
