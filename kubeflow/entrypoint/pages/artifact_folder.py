"""An artifact's files as a local folder, wherever they are."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.artifact_files import local_path


@contextlib.contextmanager
def local_folder(uri: str) -> Iterator[Path]:
    """The folder of an artifact; one in a bucket is copied while the block runs.

    Args:
      uri: Where the artifact is.

    Yields:
      The local folder.

    Raises:
      OSError: If it cannot be read.
    """
    path = local_path(uri)
    if path is not None:
        yield path
        return
    from tfx.utils import io_utils

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "artifact"
        io_utils.copy_dir(uri, str(copy))
        yield copy
