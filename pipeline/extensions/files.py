"""Files that the project's own modules read: named in their text, or declared.

TFX's cache looks at neither. They are found without importing anything, so that a digest
knows them before a node runs, here and on a cluster.
"""

from __future__ import annotations

import ast
import glob
import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from core.errors import UserError
from core.fingerprints import by_content, content_digest

_LONGEST_NAME = 1000


def named_files(sources: Iterable[Path], project: Path) -> tuple[Path, ...]:
    """The files of a project that stand in the text of its modules.

    A text such as ``"zones.csv"``, and texts that are joined (``HERE / "tables" / "zones.csv"``,
    ``os.path.join(HERE, "tables", "zones.csv")``), are looked for beside the module and in all
    folders above it, up to the project's.

    Args:
      sources: The modules' files.
      project: The project's folder.
    """
    found: set[Path] = set()
    for source in sources:
        folders = [folder for folder in source.parents if folder.is_relative_to(project)]
        for text in _texts(source):
            found.update(folder / text for folder in folders if _is_file(folder / text))
    return tuple(sorted(path for path in found if path.suffix != ".py"))


def declared_files(patterns: Sequence[str], project: Path, key: str = "") -> tuple[Path, ...]:
    """The files that the configuration declares.

    Args:
      patterns: Paths or patterns (``**`` for all folders below), relative to the project.
      project: The project's folder.
      key: Where they stand in the configuration, for errors.

    Raises:
      UserError: If one matches no file.
    """
    found: set[Path] = set()
    for pattern in patterns:
        place = os.path.join(glob.escape(str(project)), pattern)
        files = {Path(path) for path in glob.glob(place, recursive=True) if os.path.isfile(path)}
        if not files:
            raise UserError(
                f"{key}: there is no file {pattern}" if key else f"there is no file {pattern}",
                evidence=[f"looked in {project}"],
                hint="correct the path, which is relative to the project's folder",
                code="missing-file",
            )
        found |= files
    return tuple(sorted(found))


def files_digest(files: Sequence[Path], project: Path) -> str:
    """A digest of files; empty for none.

    Args:
      files: The files, told apart by their content up to 1 GiB in all, else by size and time.
      project: The folder that their names are relative to.
    """
    if not files:
        return ""
    if by_content(files):
        return content_digest(files, project)
    status = [(os.path.relpath(path, project), path.stat()) for path in files]
    lines = [f"{name}\0{found.st_size}\0{found.st_mtime_ns}" for name, found in status]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False  # A text that can be no path.


def _texts(source: Path) -> Iterator[str]:
    """What may be a path in a module: its texts, and those that it joins."""
    try:
        tree = ast.parse(source.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        parts: Sequence[ast.expr] = ()
        if isinstance(node, ast.Constant):
            parts = [node]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = _divided(node)
        elif isinstance(node, ast.Call):
            parts = node.args
        for is_text, run in itertools.groupby(parts, key=_is_text):
            text = "/".join(str(ast.literal_eval(part)) for part in run) if is_text else ""
            if text.strip("/.") and len(text) < _LONGEST_NAME and not text.startswith("/"):
                yield text


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _divided(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return [*_divided(node.left), node.right]
    return [node]
