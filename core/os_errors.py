"""What the operating system refuses, as errors that a person can act on."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from core.errors import InfrastructureError, MillraceError, UserError

_RESUME = "free some space; `millrace resume` finishes a run that had begun"
# Number: headline, hint, code. What somebody named wrongly, or may not use.
_USER = {
    errno.EACCES: (
        "{place} may not be opened: permission denied",
        "give yourself the right to use it (for a folder: to list and enter it), or name another",
        "permission-denied",
    ),
    errno.ENAMETOOLONG: (
        "the name is too long for the file system: {place}",
        "a name has at most 255 bytes, a path 4,096; choose a shorter one",
        "name-too-long",
    ),
    errno.ELOOP: ("links go round in circles at {place}", "correct the link", "link-loop"),
}
_USER[errno.EPERM] = _USER[errno.EACCES]
# What the machine has no more of, or lost.
_MACHINE = {
    errno.ENOSPC: ("the disk is full", _RESUME, "disk-full"),
    errno.EDQUOT: ("your share of the disk is used up", _RESUME, "disk-full"),
    errno.EFBIG: ("a file grew beyond what this process may write", "see `ulimit -f`", "disk-full"),
    errno.EROFS: (
        "the file system can only be read",
        "name a folder that can be written",
        "read-only",
    ),
    errno.EMFILE: (
        "this process may not open more files",
        "raise the limit, such as `ulimit -n 4096`, and try again",
        "too-many-files",
    ),
    errno.ENFILE: (
        "this machine has too many open files",
        "close other programs, and try again",
        "too-many-files",
    ),
    errno.ENOMEM: ("there is no more memory", "use a larger machine", "out-of-memory"),
    errno.EIO: ("the disk does not answer as it should", "look at the system's log", "disk-failed"),
    errno.ESTALE: ("the file system was lost", "mount it again", "disk-failed"),
    errno.ENOENT: ("{place} is gone", "something removed it meanwhile; try again", "file-gone"),
}

_WORDS = (
    *((n, os.strerror(n)) for n in (errno.ENOSPC, errno.EMFILE, errno.ENAMETOOLONG, errno.EDQUOT)),
    (errno.ENOSPC, "database or disk is full"),
)
# Of these there is not enough, whoever asks.
_LACKS = frozenset(_MACHINE) - {errno.ENOENT}


def explained(error: BaseException) -> MillraceError | None:
    """The error for what the operating system refused.

    Args:
      error: What was raised; what caused it counts as well, and so does the text of a
        library that passes on what the system said.

    Returns:
      None where it is something else.
    """
    causes = set(map(id, _chain(error, causes_only=True)))
    for one in _chain(error):
        if isinstance(one, MillraceError):
            return one
        # A file that is not there, of which somebody went on to something else, is no reason.
        if isinstance(one, OSError) and (id(one) in causes or one.errno in _LACKS):
            found = _of_number(one.errno or 0, str(one.filename or ""), str(one))
            if found is not None:
                return found
        if isinstance(one, MemoryError):
            return _of_number(errno.ENOMEM, "", str(one) or "MemoryError")
        if isinstance(one, UnicodeEncodeError) and "surrogates" in one.reason:
            return UserError(
                "a name has bytes that are not UTF-8",
                evidence=[ascii(one.object[max(0, one.start - 40) : one.end + 40])],
                hint="rename the file or folder",
                code="name-not-utf8",
            )
    for one in _chain(error):
        # TensorFlow and SQLite have no number, only the words.
        for number, words in _WORDS:
            if words in str(one):
                return _of_number(number, "", str(one))
    return None


def _chain(error: BaseException, *, causes_only: bool = False) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if causes_only else current.__context__)


def _of_number(number: int, place: str, said: str) -> MillraceError | None:
    evidence = [said.strip().splitlines()[0][:300]] if said.strip() else []
    shown = place if len(place) < 120 else f"{place[:60]}…{place[-40:]}"
    if number in _USER:
        headline, hint, code = _USER[number]
        where = shown or "a file"
        return UserError(
            headline.format(place=where),
            evidence=[] if place and len(place) < 120 else evidence,
            hint=hint,
            code=code,
        )
    if number in _MACHINE and (number != errno.ENOENT or place):
        headline, hint, code = _MACHINE[number]
        return InfrastructureError(
            headline.format(place=shown), evidence=evidence, hint=hint, code=code
        )
    return None
