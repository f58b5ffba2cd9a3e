"""TFX's local file system without TensorFlow."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import os
import re
import stat
from collections.abc import Iterator, Sequence

from tfx.dsl.io import filesystem, filesystem_registry
from tfx.dsl.io.plugins.local import LocalFilesystem

_SECOND = 10**9
_MAGIC = re.compile(r"[*?\[]")


@dataclasses.dataclass(frozen=True)
class FileStatistics:
    """What TensorFlow says of a file, by the same names.

    Attributes:
      length: Its bytes.
      mtime_nsec: When it was last changed, in nanoseconds since 1970.
      is_directory: Whether it is a folder.
    """

    length: int
    mtime_nsec: int
    is_directory: bool


class PythonFilesystem(LocalFilesystem):
    """TFX's plugin for local files; TFX's own code reads of `stat` what TensorFlow gives."""

    @staticmethod
    def glob(pattern: filesystem.PathType) -> list[filesystem.PathType]:
        """The paths that match, those that begin with a dot included, as in TensorFlow."""
        text = os.fsdecode(pattern)
        start = "/" if text.startswith("/") else ""
        return sorted(_matching(start, [part for part in text.split("/") if part]))

    @staticmethod
    def stat(path: filesystem.PathType) -> FileStatistics:
        """Size and time of a file.

        Raises:
          filesystem.NotFoundError: If it does not exist.
        """
        try:
            found = os.stat(path)
        except FileNotFoundError as error:
            raise filesystem.NotFoundError from error
        # TensorFlow gives whole seconds, in nanoseconds.
        changed = found.st_mtime_ns // _SECOND * _SECOND
        return FileStatistics(found.st_size, changed, stat.S_ISDIR(found.st_mode))


def _matching(folder: str, parts: Sequence[str]) -> Iterator[str]:
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if not _MAGIC.search(part):
        path = os.path.join(folder, part)
        if os.path.exists(path):
            yield from _matching(path, rest)
        return
    with contextlib.suppress(OSError):
        for name in os.listdir(folder or "."):
            if fnmatch.fnmatchcase(name, part):
                path = os.path.join(folder, name)
                if not rest or os.path.isdir(path):
                    yield from _matching(path, rest)


def read_local_files_with_python() -> None:
    """Makes TFX read and write local files with Python; buckets stay TensorFlow's."""
    filesystem_registry.DEFAULT_FILESYSTEM_REGISTRY.register(PythonFilesystem, priority=0)
