"""The little of TensorFlow that TFX's and TFDV's own code needs where no tensor is near.

Reading a file of statistics and turning text into bytes would otherwise import all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any


def _open_file(name: str, mode: str = "r") -> IO[Any]:
    if "://" in name:
        import tensorflow as tf

        remote: IO[Any] = tf.io.gfile.GFile(name, mode)
        return remote
    return open(name, mode, encoding=None if "b" in mode else "utf-8")


def _as_bytes(value: str | bytes, encoding: str = "utf-8") -> bytes:
    return value.encode(encoding) if isinstance(value, str) else bytes(value)


ANSWERS: Mapping[str, Any] = {
    "tensorflow.io.gfile.GFile": _open_file,
    "tensorflow.compat.as_bytes": _as_bytes,
}
"""By the names that code asks TensorFlow for."""
