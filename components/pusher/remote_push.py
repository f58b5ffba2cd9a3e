"""Pushing into a bucket, which has no renames: the model's main file comes last.

A server takes a version for complete when ``saved_model.pb`` is there. A number is
claimed before anything is written to it: a push writes a claim of its own name and
withdraws it if it sees another claim of the number, so that of two pushes at once at most
one has it. That needs listings that show every finished write, as Cloud Storage has them.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator

from components.pusher import layout

CLAIMS = ".claims"
_TRIES = 50


class NoNumberError(RuntimeError):
    """Other pushes took every number that this one tried."""


def push(model: str, directory: str, token: str) -> int:
    """Copies a model into a new version.

    Args:
      model: The folder of the model.
      directory: The address of the folder of the versions.
      token: As for `local_push.push`.

    Returns:
      The version's number.

    Raises:
      NoNumberError: If others were always faster.
      OSError: If files cannot be read or written.
    """
    from tfx.dsl.io import fileio

    fileio.makedirs(directory)
    known = _find(directory, token)
    if known is None:
        claim, number = _claim(directory)
    else:
        claim, number = "", known
        if fileio.exists(_join(directory, str(number), layout.MODEL_FILE)):
            return number
    try:
        version = _join(directory, str(number))
        _write(_join(version, layout.RECORD), layout.record_text(token))
        for name in _files(model):
            if name not in (layout.MODEL_FILE, layout.RECORD):
                _copy(_join(model, name), _join(version, name))
        _copy(_join(model, layout.MODEL_FILE), _join(version, layout.MODEL_FILE))
    finally:
        if claim:
            fileio.remove(claim)
    return number


def versions(directory: str) -> list[int]:
    """The numbers below an address, in their order, unfinished ones included."""
    from tfx.dsl.io import fileio

    try:
        return layout.numbers(os.fsdecode(name) for name in fileio.listdir(directory))
    except fileio.NotFoundError:
        return []


def remove(directory: str, number: int) -> None:
    """Removes one version, its main file first, so that no server takes up the rest."""
    from tfx.dsl.io import fileio

    version = _join(directory, str(number))
    main = _join(version, layout.MODEL_FILE)
    if fileio.exists(main):
        fileio.remove(main)
    if fileio.exists(version):
        fileio.rmtree(version)


def _claim(directory: str) -> tuple[str, int]:
    from tfx.dsl.io import fileio

    claims = _join(directory, CLAIMS)
    fileio.makedirs(claims)
    own = secrets.token_hex(8)
    step = 0
    for _ in range(_TRIES):
        number = layout.next_number(versions(directory)) + step
        claim = _join(claims, f"{number}.{own}")
        _write(claim, "")
        rivals = [
            name for name in fileio.listdir(claims) if os.fsdecode(name).startswith(f"{number}.")
        ]
        # A rival that has finished has withdrawn its claim, but then its version is there.
        if len(rivals) == 1 and not fileio.exists(_join(directory, str(number))):
            return claim, number
        fileio.remove(claim)
        step = random.randint(1, 20)
    raise NoNumberError(f"{directory}: {_TRIES} numbers were taken by other pushes")


def _find(directory: str, token: str) -> int | None:
    from tfx.dsl.io import fileio

    for number in reversed(versions(directory)):
        record = _join(directory, str(number), layout.RECORD)
        if fileio.exists(record):
            with fileio.open(record, "rb") as file:
                if layout.record_token(file.read()) == token:
                    return number
    return None


def _files(model: str) -> Iterator[str]:
    from tfx.dsl.io import fileio

    for folder, _, names in fileio.walk(model):
        below = os.fsdecode(folder)[len(model.rstrip("/")) :].strip("/")
        for name in names:
            yield _join(below, os.fsdecode(name)) if below else os.fsdecode(name)


def _write(path: str, text: str) -> None:
    from tfx.dsl.io import fileio

    fileio.makedirs(path.rpartition("/")[0])
    with fileio.open(path, "wb") as file:
        file.write(text.encode())


def _copy(source: str, target: str) -> None:
    from tfx.dsl.io import fileio

    fileio.makedirs(target.rpartition("/")[0])
    fileio.copy(source, target, overwrite=True)


def _join(*parts: str) -> str:
    return "/".join((parts[0].rstrip("/"), *(part.strip("/") for part in parts[1:])))
