"""A node's few words about how far it is, for whoever watches the run."""

from __future__ import annotations

import os

DESCRIPTOR_VARIABLE = "MILLRACE_PROGRESS_DESCRIPTOR"


def report(text: str) -> None:
    """Tells the watcher, if there is one, how far this node is.

    The text goes as one line to the pipe whose descriptor the runner left in the
    environment. A watcher that has gone is no reason for a node to fail.

    Args:
      text: A short text such as ``"12,345 rows"``; newlines become spaces.
    """
    descriptor = os.environ.get(DESCRIPTOR_VARIABLE)
    if not descriptor:
        return
    line = text.replace("\n", " ")[:200] + "\n"
    try:
        os.write(int(descriptor), line.encode())
    except (OSError, ValueError):
        os.environ.pop(DESCRIPTOR_VARIABLE, None)
