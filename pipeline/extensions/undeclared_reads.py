"""A node's own code may not read files of the project that its digest does not cover.

An edit of such a file would have no effect: TFX would take the earlier result. Python tells of
every file that it opens (https://docs.python.org/3.10/library/audit_events.html); what
TensorFlow or Arrow open in C++ nobody sees.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from core import files
from core.errors import UserError
from pipeline.extensions.files import declared_files
from pipeline.extensions.modules import covered_files, is_project_file, project_of

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class _Watch:
    """Looks at files that are opened, until it is told to stop.

    Args:
      node_id: The node, for the error.
      key: The part of the configuration in which its files are declared.
      project: The project's folder.
      apart: A folder that the node may read, whatever is in it.
      covered: The files that its digest covers.
    """

    def __init__(
        self, node_id: str, key: str, project: Path, apart: str, covered: Sequence[Path]
    ) -> None:
        self._node_id, self._key = node_id, key
        self._project = os.path.realpath(project)
        self._apart = os.path.realpath(apart)
        self._allowed = {os.path.realpath(path) for path in covered}
        self.is_on = True
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not self.is_on or not isinstance(arguments[0], (str, bytes)):
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if not path.startswith(f"{self._project}/") or path in self._allowed:
            return
        if arguments[2] & _WRITING:
            self._allowed.add(path)
        elif self._is_of_project(path) and (place := _own_line(sys._getframe(1))):
            raise self._refusal(path, place)

    def _is_of_project(self, path: str) -> bool:
        if path.startswith(f"{self._apart}/") or not os.path.isfile(path):
            return False
        if path.endswith(".pyc"):
            with contextlib.suppress(ValueError):
                path = importlib.util.source_from_cache(path)
        parts = os.path.relpath(path, self._project).split("/")
        if any(part.startswith(".") or part.endswith(".egg-info") for part in parts):
            return False
        return path not in self._allowed and is_project_file(Path(path))

    def _refusal(self, path: str, place: str) -> UserError:
        name = os.path.relpath(path, self._project)
        return UserError(
            f"{self._node_id} reads {name}, and an edit of that file would have no effect",
            evidence=[place, "only files that are declared, or named in the code, are looked at"],
            hint=f"add it in the configuration: {self._key}.files: [{name}]",
            code="undeclared-file",
        )


def _own_line(frame: FrameType | None) -> str:
    """The innermost line of the project's own code that led here; empty for none."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_absolute() and path.suffix == ".py" and is_project_file(path):
            return f"at {files.shown_path(path)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


@contextlib.contextmanager
def undeclared_reads_refused(
    node_id: str, modules: Sequence[str], patterns: Sequence[str], *, apart: str
) -> Iterator[None]:
    """Refuses, while the block runs, that own code opens a file which its digest lacks.

    Args:
      node_id: The node that runs.
      modules: The project's own modules that take part in it; nothing is done for none.
      patterns: The files that the configuration declares for it.
      apart: The folder of all artifacts; what lies beside it in its folder is apart, too.

    Raises:
      UserError: Where the file is opened.
    """
    project = project_of(modules)
    if project is None:
        yield
        return
    standard = {"Transform": "transform", "Trainer": "trainer", "Tuner": "trainer"}
    key = standard.get(node_id, f"components.{node_id}")
    covered = [*covered_files(modules), *declared_files(patterns, project, f"{key}.files")]
    watch = _Watch(node_id, key, project, os.path.dirname(apart), covered)
    try:
        yield
    finally:
        watch.is_on = False
