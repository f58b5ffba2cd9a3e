"""Own modules that nobody would import: their name is taken."""

from __future__ import annotations

import sys
from pathlib import Path

from core import errors
from pipeline.extensions.modules import OUR_PACKAGES, imported_files, source_file


def check_no_shadow(module: str, project: Path) -> None:
    """Refuses a module of the project whose name, or that of one it imports, is taken.

    Modules of Python, of Millrace and of installed libraries are found before those of the
    project, so a file of the same name would silently never be used.

    Args:
      module: The module's dotted name.
      project: The project's folder.

    Raises:
      errors.UserError: With the file and whose name it has.
    """
    if module.partition(".")[0] != "tfx":
        imported_files(module, lambda name: _check(name, project))


def _check(name: str, project: Path) -> None:
    beside = _file_in(project, name)
    if beside is None:
        return
    top = name.partition(".")[0]
    found = source_file(name)
    if found is not None and found.resolve() == beside.resolve():
        return
    raise errors.UserError(
        f"{beside} has the name of {_owner(top)}, which is imported in its place",
        evidence=[f"`import {name}` does not find it: the project's folder is looked in last"],
        hint=f"rename {top}, to own_{top} for example, and what imports it",
        code="own-module",
    )


def _file_in(project: Path, name: str) -> Path | None:
    place = project.joinpath(*name.split("."))
    return next(
        (path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()),
        None,
    )


def _owner(top: str) -> str:
    if top in sys.stdlib_module_names:
        return "one of Python's own modules"
    if top in OUR_PACKAGES:
        return "one of Millrace's packages"
    return "an installed library"
