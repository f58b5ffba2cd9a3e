"""The log of a task: its end, and what a node of ours says of itself there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, cast

_READ_BYTES = 16 * 1024

OwnState = Literal["done", "cached"]


def last_lines(path: Path, since: int, count: int) -> list[str]:
    """The last lines that are not blank.

    Args:
      path: The log; it may be missing.
      since: Where the last attempt begins in it, in bytes.
      count: How many lines.
    """
    lines = [line.rstrip() for line in tail(path, since).splitlines() if line.strip()]
    return lines[-count:]


def own_account(path: Path, since: int, node_id: str) -> tuple[OwnState, str]:
    """What a node that ended well says: whether TFX's cache had its results, and which.

    Millrace's entry point ends with ``NODE done: RESULT`` or ``NODE cached: RESULT``. Of
    other programs nothing is expected.

    Args:
      path: The log.
      since: Where the last attempt begins in it, in bytes.
      node_id: The node.
    """
    for line in last_lines(path, since, 1):
        found = re.fullmatch(rf"{re.escape(node_id)} (done|cached)(?:: (.*))?", line)
        if found:
            return cast(OwnState, found[1]), found[2] or ""
    return "done", ""


def tail(path: Path, since: int = 0) -> str:
    """The end of a text file, at most 16 KiB; empty where there is no file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(since, path.stat().st_size - _READ_BYTES))
        return file.read().decode(errors="replace")
