"""SIGTERM ends a task at once, also as process 1 and within a long call of a library."""

from __future__ import annotations

import os
import signal
import threading

from kubeflow.entrypoint.failure import write_termination_message

EXIT_CODE = 128 + signal.SIGTERM


def end_on_sigterm() -> None:
    """Makes SIGTERM end this process promptly, with exit code 143.

    Process 1 of a container ignores signals that it has no handler for, and a Python
    handler runs only between two steps of the interpreter. So the handler in C writes
    to a pipe, and a thread that waits there ends the process. What the node has begun
    stays recorded as running: the next attempt clears it.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    threading.Thread(target=_wait, args=(reading,), name="sigterm", daemon=True).start()
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    os.register_at_fork(before=_hold, after_in_parent=_release, after_in_child=_as_usual)


def _wait(reading: int) -> None:
    while True:
        numbers = os.read(reading, 64)
        if not numbers:
            return
        if signal.SIGTERM in numbers:
            os.write(2, b"stopped by SIGTERM; the next attempt starts this node again\n")
            write_termination_message("stopped by SIGTERM")
            os._exit(EXIT_CODE)


def _hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _release() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _as_usual() -> None:
    """A forked child must not end its parent when it is ended itself."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _release()
