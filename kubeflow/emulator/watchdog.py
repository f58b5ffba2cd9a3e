"""A process that ends all tasks when the emulator is gone, even by SIGKILL.

Linux ends a task's own process with its parent; what that one has started lives on.
The watchdog reads the tasks' process groups from a pipe and, at the pipe's end, kills
those that are left.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from types import TracebackType


class Watchdog:
    """A running watchdog; a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kubeflow.emulator.watchdog"],
            stdin=subprocess.PIPE,
            # Its own session: Ctrl-C and what ends the emulator's group pass it by.
            start_new_session=True,
        )

    def __enter__(self) -> Watchdog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def guard(self, group: int) -> None:
        """Takes a process group in."""
        self._tell(f"+{group}")

    def release(self, group: int) -> None:
        """Lets go of a group that has ended."""
        self._tell(f"-{group}")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()


def watch(lines: Iterable[str]) -> None:
    """Reads groups until the lines end, then kills those that are left.

    Args:
      lines: ``+GROUP`` for one to guard, ``-GROUP`` for one that has ended.
    """
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    watch(sys.stdin)
