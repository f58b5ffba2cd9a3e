"""Pushing a model, to a local folder or to a bucket."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from components.pusher import local_push, remote_push


@dataclasses.dataclass(frozen=True)
class Push:
    """A model that was pushed.

    Attributes:
      number: The version's number, as servers know it.
      destination: The version's folder.
    """

    number: int
    destination: str


def push(model: str, directory: str, token: str) -> Push:
    """Pushes a model as a new version with the highest number.

    Args:
      model: The model's folder, a path or an address.
      directory: The folder of the versions, a path or an address.
      token: Names this push (`layout.push_token`). A push that was killed and is tried
        again with the same token leaves one version.

    Raises:
      OSError: If the disk refuses; then no server sees anything of it.
    """
    if "://" in model or "://" in directory:
        number = remote_push.push(model, directory, token)
        return Push(number, f"{directory.rstrip('/')}/{number}")
    number = local_push.push(Path(model), Path(directory), token)
    return Push(number, str(Path(directory, str(number))))


def versions(directory: str) -> list[int]:
    """The version numbers in a folder, in their order."""
    if "://" in directory:
        return remote_push.versions(directory)
    return local_push.versions(Path(directory))


def remove(directory: str, number: int) -> None:
    """Removes a version from a folder, so that no server sees a part of it.

    Raises:
      OSError: If the disk refuses.
    """
    if "://" in directory:
        remote_push.remove(directory, number)
    else:
        local_push.remove(Path(directory), number)
