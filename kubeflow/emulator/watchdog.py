"""A process that ends all tasks when the emulator is gone, even by SIGKILL.

Linux ends a task's own process with its parent; what that one has started lives on.
The watchdog reads the tasks' process groups from a pipe and, at the pipe's end, kills
those that are left. A task's process tells its group itself, between fork and exec, so
that it starts nothing that is not guarded.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterable

from core import import_path


class Watchdog:
    """A running watchdog; it must be closed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            import_path.module_command("kubeflow.emulator.watchdog"),
            stdin=subprocess.PIPE,
            # Its own session: Ctrl-C and what ends the emulator's group pass it by.
            start_new_session=True,
        )
        self._entries = itertools.count(1)

    def close(self) -> None:
        """Ends it, and with it all groups that it still guards."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def new_entry(self) -> int:
        """A number for a process group that is about to start."""
        return next(self._entries)

    def guard(self, entry: int) -> None:
        """Takes the calling process's group in; called in the child, before exec.

        Args:
          entry: Its number.
        """
        self._tell(f"+{entry} {os.getpid()}\n")

    def release(self, entry: int) -> None:
        """Lets go of a group that has ended, or never started.

        Args:
          entry: Its number.
        """
        with contextlib.suppress(BrokenPipeError):
            self._tell(f"-{entry}\n")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        # Unbuffered, and so short that writers do not mix.
        os.write(self._process.stdin.fileno(), line.encode())


def watch(lines: Iterable[str]) -> None:
    """Reads groups until the lines end, then kills those that are left.

    Args:
      lines: ``+ENTRY GROUP`` for one to guard, ``-ENTRY`` for one that has ended.
    """
    groups: dict[str, int] = {}
    for line in lines:
        entry, _, group = line[1:].strip().partition(" ")
        if line[0] == "+":
            groups[entry] = int(group)
        else:
            groups.pop(entry, None)
    for number in groups.values():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(number, signal.SIGKILL)


if __name__ == "__main__":
    watch(sys.stdin)
