"""Pushing into a local folder: a version appears whole, by one rename, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from pathlib import Path

from components.pusher import layout

# What a killed push left is removed when no push can still be working on it.
_ABANDONED_SECONDS = 24 * 3600.0
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)


def push(model: Path, directory: Path, token: str) -> int:
    """Copies a model into a new version of a folder.

    The copy is made in a hidden folder beside the versions, flushed to disk and renamed,
    so a server that looks at any moment sees the whole version or none. The rename fails
    where another push was faster with the same number; then the next number is taken.

    Args:
      model: The folder of the model.
      directory: The folder of the versions; made where it is missing.
      token: Names this push. One that finished before, and was killed before it could
        say so, is not done again.

    Returns:
      The version's number, higher than all others in the folder.

    Raises:
      OSError: If the disk refuses; nothing of the push is left.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(directory, token)
    done = _find(directory, token)
    if done is not None:
        return done
    working = Path(tempfile.mkdtemp(prefix=f"{layout.IN_PROGRESS}{token}-", dir=directory))
    try:
        copy = working / "model"
        _copy(model, copy)
        _write_record(copy, token)
        _flush(copy)
        number = _rename(copy, directory)
        _flush_folder(directory)
        return number
    finally:
        shutil.rmtree(working, ignore_errors=True)


def versions(directory: Path) -> list[int]:
    """The numbers in a folder, in their order; none where there is no folder."""
    try:
        return layout.numbers(os.listdir(directory))
    except FileNotFoundError:
        return []


def remove(directory: Path, number: int) -> None:
    """Removes one version; it disappears whole.

    Args:
      directory: The folder of the versions.
      number: The version; one that is not there is no error.

    Raises:
      OSError: If the disk refuses.
    """
    working = Path(tempfile.mkdtemp(prefix=f"{layout.REMOVED}{number}-", dir=directory))
    try:
        (directory / str(number)).rename(working / "model")
    except FileNotFoundError:
        pass
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _clear_leftovers(directory: Path, token: str) -> None:
    own = f"{layout.IN_PROGRESS}{token}-"
    for path in directory.iterdir():
        if path.name.startswith(own):
            shutil.rmtree(path, ignore_errors=True)  # of an earlier try
        elif path.name.startswith((layout.IN_PROGRESS, layout.REMOVED)):
            try:
                old = time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
            except FileNotFoundError:
                continue
            if old:
                shutil.rmtree(path, ignore_errors=True)


def _find(directory: Path, token: str) -> int | None:
    for number in reversed(versions(directory)):
        try:
            text = (directory / str(number) / layout.RECORD).read_bytes()
        except OSError:
            continue
        if layout.record_token(text) == token:
            return number
    return None


def _copy(model: Path, copy: Path) -> None:
    # A record of an earlier push of the same model is that push's.
    skipped = Path(layout.RECORD)
    for folder, _, files in os.walk(model):
        place = copy / Path(folder).relative_to(model)
        place.mkdir(parents=True, exist_ok=True)
        for name in files:
            source = Path(folder, name)
            if source.relative_to(model) != skipped:
                shutil.copyfile(source, place / name)


def _write_record(copy: Path, token: str) -> None:
    record = copy / layout.RECORD
    record.parent.mkdir(exist_ok=True)
    record.write_text(layout.record_text(token), encoding="utf-8")


def _flush(copy: Path) -> None:
    for folder, _, files in os.walk(copy, topdown=False):
        for name in files:
            with Path(folder, name).open("rb") as file:
                os.fsync(file.fileno())
        _flush_folder(Path(folder))


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _rename(copy: Path, directory: Path) -> int:
    number = layout.next_number(versions(directory))
    while True:
        try:
            copy.rename(directory / str(number))
            return number
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            number = layout.next_number([number, *versions(directory)])
