"""One table in every format that ExampleGen reads."""

from __future__ import annotations

import csv
import gzip
import io
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import fastavro
import google_crc32c
import pyarrow as pa
import pyarrow.parquet as pq

from components.example_gen.records.encoding import Column, encode_examples

Values = Mapping[str, Sequence[Any]]


def rows_of(table: Values) -> list[dict[str, Any]]:
    """Columns as rows."""
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def as_csv(table: Values) -> bytes:
    """With a header; floats with a point, as their `repr` has it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return text.getvalue().encode()


def as_parquet(table: Values) -> bytes:
    """With the types that the values have."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(table)), sink)
    return sink.getvalue().to_pybytes()


def as_json_lines(table: Values) -> bytes:
    """Missing values as null in even rows, as absent names in odd ones."""
    lines = []
    for number, row in enumerate(rows_of(table)):
        kept = {n: v for n, v in row.items() if v is not None or number % 2 == 0}
        lines.append(json.dumps(kept, ensure_ascii=number % 3 == 0))
    return ("\n".join(lines) + "\n").encode()


def as_avro(table: Values, codec: str = "null") -> bytes:
    """Every column as a union with null."""
    fields = [{"name": name, "type": _avro_type(table[name])} for name in table]
    return write_avro({"type": "record", "name": "Row", "fields": fields}, rows_of(table), codec)


def write_avro(schema: Any, rows: Sequence[Any], codec: str = "null") -> bytes:
    """Any Avro file."""
    stream = io.BytesIO()
    fastavro.writer(stream, schema, rows, codec=codec, sync_interval=500)
    return stream.getvalue()


def as_tfrecord(table: Values) -> bytes:
    """A missing value as a feature without values."""
    return frame(encode_examples({n: Column(_example_values(v)) for n, v in table.items()}))


def frame(records: Any) -> bytes:
    """Serialized examples as a TFRecord file."""
    framed = []
    for record in records:
        data = record if isinstance(record, bytes) else record.as_py()
        head = struct.pack("<Q", len(data))
        framed += [head, _masked(head), data, _masked(data)]
    return b"".join(framed)


def zipped(content: bytes) -> bytes:
    """Inside gzip, without a time."""
    return gzip.compress(content, mtime=0)


FORMATS = {
    "csv": as_csv,
    "parquet": as_parquet,
    "jsonl": as_json_lines,
    "jsonl.gz": lambda table: zipped(as_json_lines(table)),
    "avro": as_avro,
    "tfrecord": as_tfrecord,
    "tfrecord.gz": lambda table: zipped(as_tfrecord(table)),
}


def _kind(values: Sequence[Any]) -> type | None:
    kinds = {type(value) for value in values if value is not None}
    return float if kinds == {int, float} else next(iter(kinds), None)


def _avro_type(values: Sequence[Any]) -> list[str]:
    kind = {int: "long", float: "double", str: "string", None: None}[_kind(values)]
    return ["null", kind] if kind is not None else ["null"]


def _example_values(values: Sequence[Any]) -> pa.Array:
    kinds = {int: pa.int64(), float: pa.float32(), str: pa.large_binary(), None: pa.null()}
    arrow = kinds[_kind(values)]
    return pa.array([v.encode() if isinstance(v, str) else v for v in values], arrow)


def _masked(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)
