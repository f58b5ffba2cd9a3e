"""How a task that failed says why: on standard error, and to Kubernetes."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from core import errors

TERMINATION_LOG_VARIABLE = "MILLRACE_TERMINATION_LOG"
_TERMINATION_LOG = "/dev/termination-log"
# Kubernetes keeps no more than this of a container's termination message.
_LARGEST_MESSAGE = 4096
_ELLIPSIS = "…"


def say_failure(error: errors.MillraceError, node: str = "") -> None:
    """Writes headline, evidence and hint to standard error and the termination log.

    Args:
      error: What went wrong.
      node: The node that failed, if it got that far.
    """
    place = f" in {node}" if node else ""
    text = f"{error.kind}{place}: {error}"
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the container's log
    write_termination_message(text)


def write_termination_message(text: str) -> None:
    """Tells Kubernetes why the container ended; where there is no Kubernetes, nothing.

    Args:
      text: The reason; what is beyond 4,096 bytes is cut.
    """
    path = termination_log()
    if path is None:
        return
    # A message that cannot be left must not hide the failure itself.
    with contextlib.suppress(OSError):
        path.write_bytes(_cut(text))


def termination_log() -> Path | None:
    """The file that takes the reason of a failure, None where there is none."""
    named = os.environ.get(TERMINATION_LOG_VARIABLE)
    if named:
        return Path(named)
    return Path(_TERMINATION_LOG) if Path(_TERMINATION_LOG).exists() else None


def _cut(text: str) -> bytes:
    content = text.encode("utf-8", "replace")
    if len(content) <= _LARGEST_MESSAGE:
        return content
    kept = content[: _LARGEST_MESSAGE - len(_ELLIPSIS.encode())]
    return (kept.decode("utf-8", "ignore") + _ELLIPSIS).encode()
