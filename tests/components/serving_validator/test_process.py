"""The serving process: it ends with whoever started it, and sees nothing of ours."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.serving_validator import process

REPOSITORY = Path(__file__).parents[3]
_PARENT = """
import json, sys
from components.serving_validator.process import Limits, observe
request = json.load(open(sys.argv[1]))
observe(request, Limits(60.0, 60.0, 4 * 2**30))
"""


def _serving(folder: Path) -> list[int]:
    """The processes that serve a model from a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
                cwd = os.readlink(entry / "cwd")
            except OSError:
                continue
            if b"replay.py" in command and cwd.startswith(str(folder)):
                found.append(int(entry.name))
    return found


def _wait(until: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if until():
            return True
        time.sleep(0.05)
    return False


def test_the_serving_process_ends_when_its_parent_is_killed(
    model: Callable[[str], str], rows: list[bytes], tmp_path: Path
) -> None:
    request = tmp_path / "request.json"
    content: dict[str, Any] = {
        "model": model("hangs"),
        "signature": "serving_default",
        "raw_signature": None,
        "rows": [base64.b64encode(row).decode() for row in rows],
        "singles": 1,
        "cases": [],
        "missing": {},
    }
    request.write_text(json.dumps(content))
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(request)],
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    try:
        assert _wait(lambda: bool(_serving(tmp_path)))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert _wait(lambda: not _serving(tmp_path))


def test_passwords_of_the_run_are_not_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILLRACE_METADATA_PASSWORD", "secret")
    assert "secret" not in process._environment().values()


def test_a_process_that_cannot_start_is_no_verdict_on_the_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from core.errors import InfrastructureError

    script = tmp_path / "replay.py"
    script.write_text("import no_such_library")
    monkeypatch.setattr(process, "_SCRIPT", script)
    with pytest.raises(InfrastructureError, match="did not start") as caught:
        process.observe({"raw_signature": None, "cases": []}, process.Limits(1.0, 1.0, 2**30))
    assert any("no_such_library" in line for line in caught.value.evidence)
