"""What a task's process shows: help, refusals, and tracebacks only when asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(repository: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kubeflow.entrypoint", *words],
        cwd=repository,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_teaches(repository: Path) -> None:
    done = run(repository, "--help")

    assert done.returncode == 0
    assert "--set NAME VALUE" in done.stdout
    assert "143 stopped by SIGTERM" in done.stdout


@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_refusal_has_a_traceback_only_when_asked(
    repository: Path, tmp_path: Path, debug: str
) -> None:
    log = tmp_path / "log"

    done = run(
        repository, "--node", "Trainer", MILLRACE_DEBUG=debug, MILLRACE_TERMINATION_LOG=str(log)
    )

    assert done.returncode == 2
    assert done.stderr.endswith(log.read_text() + "\n")
    assert log.read_text().startswith("user error: --run-id is missing")
    assert ("Traceback" in done.stderr) == (debug == "1")
