"""SIGTERM ends a task at once, and a task's forked child alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

_START = "from kubeflow.entrypoint.termination import end_on_sigterm; end_on_sigterm()\n"
# A call that keeps the main thread for minutes and lets other threads run, as those of
# TensorFlow and Arrow do: a handler in Python would wait for its end.
_LONG_CALL = (
    "import hashlib\nprint('ready', flush=True)\n"
    "hashlib.pbkdf2_hmac('sha256', b'password', b'salt', 1_000_000_000)\n"
)
_FORK = (
    "import os, signal, time\n"
    "child = os.fork()\n"
    "if child == 0:\n    time.sleep(60)\n    os._exit(0)\n"
    "os.kill(child, signal.SIGTERM)\n"
    "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
)


def start(repository: Path, program: str, log: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _START + program],
        cwd=repository,
        env={**os.environ, "MILLRACE_TERMINATION_LOG": str(log)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_long_call_is_ended_too(repository: Path, tmp_path: Path) -> None:
    process = start(repository, _LONG_CALL, tmp_path / "log")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 143
    assert errors.startswith("stopped by SIGTERM")
    assert (tmp_path / "log").read_text() == "stopped by SIGTERM"


def test_a_forked_child_is_ended_alone(repository: Path, tmp_path: Path) -> None:
    process = start(repository, _FORK, tmp_path / "log")

    output, errors = process.communicate(timeout=30)

    assert (process.returncode, output, errors) == (0, f"{-signal.SIGTERM}\n", "")
    assert not (tmp_path / "log").exists()
