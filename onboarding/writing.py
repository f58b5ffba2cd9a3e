"""Several files that appear together or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from core.errors import InfrastructureError, UserError
from core.files import replaced_when_whole


def check_free(paths: Collection[Path], *, force: bool) -> None:
    """Refuses to replace files unasked.

    Args:
      paths: The files that are to be written.
      force: Whether they may be replaced.

    Raises:
      UserError: Naming the files that exist, or a folder in the place of one.
    """
    folders = [path for path in paths if path.is_dir()]
    if folders:
        raise UserError(
            f"{folders[0]} is a folder, and a file is to be written there",
            hint="choose another --name or --output",
            code="file-exists",
        )
    there = [path for path in paths if path.exists() or path.is_symlink()]
    if there and not force:
        raise UserError(
            f"{there[0]} exists" if len(there) == 1 else f"{len(there)} of the files exist",
            evidence=[str(path) for path in there],
            hint="choose another name with --name, or replace them with --force",
            code="file-exists",
        )


def write_together(texts: Mapping[Path, str]) -> None:
    """Writes all files or, if one cannot be written, none.

    All are written beside their places first; then each takes its place. Should that fail
    in the middle, those that were there before come back.

    Args:
      texts: The files and their texts.

    Raises:
      InfrastructureError: If the disk refuses; nothing has changed then.
    """
    try:
        with contextlib.ExitStack() as undo:
            for path in texts:
                _prepare(path, undo)
            with contextlib.ExitStack() as pending:
                for path, text in texts.items():
                    temporary = pending.enter_context(replaced_when_whole(path))
                    temporary.write_text(text, encoding="utf-8")
            undo.pop_all()
    except OSError as error:
        raise InfrastructureError(
            f"{error.filename or 'a file'} cannot be written: {error.strerror or error}",
            evidence=["nothing was changed"],
            hint="make room or choose another folder with --output",
            code="unwritable-file",
        ) from error


def _prepare(path: Path, undo: contextlib.ExitStack) -> None:
    """Makes the folder of a file, and remembers how it was before."""
    for folder in reversed(_missing_folders(path.parent)):
        folder.mkdir(exist_ok=True)
        undo.callback(_remove_folder, folder)
    if path.exists():
        undo.callback(_restore, path, path.read_bytes())
    else:
        undo.callback(path.unlink, missing_ok=True)


def _restore(path: Path, content: bytes) -> None:
    if path.read_bytes() != content:
        with replaced_when_whole(path) as temporary:
            temporary.write_bytes(content)


def _missing_folders(folder: Path) -> Sequence[Path]:
    """The folders that have to be made, the innermost first."""
    missing = []
    while not folder.exists() and folder != folder.parent:
        missing.append(folder)
        folder = folder.parent
    return missing


def _remove_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
