"""Serialized tf.Examples made by hand, proper ones and others."""

from __future__ import annotations

import pyarrow as pa

from components.example_gen.records.encoding import varint


def part(tag: bytes, data: bytes) -> bytes:
    """A tag, a length and the data."""
    return tag + varint(len(data)) + data


def whole(*numbers: int) -> bytes:
    """A feature of whole numbers."""
    return part(b"\x1a", part(b"\x0a", b"".join(varint(n % 2**64) for n in numbers)))


def texts(*values: bytes) -> bytes:
    """A feature of texts."""
    return part(b"\x0a", b"".join(part(b"\x0a", text) for text in values))


def floats(*numbers: float) -> bytes:
    """A feature of floats."""
    values = pa.array(numbers, pa.float32()).buffers()[1].to_pybytes()[: 4 * len(numbers)]
    return part(b"\x12", part(b"\x0a", values))


def example(**features: bytes) -> bytes:
    """A serialized tf.Example."""
    entries = (
        part(b"\x0a", part(b"\x0a", name.encode()) + part(b"\x12", feature))
        for name, feature in features.items()
    )
    return part(b"\x0a", b"".join(entries))
