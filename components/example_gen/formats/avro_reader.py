"""Avro container files as batches of typed columns.

fastavro decodes the records. It is given the schema without logical types, since Arrow
turns whole columns of numbers into times faster than fastavro turns each one.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from components.example_gen.formats.arrow_columns import (
    declared_type,
    plain_column,
    unsupported_type,
)
from components.example_gen.formats.avro_container import (
    AvroHeader,
    encode_long,
    read_blocks,
    read_header,
)
from components.example_gen.formats.declared_type import DeclaredType
from components.example_gen.formats.detection import AVRO_MAGIC, SourceFile
from components.example_gen.formats.reader import Reader, check_same_columns, damaged, no_rows
from components.example_gen.formats.typed_batches import BATCH_BYTES, TypedBatch
from components.example_gen.settings import IngestionSettings
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_HEAD_ROWS = 100
# Decoded rows are Python objects for a moment, which take much more than their bytes.
_MOST_ROWS = 16_384
_UNITS = {"millis": "ms", "micros": "us", "nanos": "ns"}


class AvroReader(Reader):
    """Avro container files; the writer's schema names the columns and gives their types.

    A union of one type with null is a column with missing values; a union of numbers is a
    column of the widest. Enums are texts. Dates and timestamps become seconds since 1970
    (UTC), local ones as if they were UTC; times of a day become seconds since midnight;
    decimals become floats.
    """

    def columns(self, source: SourceFile, settings: IngestionSettings) -> tuple[str, ...]:
        """The schema's fields."""
        del settings
        return tuple(read_schema(source))

    def types(self, source: SourceFile) -> dict[str, DeclaredType]:
        """The schema's types."""
        found = read_schema(source)
        return {name: declared_type(source, name, kind) for name, kind in found.items()}

    def count_rows(self, source: SourceFile) -> int:
        """How many rows the blocks say they have; nothing is decoded."""
        rows = sum(block.rows for block in read_blocks(source, count_only=True))
        if not rows:
            raise no_rows(source, list(read_schema(source)))
        return rows

    def read(
        self,
        source: SourceFile,
        names: Sequence[str] | None,
        settings: IngestionSettings,
        *,
        only: Sequence[str] | None = None,
        head: bool = False,
    ) -> Iterator[TypedBatch]:
        """Batches of rows, whatever the blocks."""
        schema = read_schema(source)
        check_same_columns(source, names, list(schema))
        wanted = list(only if only is not None else names or schema)
        size = min(settings.batch_rows, _HEAD_ROWS if head else _MOST_ROWS)
        row = 1
        for records in _records(source, size):
            try:
                columns = {
                    name: plain_column(
                        source,
                        row,
                        name,
                        _array([r[name] for r in records], schema[name]),
                        settings,
                    )
                    for name in wanted
                }
            except (ValueError, OverflowError) as error:
                raise damaged(source, error, row) from error
            yield TypedBatch(columns, source.path, range(row, row + len(records)))
            row += len(records)
        if row == 1:
            raise no_rows(source, list(schema))


