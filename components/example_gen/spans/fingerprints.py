"""What ExampleGen's driver tells data by: TFX's line for an input split, or one by content.

TFX's fingerprint is made of the number of files, their sizes and their modification times in
whole seconds, which a file that was written again may share with the one before.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from components.example_gen.spans.patterns import glob_files
from core.fingerprints import Mode, by_content, content_digest

_CONTENT = ",content:"


def fingerprint(split: str, base: str, pattern: str, mode: Mode = "auto") -> str:
    """The fingerprint of the files of one input split.

    Args:
      split: The input split's name.
      base: The folder or the address of the data; of what is in a bucket, sizes and times
        are known, whatever the mode.
      pattern: The pattern below it, without places for spans.
      mode: What tells files apart.
    """
    if "://" in base:
        from tfx.utils import io_utils

        return str(io_utils.generate_fingerprint(split, os.path.join(base, pattern)))
    files = [path for path in glob_files(base, pattern) if _is_data(path)]
    if by_content(files, mode):
        total = sum(os.path.getsize(path) for path in files)
        digest = content_digest(files, base)
        return f"split:{split},num_files:{len(files)},total_bytes:{total}{_CONTENT}{digest}"
    return _of_times(split, files)


def made_by(text: str) -> Mode:
    """What told the files of a recorded fingerprint apart."""
    return "content" if _CONTENT in text else "metadata"


def _is_data(path: str) -> bool:
    return not os.path.basename(path).startswith(("_", "."))


def _of_times(split: str, files: Sequence[str]) -> str:
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
