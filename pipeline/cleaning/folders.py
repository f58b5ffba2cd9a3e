"""The folders below a root that executions wrote, as they lie on disk."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

# TFX's folders for an attempt's temporary files, and for what it goes on from.
_SYSTEM = ".system"
_ATTEMPTS = "executor_execution"
_STATEFUL = "stateful_working_dir"


@dataclasses.dataclass(frozen=True)
class OutputFolder:
    """``artifacts/NODE/KEY/EXECUTION``, or temporary files of that execution.

    Attributes:
      path: The folder.
      node: The node's id.
      execution: The id of the execution.
      temporary: Whether it holds no output.
    """

    path: Path
    node: str
    execution: int
    temporary: bool


def output_folders(artifacts: Path) -> Iterator[OutputFolder]:
    """The folders of executions. Links are not followed: what they lead to is not ours.

    Args:
      artifacts: The pipeline root.
    """
    for node in subfolders(artifacts):
        for key in subfolders(node):
            temporary = key.name == _SYSTEM
            for folder in subfolders(key / _ATTEMPTS if temporary else key):
                if folder.name.isascii() and folder.name.isdigit():
                    yield OutputFolder(folder, node.name, int(folder.name), temporary)


def stateful_folders(artifacts: Path) -> Iterator[Path]:
    """The folders in which an execution keeps what it would go on from."""
    for node in subfolders(artifacts):
        yield from subfolders(node / _SYSTEM / _STATEFUL)


def subfolders(folder: Path) -> list[Path]:
    """The real folders in a real folder, by name; none where there is none."""
    if folder.is_symlink():
        return []
    try:
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(found)


def size(path: Path) -> int:
    """The bytes of a file, or of all files in a folder; of a link its own."""
    try:
        if path.is_symlink() or not path.is_dir():
            return path.lstat().st_size
        with os.scandir(path) as entries:
            return sum(size(Path(entry.path)) for entry in entries)
    except FileNotFoundError:
        return 0
