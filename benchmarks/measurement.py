"""Wall time, processor time and memory of a command with all its descendants.

Both sides of a comparison are measured by this alone, so that what it misses (peaks
between two samples) it misses for both.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.2
_PR_SET_CHILD_SUBREAPER = 36


@dataclasses.dataclass(frozen=True)
class Measurement:
    """What one command took.

    Attributes:
      wall_seconds: From start to end.
      cpu_seconds: User and system time of the process and all its descendants.
      peak_bytes: The largest sum of their memory seen, pages that several share
        counted once (proportional set size).
      exit_code: Of the command.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    exit_code: int


def measure(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Measurement:
    """Runs a command to its end.

    Args:
      command: Program and arguments.
      log: Where its output goes.
      environment: Added to this process's environment.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with _adopting_orphans():
        return _measure(command, log, environment)


def _measure(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None
) -> Measurement:
    others = _children()
    before, started = _cpu_seconds_of_children(), time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    sampler = _PeakMemory(process.pid)
    with sampler:
        exit_code = process.wait()
    wall = time.monotonic() - started
    _reap(_children() - others)
    return Measurement(wall, _cpu_seconds_of_children() - before, sampler.peak, exit_code)


def _cpu_seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def _adopting_orphans() -> Iterator[None]:
    """Makes descendants whose parent dies children of this process, which counts their time."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def _reap(orphans: set[int], patience: float = 10.0) -> None:
    """Waits for descendants that outlive the command: only then their time is counted."""
    deadline = time.monotonic() + patience
    while orphans and time.monotonic() < deadline:
        for pid in tuple(orphans):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    continue
            orphans.discard(pid)
        time.sleep(0.05)


class _PeakMemory:
    """Samples the memory of a process and its descendants while the block runs."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.is_set():
            self.peak = max(self.peak, memory_of_tree(self._pid))
            self._done.wait(SAMPLE_SECONDS)


def memory_of_tree(pid: int) -> int:
    """Bytes that a process and its descendants hold now; 0 where it has gone."""
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(proportional_set_size(process.pid) for process in tree)


def proportional_set_size(pid: int) -> int:
    """Bytes of one process, each page divided by how many processes share it."""
    # psutil adds up /proc/PID/smaps, which takes long for TensorFlow's many mappings;
    # the kernel has the sum ready.
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
