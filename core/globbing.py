"""Files that a pattern finds, each once, whatever links lead to it."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterable, Iterator, Sequence

from core.errors import UserError

_ANY_FOLDERS = "**"
_Places = frozenset[int]


def matching_files(base: str, pattern: str) -> list[str]:
    """The files below a folder that a pattern matches, as `glob` understands patterns.

    Where the pattern has ``**``, no folder is walked twice for the same: a link back to a
    folder above ends there, and of several ways to a folder the one without links is taken.

    Args:
      base: The folder.
      pattern: The pattern below it.

    Raises:
      UserError: If a folder that ``**`` leads into cannot be read.
    """
    parts = pattern.split("/")
    if _ANY_FOLDERS not in parts:
        paths = glob.glob(os.path.join(glob.escape(base), pattern))
        return [path for path in paths if os.path.isfile(path)]
    first = parts.index(_ANY_FOLDERS)
    starts = [base]
    if first:
        starts = glob.glob(os.path.join(glob.escape(base), *parts[:first]))
    return [
        path for start in starts if os.path.isdir(start) for path in _walk(start, parts[first:])
    ]


def distinct_files(paths: Iterable[str]) -> list[list[str]]:
    """The names of each file: those without links where there are any, in their order.

    Args:
      paths: Files on this machine.

    Returns:
      A list of names for each file, in the order of the first ones.
    """
    names: dict[tuple[int, int], list[str]] = {}
    for path in sorted(paths):
        status = os.stat(path)
        names.setdefault((status.st_dev, status.st_ino), []).append(path)
    return sorted(map(_without_links, names.values()))


def _without_links(names: list[str]) -> list[str]:
    if len(names) == 1:
        return names
    shared = os.path.commonpath(list(map(os.path.dirname, names)))
    above = os.path.realpath(shared)
    real = [n for n in names if os.path.realpath(n) == above + n.removeprefix(shared)]
    return real or names


def _walk(start: str, parts: Sequence[str]) -> Iterator[str]:
    """Follows the pattern's places that a folder's name may stand at, all at once."""
    seen: set[tuple[int, int, _Places]] = set()
    # Folders behind links wait: what they lead to is found without them if it can be.
    folders, behind_links = [(start, _opened({0}, parts))], list[tuple[str, _Places]]()
    while folders or behind_links:
        folder, places = folders.pop() if folders else behind_links.pop(0)
        status = os.stat(folder)
        key = (status.st_dev, status.st_ino, places)
        if key in seen:
            continue
        seen.add(key)
        for name, path, is_folder, is_link in _entries(folder):
            if not is_folder:
                if any(_ends(place, name, parts) for place in places):
                    yield path
            elif after := _opened(_steps(places, name, parts), parts):
                (behind_links if is_link else folders).append((path, after))


def _entries(folder: str) -> list[tuple[str, str, bool, bool]]:
    try:
        with os.scandir(folder) as entries:
            listed = [(entry.name, entry.path, entry.is_symlink()) for entry in entries]
    except PermissionError as error:
        raise UserError(
            "a folder cannot be read",
            evidence=[f"{folder}: {error.strerror}"],
            hint="check the folder's permissions, or give a pattern that leaves it out",
            code="unreadable-folder",
        ) from error
    kinds = [(*found, os.path.isdir(found[1])) for found in sorted(listed, reverse=True)]
    return [
        (name, path, is_folder, is_link)
        for name, path, is_link, is_folder in kinds
        if is_folder or os.path.isfile(path)
    ]


def _steps(places: _Places, name: str, parts: Sequence[str]) -> set[int]:
    """The places after a folder of a name."""
    kept = {place for place in places if _is_any(place, parts) and not name.startswith(".")}
    return kept | {place + 1 for place in places if _fits(place, name, parts)}


def _opened(places: Iterable[int], parts: Sequence[str]) -> _Places:
    """The places, and those behind ``**``, which may stand for no folder."""
    found = set(places)
    for place in sorted(found):
        while _is_any(place, parts):
            place += 1
            found.add(place)
    return frozenset(place for place in found if place < len(parts))


def _ends(place: int, name: str, parts: Sequence[str]) -> bool:
    """Whether a file of a name is what the pattern ends with."""
    if place != len(parts) - 1:
        return False
    return _fits(place, name, parts) or (_is_any(place, parts) and not name.startswith("."))


def _is_any(place: int, parts: Sequence[str]) -> bool:
    return place < len(parts) and parts[place] == _ANY_FOLDERS


def _fits(place: int, name: str, parts: Sequence[str]) -> bool:
    if place >= len(parts) or parts[place] == _ANY_FOLDERS:
        return False
    if name.startswith(".") and not parts[place].startswith("."):
        return False
    return fnmatch.fnmatchcase(name, parts[place])
