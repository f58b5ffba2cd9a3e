"""Measuring a command: all its descendants count, in time and in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

from benchmarks.measurement import measure, memory_of_tree, proportional_set_size

BURN = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
HOLD = "import time; held = bytearray(80_000_000); time.sleep(1)"


def in_a_child(program: str, wait: bool = True) -> str:
    """A program that runs another one as its child and may not wait for it."""
    then = ".wait()" if wait else "; import os; os._exit(0)"
    start = f"p = subprocess.Popen([sys.executable, '-c', {program!r}]); p"
    return f"import subprocess, sys; {start}{then}"


def test_processor_time_of_a_grandchild_counts(tmp_path: Path) -> None:
    found = measure([sys.executable, "-c", in_a_child(BURN)], tmp_path / "log")

    assert found.exit_code == 0
    assert found.cpu_seconds >= 0.3


def test_processor_time_of_an_orphan_counts(tmp_path: Path) -> None:
    found = measure([sys.executable, "-c", in_a_child(BURN, wait=False)], tmp_path / "log")

    assert found.cpu_seconds >= 0.3


def test_memory_of_a_grandchild_counts(tmp_path: Path) -> None:
    found = measure([sys.executable, "-c", in_a_child(HOLD)], tmp_path / "log")

    assert found.peak_bytes > 80_000_000


def test_exit_code_output_and_environment_are_those_of_the_command(tmp_path: Path) -> None:
    program = "import os, sys; print(os.environ['WORD']); sys.exit(4)"

    found = measure([sys.executable, "-c", program], tmp_path / "log", {"WORD": "seen"})

    assert found.exit_code == 4
    assert (tmp_path / "log").read_text() == "seen\n"


def test_a_page_that_two_share_counts_once() -> None:
    program = (
        "import os, sys, time; held = bytearray(60_000_000); os.fork()\n"
        "os.write(1, b'ready'); time.sleep(60)"
    )
    process = psutil.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    try:
        ready = process.stdout.read(len(b"ready") * 2)
        held = memory_of_tree(process.pid)
    finally:
        for each in (*process.children(), process):
            each.kill()
        process.wait()

    assert ready == b"readyready"
    assert 60_000_000 < held < 110_000_000


def test_a_process_that_has_gone_holds_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()

    assert memory_of_tree(process.pid) == 0
    assert proportional_set_size(process.pid) == 0
