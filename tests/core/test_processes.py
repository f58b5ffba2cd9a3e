"""Children never outlive their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from core import processes

needs_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="prctl is Linux's; elsewhere a pipe's end serves"
)


def _gone(process: int, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(process) or _is_zombie(process):
            return True
        time.sleep(0.02)
    return False


def _is_zombie(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as status:
            return status.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@needs_linux
def test_a_child_dies_when_its_parent_is_killed() -> None:
    program = (
        "import os, time; from core import processes\n"
        "parent = os.getpid(); child = os.fork()\n"
        "if child == 0:\n"
        "    processes.die_with_parent(parent); os.write(1, b'up'); time.sleep(60)\n"
        "print(child, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        text = b""
        while not (b"up" in text and b"\n" in text):
            text += os.read(parent.stdout.fileno(), 100)
        child = int(text.replace(b"up", b"").strip())
        parent.kill()
    assert _gone(child)


def test_a_group_that_ignores_the_polite_signal_is_ended_for_good() -> None:
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(1, flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True
    )
    assert child.stdout is not None
    child.stdout.readline()

    processes.end_group(child.pid, grace_seconds=0.2)

    child.stdout.close()
    assert _gone(child.pid)


def test_ending_a_group_that_has_gone_is_no_error() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    child.send_signal(signal.SIGKILL)
    child.wait()
    processes.end_group(child.pid)
