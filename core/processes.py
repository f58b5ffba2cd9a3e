"""Children that never outlive their parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Asks Linux to kill this process when its parent ends, however it ends.

    Args:
      parent: The parent's process id as it was before the fork; if it has gone
        already, this process exits at once. Other systems have no such
        request; there the closed pipe to the parent ends the child.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def end_group(group: int, *, grace_seconds: float = 3.0) -> None:
    """Ends a process group: first politely, then for good.

    Only for groups whose leader is a child of the caller, which is reaped here.

    Args:
      group: The group's id, which is its leader's process id.
      grace_seconds: How long SIGTERM may take before SIGKILL follows, in seconds.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        while time.monotonic() < deadline and not _reaped(group):
            time.sleep(0.02)
        os.killpg(group, signal.SIGKILL)
    _reaped(group)


def _reaped(process: int) -> bool:
    try:
        return os.waitpid(process, os.WNOHANG)[0] == process
    except ChildProcessError:
        return True
