"""Whether the files of an entry are still those that were refused."""

from __future__ import annotations

import os
from typing import Literal

from components.example_gen.spans.fingerprints import fingerprint, made_by
from components.example_gen.spans.patterns import glob_files
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
    if not os.path.isdir(data.input_base):
        # A volume of a cluster, perhaps, that is not mounted here.
        return "unknown"
    places = data.patterns.items()
    if not any(glob_files(data.input_base, pattern) for _, pattern in places):
        return "gone"
    mode = made_by(data.fingerprint)
    lines = [fingerprint(name, data.input_base, pattern, mode) for name, pattern in places]
    return "unchanged" if sorted(lines) == sorted(data.fingerprint.split("\n")) else "changed"
