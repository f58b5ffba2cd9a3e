"""A container's stand-in: one process group, its environment, its log, its end."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from core.processes import die_with_parent, end_group
from kubeflow.emulator.watchdog import Watchdog

# What a program needs of the machine; all else of the caller's environment stays out.
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER")
_PYTHON = re.compile(r"python(?:3(?:\.\d+)?)?")
_NOT_FOUND = 127
_NOT_EXECUTABLE = 126


def base_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment that every task has, before its container's own.

    Args:
      environment: The caller's.
    """
    passed = {name: environment[name] for name in _PASSED_ON if name in environment}
    path = [str(Path(sys.executable).parent), environment.get("PATH", os.defpath)]
    return {**passed, "PATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1"}


def on_this_machine(words: Sequence[str]) -> list[str]:
    """The command with this interpreter in the place of the image's Python."""
    program = words[0]
    if _PYTHON.fullmatch(Path(program).name) and (program.startswith("/") or "/" not in program):
        program = sys.executable
    return [program, *words[1:]]


class Container:
    """One attempt at a task, running.

    Args:
      words: The command and its arguments.
      environment: All of its environment.
      folder: Its working folder.
      log: What it writes is added here.
      deadline_seconds: After how long it is stopped; None for never.
      watchdog: Ends it should the emulator be killed.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        deadline_seconds: float | None,
        watchdog: Watchdog,
    ) -> None:
        self.started = time.monotonic()
        self.late = False
        self._deadline = None if deadline_seconds is None else self.started + deadline_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._failed_start: int | None = None
        self._watchdog = watchdog
        self._entry = watchdog.new_entry()
        self.descriptor: int | None = None
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._start(on_this_machine(words), environment, folder, output)

    def end(self) -> int | None:
        """The exit code once it has ended, None while it runs.

        What it left running in its group is killed, as in a container. A signal's
        exit code is 128 and the signal's number, as Kubernetes says it.
        """
        if self._process is None:
            return self._failed_start
        if not self._has_ended():
            if self._deadline is None or time.monotonic() < self._deadline:
                return None
            self.late = True
            self._kill(signal.SIGTERM)
            end_group(self._process.pid, grace_seconds=1.0)
        return self._reap()

    def stop(self) -> None:
        """Ends it, politely at first."""
        if self._process is not None and self._process.returncode is None:
            end_group(self._process.pid)
            self._reap()

    def ask_to_stop(self) -> None:
        """Sends SIGTERM and does not wait."""
        self._kill(signal.SIGTERM)

    def _start(
        self, words: list[str], environment: Mapping[str, str], folder: Path, output: IO[bytes]
    ) -> None:
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
                # The emulator has one thread, so that this is safe between fork and exec.
                preexec_fn=functools.partial(self._before_exec, os.getpid()),
            )
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            self._watchdog.release(self._entry)
            self._failed_start = _NOT_FOUND if missing else _NOT_EXECUTABLE
            output.write(f"{words[0]} cannot be started on this machine: {error}\n".encode())
            return
        # The process is ours until it is reaped, so that its id means no other one.
        self.descriptor = os.pidfd_open(self._process.pid)

    def _before_exec(self, emulator: int) -> None:
        die_with_parent(emulator)
        self._watchdog.guard(self._entry)

    def _has_ended(self) -> bool:
        assert self._process is not None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None

    def _reap(self) -> int:
        assert self._process is not None
        self._kill(signal.SIGKILL)
        code = self._process.wait()
        self._watchdog.release(self._entry)
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
        if self.late:
            return 128 + signal.SIGKILL
        return 128 - code if code < 0 else code

    def _kill(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
