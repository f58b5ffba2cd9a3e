"""Reading what artifacts hold, without TensorFlow."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path

from core.errors import InfrastructureError

_GZIP_MAGIC = b"\x1f\x8b"
# A TFRecord is: length (8 bytes), its checksum (4), the data, its checksum (4).
_HEADER = 12
_FOOTER = 4


def local_path(uri: str) -> Path | None:
    """The local path of an artifact's uri, None for a remote one."""
    if uri.startswith("file://"):
        return Path(uri[len("file://") :])
    return None if "://" in uri else Path(uri)


def split_folders(uri: str) -> dict[str, Path]:
    """The ``Split-<name>`` folders of an artifact by split name; empty where there are none."""
    root = local_path(uri)
    if root is None or not root.is_dir():
        return {}
    folders = {path.name[len("Split-") :]: path for path in root.glob("Split-*") if path.is_dir()}
    # "train" before "eval", as people read them; others follow by name.
    return {name: folders[name] for name in sorted(folders, key=lambda n: (n != "train", n))}


def records(path: Path) -> Iterator[bytes]:
    """Reads a TFRecord file, plain or gzip; checksums are not checked.

    Format: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details

    Args:
      path: The file.

    Yields:
      The records.

    Raises:
      OSError: If the file cannot be read.
      InfrastructureError: If it ends within a record.
    """
    data = path.read_bytes()
    if data[:2] == _GZIP_MAGIC:
        data = gzip.decompress(data)
    offset = 0
    while offset < len(data):
        if offset + _HEADER > len(data):
            raise _truncated(path, offset)
        (length,) = struct.unpack_from("<Q", data, offset)
        end = offset + _HEADER + length
        if end + _FOOTER > len(data):
            raise _truncated(path, offset)
        yield data[offset + _HEADER : end]
        offset = end + _FOOTER


def _truncated(path: Path, offset: int) -> InfrastructureError:
    return InfrastructureError(
        f"{path} ends within a record",
        evidence=[f"the record at byte {offset} is not whole"],
        hint="run the node that wrote it again",
        code="record-file-truncated",
    )
