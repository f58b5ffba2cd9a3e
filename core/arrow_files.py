"""The one door through which Parquet files and Arrow's own files and streams are opened.

Arrow before 14.0.1 unpickles an extension type that a file names in its schema, so that
opening the file runs whatever somebody wrote into it (CVE-2023-47248). `pyarrow_hotfix`
makes Arrow refuse that type. It is loaded here, in whatever process opens a file, and a
test holds that no other module opens one.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_PICKLED = b"arrow.py_extension_type"
_HARMLESS = b"arrow.py_extension_name"
_NAME = b"ARROW:extension:name"
# Arrow's own schema among a Parquet file's key-value pairs, as Thrift writes them.
_ARROW_SCHEMA = re.compile(rb"ARROW:schema\x18[\x80-\xff]*[\x00-\x7f]([A-Za-z0-9+/]+=*)")
# A Parquet file ends with the length of its footer and four letters.
_TAIL_BYTES = 8


def open_parquet(path: str, opened: Callable[[], IO[bytes]]) -> pa.parquet.ParquetFile:
    """Opens a Parquet file; no code that it may hold is executed.

    Args:
      path: The file's path.
      opened: Opens the file, which may be a remote one.

    Raises:
      DataError: If its schema holds a pickled Python object.
      pa.ArrowException, OSError: If the file is damaged.
    """
    _load_hotfix()
    import pyarrow.parquet as pq

    with opened() as stream:
        _refuse_pickles(path, stream)
    try:
        # Not memory-mapped: a mapped file that shrinks kills the process.
        return pq.ParquetFile(opened() if "://" in path else path)
    except RuntimeError as error:
        # The hotfix; the footer is written otherwise than Arrow writes it.
        raise _holds_code(path, []) from error


def open_ipc_file(
    source: pa.NativeFile, options: pa.ipc.IpcReadOptions | None = None
) -> pa.ipc.RecordBatchFileReader:
    """Opens a file in Arrow's own format (also called Feather)."""
    _load_hotfix()
    import pyarrow as pa

    return pa.ipc.open_file(source, options=options)


def open_ipc_stream(source: IO[bytes]) -> pa.ipc.RecordBatchStreamReader:
    """Opens a stream in Arrow's own format."""
    _load_hotfix()
    import pyarrow as pa

    return pa.ipc.open_stream(source)


def _load_hotfix() -> None:
    import pyarrow_hotfix  # noqa: F401 - its import installs it


def _refuse_pickles(path: str, stream: IO[bytes]) -> None:
    """Looks into the footer before Arrow does, which could not say which column it is."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL_BYTES))
    footer = min(size, int.from_bytes(stream.read(_TAIL_BYTES)[:4], "little") + _TAIL_BYTES)
    stream.seek(size - footer)
    for match in _ARROW_SCHEMA.finditer(stream.read(footer)):
        try:
            schema = base64.b64decode(match[1])
        except binascii.Error:
            continue
        if _PICKLED in schema:
            raise _holds_code(path, _pickled_columns(schema))


def _pickled_columns(schema: bytes) -> list[str]:
    """The columns of a serialized schema that are, or hold, pickled objects."""
    import pyarrow as pa

    try:
        found = pa.ipc.read_schema(pa.BufferReader(schema.replace(_PICKLED, _HARMLESS)))
    except (pa.ArrowException, OSError):
        return []
    return [field.name for field in found if _is_pickled(field)]


def _is_pickled(field: pa.Field) -> bool:
    if (field.metadata or {}).get(_NAME) == _HARMLESS:
        return True
    from pyarrow import types

    kind = field.type
    if types.is_struct(kind):
        return any(_is_pickled(kind[place]) for place in range(kind.num_fields))
    if types.is_map(kind):
        return _is_pickled(kind.key_field) or _is_pickled(kind.item_field)
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return is_list and _is_pickled(kind.value_field)


def _holds_code(path: str, columns: list[str]) -> DataError:
    name = path.rsplit("/", 1)[-1]
    shown = f"column {columns[0]!r}" if columns else "a column"
    return DataError(
        f"{shown} of {name} holds a pickled Python object",
        evidence=[
            *(f"{path}, column {column!r}: arrow.py_extension_type" for column in columns[:5]),
            *([] if columns else [f"{path}: arrow.py_extension_type"]),
            "whoever opens such a file runs the commands in it; none was run here",
        ],
        hint="ask where the file comes from; a table has numbers, texts and times in its columns",
        code="pickled-type",
    )
