"""Files that are either whole or absent."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replaced_when_whole(path: Path | str) -> Iterator[Path]:
    """Gives a temporary path beside `path` that takes its place when the block ends well.

    The content is flushed to disk before the rename, so a reader (or a machine
    that loses power) sees the old file or the new one, never a part.

    Args:
      path: The local file to write. Its folder is made where it is missing.

    Yields:
      The temporary path to write to.

    Raises:
      OSError: If the disk refuses; the temporary file is removed.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        # mkstemp makes private files; give what the umask would have given.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path | str, text: str) -> None:
    """Writes UTF-8 text atomically.

    Raises:
      OSError: If the disk refuses.
    """
    with replaced_when_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def shown_path(path: Path) -> str:
    """A path as a person reads it: relative to the working folder where it is below that."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