def read_schema(source: SourceFile) -> dict[str, pa.DataType]:
    """The columns of an Avro file and the Arrow types of their values.

    Raises:
      DataError: If the file is damaged, holds no records, or a column's values have no
        place in a table.
    """
    schema = read_header(source).schema
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, list) or schema.get("type") != "record" or not fields:
        raise DataError(
            f"{source.name} does not hold records",
            evidence=[f"{source.path}: its schema is {json.dumps(schema)[:80]}"],
            hint="a table is a record with a field for each column",
            code="no-records",
        )
    named: dict[str, Any] = {}
    try:
        _collect_names(schema, named)
        return {
            field["name"]: _arrow_type(source, field["name"], field["type"], named)
            for field in fields
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(source, f"its schema is not an Avro schema: {error!r}") from error
    except RecursionError as error:
        raise damaged(source, "its schema names types of types without end") from error


def _collect_names(schema: Any, named: dict[str, Any]) -> None:
    """Finds the types that a schema names, which later parts of it may refer to."""
    if isinstance(schema, list):
        for branch in schema:
            _collect_names(branch, named)
    elif isinstance(schema, dict):
        if isinstance(schema.get("name"), str):
            named[schema["name"].rsplit(".", 1)[-1]] = schema
        for part in (schema.get("type"), schema.get("items"), schema.get("values")):
            _collect_names(part, named)
        for field in schema.get("fields", ()):
            _collect_names(field.get("type"), named)


def _arrow_type(
    source: SourceFile, column: str, schema: Any, named: Mapping[str, Any]
) -> pa.DataType:
    import pyarrow as pa

    if isinstance(schema, list):
        return _union_type(source, column, schema, named)
    parts = schema if isinstance(schema, dict) else {"type": schema}
    kind, logical = parts.get("type"), parts.get("logicalType")
    if isinstance(kind, dict | list):
        return _arrow_type(source, column, kind, named)
    if logical == "decimal" and kind in ("bytes", "fixed"):
        return pa.float64()
    if (time := _time_type(kind, str(logical))) is not None:
        return time
    known = {
        "null": pa.null(),
        "boolean": pa.bool_(),
        "int": pa.int64(),
        "long": pa.int64(),
        "float": pa.float64(),
        "double": pa.float64(),
        "bytes": pa.binary(),
        "fixed": pa.binary(),
        "string": pa.string(),
        "enum": pa.string(),
    }
    if kind in known and logical != "duration":
        return known[kind]
    if (found := named.get(str(kind).rsplit(".", 1)[-1])) is not None and found is not schema:
        return _arrow_type(source, column, found, named)
    raise unsupported_type(source, column, f"values of the Avro type {logical or kind}")


def _time_type(kind: Any, logical: str) -> pa.DataType | None:
    import pyarrow as pa

    what, _, unit = logical.rpartition("-")
    if logical == "date" and kind == "int":
        return pa.date32()
    if logical == "time-millis" and kind == "int":
        return pa.time32("ms")
    if logical == "time-micros" and kind == "long":
        return pa.time64("us")
    if what in ("timestamp", "local-timestamp") and unit in _UNITS and kind == "long":
        return pa.timestamp(_UNITS[unit], "UTC" if what == "timestamp" else None)
    return None


def _union_type(
    source: SourceFile, column: str, branches: Sequence[Any], named: Mapping[str, Any]
) -> pa.DataType:
    import pyarrow as pa

    found = {_arrow_type(source, column, branch, named) for branch in branches} - {pa.null()}
    if not found:
        return pa.null()
    if len(found) == 1:
        return found.pop()
    if found == {pa.int64(), pa.float64()}:
        return pa.float64()
    kinds = " and ".join(sorted(str(kind) for kind in found))
    raise unsupported_type(source, column, f"a union of {kinds}")


def _records(source: SourceFile, size: int) -> Iterator[list[dict[str, Any]]]:
    """Decoded records, at most `size` at once."""
    import fastavro

    header = read_header(source)
    start = _container_start(header)
    row = 1
    for rows, data in _gathered(source, size):
        content = start + encode_long(rows) + encode_long(len(data)) + data + header.sync
        try:
            records = iter(fastavro.reader(io.BytesIO(content)))
            while batch := list(itertools.islice(records, size)):
                yield batch  # type: ignore[misc]
                row += len(batch)
        except (
            *(EOFError, ValueError, IndexError, KeyError, TypeError, OverflowError),
            fastavro.schema.SchemaParseException,
            fastavro.schema.UnknownType,
        ) as error:
            raise damaged(source, error, row) from error


def _gathered(source: SourceFile, size: int) -> Iterator[tuple[int, bytes]]:
    """Blocks put together, so that many small ones cost no more than a few large ones."""
    rows, held, held_bytes = 0, list[bytes](), 0
    for block in read_blocks(source):
        rows += block.rows
        held.append(block.data)
        held_bytes += len(block.data)
        if rows >= size or held_bytes >= BATCH_BYTES:
            yield rows, b"".join(held)
            rows, held, held_bytes = 0, [], 0
    if rows:
        yield rows, b"".join(held)


def _container_start(header: AvroHeader) -> bytes:
    """A container's first bytes, for blocks that are not compressed."""
    schema = json.dumps(_without_logical_types(header.schema)).encode()
    entries = {"avro.schema": schema, "avro.codec": b"null"}
    pairs = b"".join(
        encode_long(len(part)) + part
        for key, value in entries.items()
        for part in (key.encode(), value)
    )
    return AVRO_MAGIC + encode_long(len(entries)) + pairs + encode_long(0) + header.sync


def _without_logical_types(schema: Any) -> Any:
    """The schema with only its decimals left, which are made of bytes."""
    if isinstance(schema, list):
        return [_without_logical_types(branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    kept = dict(schema)
    if kept.get("logicalType") != "decimal":
        kept.pop("logicalType", None)
    for key in ("type", "items", "values", "fields"):
        if key in kept:
            kept[key] = _without_logical_types(kept[key])
    return kept


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Decoded values as an array of their column's type."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_float64(kind):
        # Decimals come as Python's; integers too where a union has them.
        return pa.array([None if value is None else float(value) for value in values], kind)
    if types.is_temporal(kind):
        return pa.array(values, pa.int64() if kind.bit_width == 64 else pa.int32()).cast(kind)
    return pa.array(values, kind)
