"""Whether the files of an entry are still those that were refused."""

from __future__ import annotations

import glob
import os
from typing import Literal

from components.quarantine.entry import DataIdentity

SourceState = Literal["unchanged", "changed", "gone", "unknown"]


def source_state(data: DataIdentity) -> SourceState:
    """Compares the files on this machine with the fingerprint of an entry.

    Args:
      data: The entry's data.

    Returns:
      ``unknown`` for files that are elsewhere (asking a bucket would need TensorFlow) and
      for data that are no files.
    """
    if "://" in data.input_base or not data.fingerprint.startswith("split:"):
        return "unknown"
    found = {name: _files(data.input_base, pattern) for name, pattern in data.patterns.items()}
    if not os.path.isdir(data.input_base):
        # A volume of a cluster, perhaps, that is not mounted here.
        return "unknown"
    if not any(found.values()):
        return "gone"
    lines = [_fingerprint(name, files) for name, files in found.items()]
    return "unchanged" if sorted(lines) == sorted(data.fingerprint.split("\n")) else "changed"


def _files(base: str, pattern: str) -> list[str]:
    return glob.glob(os.path.join(base, pattern))


def _fingerprint(split: str, files: list[str]) -> str:
    """What `tfx.utils.io_utils.generate_fingerprint` gives for local files."""
    total, exclusive, added = 0, 0, 0
    for path in files:
        status = os.stat(path)
        seconds = status.st_mtime_ns // 1_000_000_000
        total, exclusive, added = total + status.st_size, exclusive ^ seconds, added + seconds
    return (
        f"split:{split},num_files:{len(files)},total_bytes:{total},"
        f"xor_checksum:{exclusive},sum_checksum:{added}"
    )
