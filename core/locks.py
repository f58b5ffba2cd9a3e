"""A lock that ends with its holder, however the holder ends."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Holds an exclusive lock on a file while the block runs.

    The operating system releases it when the process ends, also after SIGKILL.

    Args:
      path: The file; made where it is missing, and left there.

    Yields:
      Whether the lock was acquired; False if another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if not _taken(file):
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _taken(file: IO[str]) -> bool:
    for pause in (0.02, 0.05, None):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if pause is not None:
                time.sleep(pause)  # `is_held` has it for a moment
        else:
            return True
    return False


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of `held` on a file.

    Args:
      path: The file; one that does not exist is held by nobody, one that cannot be asked
        counts as held.
    """
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:  # held, or a file system without locks
        return True
    return False


@contextlib.contextmanager
def shared(path: Path) -> Iterator[None]:
    """Holds a lock together with others while the block runs; `held` is had by none of them.

    Whoever has it alone is waited for. Where a file system has no locks, none is had.

    Args:
      path: The file; made where it is missing, and left there.

    Raises:
      OSError: If the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def held_in_turn(path: Path, *, patience_seconds: float) -> Iterator[bool]:
    """Holds an exclusive lock while the block runs, after waiting for its turn.

    For work that several processes could do and one should: a place without locks, or a
    holder that takes too long, is no reason not to do it.

    Args:
      path: The file; made where it can be made, and left there.
      patience_seconds: How long to wait for another holder.

    Yields:
      Whether the lock was acquired.
    """
    with contextlib.ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(path.open("ab"))
        except OSError:
            yield False
            return
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    yield False
                    return
                time.sleep(0.1)
            except OSError:  # a file system without locks
                yield False
                return
            else:
                break
        yield True
