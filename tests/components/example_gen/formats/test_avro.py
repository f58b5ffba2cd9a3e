"""Avro: unions, logical types, codecs, and files that are damaged."""

from __future__ import annotations

import datetime
import decimal
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pytest

from components.example_gen.formats.avro_container import encode_long, read_blocks
from components.example_gen.formats.avro_reader import AvroReader
from components.example_gen.formats.detection import SourceFile
from components.example_gen.inspection import inspect_source
from components.example_gen.settings import ColumnType, IngestionSettings, SourceFormat
from components.example_gen.sources import find_files
from core.errors import DataError, UserError
from tests.components.example_gen.same_table import as_avro, write_avro

Write = Callable[..., Path]
_TABLE = {"id": list(range(300)), "name": [f"n{i}" if i % 5 else None for i in range(300)]}


def _record(**fields: Any) -> dict[str, Any]:
    named = [{"name": name, "type": kind} for name, kind in fields.items()]
    return {"type": "record", "name": "Row", "fields": named}


def _source(folder: Path) -> SourceFile:
    [source] = find_files(str(folder), "*", IngestionSettings())
    return source


def _column(folder: Path, name: str = "a") -> tuple[ColumnType | None, list[Any]]:
    source = _source(folder)
    batches = AvroReader().read(source, None, IngestionSettings())
    values = [value for batch in batches for value in batch.columns[name].to_pylist()]
    return AvroReader().types(source)[name].kind, values


def _refused(ingest: Callable, folder: Path, kind: type = DataError, **settings: Any) -> Any:
    with pytest.raises(kind) as caught:
        ingest(folder, **settings)
    return caught.value


_UTC = datetime.timezone.utc
_MOMENT = datetime.datetime(2024, 2, 29, 12, 30, 15, 750_000, _UTC)
_SECONDS = 1709209815
_OLD = datetime.datetime(1969, 12, 31, 23, 59, 50, 0, _UTC)


@pytest.mark.parametrize(
    ("kind", "values", "type_", "expected"),
    [
        ("boolean", [True, False], "integer", [1, 0]),
        (["null", "boolean"], [True, None], "integer", [1, None]),
        (["int", "null"], [5, None], "integer", [5, None]),
        (["null", "long", "double"], [5, None, 1.5], "float", [5.0, None, 1.5]),
        ("float", [0.5], "float", [0.5]),
        ("bytes", [b"abc", b""], "text", ["abc", None]),
        ({"type": "fixed", "name": "F", "size": 2}, [b"ab"], "text", ["ab"]),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, ["B", "A"], "text", ["B", "A"]),
        ({"type": "string"}, ["é", ""], "text", ["é", None]),
        ({"type": "string", "logicalType": "uuid"}, ["x-y"], "text", ["x-y"]),
        ("null", [None], None, [None]),
        ({"type": "int", "logicalType": "date"}, [_MOMENT.date()], "integer", [1709164800]),
        (
            ["null", {"type": "long", "logicalType": "timestamp-millis"}],
            [_MOMENT, None, _OLD],
            "integer",
            [_SECONDS, None, -10],
        ),
        ({"type": "long", "logicalType": "timestamp-micros"}, [_MOMENT], "integer", [_SECONDS]),
        (
            {"type": "long", "logicalType": "local-timestamp-micros"},
            [_MOMENT.replace(tzinfo=None)],
            "integer",
            [_SECONDS],
        ),
        (
            {"type": "int", "logicalType": "time-millis"},
            [datetime.time(0, 0, 1)],
            "integer",
            [1],
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2},
            [decimal.Decimal("12.34")],
            "float",
            [12.34],
        ),
    ],
)
def test_a_type_becomes_what_examples_hold(
    write: Write, kind: Any, values: list[Any], type_: str | None, expected: list[Any]
) -> None:
    folder = write(write_avro(_record(a=kind), [{"a": value} for value in values]), "a.avro")
    assert _column(folder) == (type_ and ColumnType(type_), expected)


def test_a_type_may_be_named_once_and_used_again(write: Write) -> None:
    enum = {"type": "enum", "name": "Color", "symbols": ["RED", "BLUE"]}
    schema = _record(a=enum, b=["null", "Color"])
    folder = write(write_avro(schema, [{"a": "RED", "b": "BLUE"}]), "a.avro")
    assert _column(folder, "b") == (ColumnType.TEXT, ["BLUE"])


@pytest.mark.parametrize(
    ("kind", "value", "holds"),
    [
        ({"type": "array", "items": "long"}, [1], "values of the Avro type array"),
        ({"type": "map", "values": "long"}, {"k": 1}, "values of the Avro type map"),
        (_record(b="long") | {"name": "Inner"}, {"b": 1}, "values of the Avro type record"),
        (["null", "string", "long"], 1, "a union of int64 and string"),
    ],
)
def test_a_value_that_is_no_cell_is_refused(
    ingest, write: Write, kind: Any, value: Any, holds: str
) -> None:
    folder = write(write_avro(_record(a=kind), [{"a": value}]), "a.avro")
    error = _refused(ingest, folder)
    assert error.headline == f"column 'a' of a.avro holds {holds}"
    assert error.code == "unsupported-type"


def test_a_file_of_no_records(ingest, write: Write) -> None:
    assert _refused(ingest, write(write_avro("long", [1, 2]), "a.avro")).code == "no-records"


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_codecs_of_fastavro(ingest, write: Write, codec: str) -> None:
    found = ingest(write(as_avro(_TABLE, codec), "a.avro"))
    assert sum(found.result.rows.values()) == 300


def _recompressed(codec: str, pack: Callable[[bytes], bytes]) -> bytes:
    """An Avro file written with a codec that fastavro lacks here."""
    stream = io.BytesIO()
    fastavro.writer(stream, fastavro.parse_schema(_record(a="long")), [], metadata=None)
    plain = stream.getvalue()
    head, sync = plain[:-16], plain[-16:]
    head = head.replace(b"\x08null", encode_long(len(codec)) + codec.encode())
    data = b"".join(encode_long(number) for number in range(500))
    packed = pack(data)
    return head + sync + encode_long(500) + encode_long(len(packed)) + packed + sync


@pytest.mark.parametrize(
    ("codec", "pack"),
    [
        (
            "snappy",
            lambda d: pa.compress(d, "snappy", asbytes=True) + zlib.crc32(d).to_bytes(4, "big"),
        ),
        ("zstandard", lambda d: pa.compress(d, "zstd", asbytes=True)),
    ],
)
def test_codecs_of_arrow(write: Write, codec: str, pack: Callable[[bytes], bytes]) -> None:
    folder = write(_recompressed(codec, pack), "a.avro")
    assert _column(folder) == (ColumnType.INTEGER, list(range(500)))


def test_a_codec_that_nobody_knows(ingest, write: Write) -> None:
    error = _refused(ingest, write(_recompressed("brotli", bytes), "a.avro"))
    assert error.headline == "a.avro is compressed with 'brotli'"


def test_a_wrong_snappy_checksum(ingest, write: Write) -> None:
    content = _recompressed("snappy", lambda d: pa.compress(d, "snappy", asbytes=True) + b"1234")
    error = _refused(ingest, write(content, "a.avro"))
    assert error.headline == "a.avro is truncated or damaged"
    assert error.evidence[0].endswith("from row 1 on: a block's checksum is wrong")


@pytest.mark.parametrize("keep", [3, 20, 100, -1, -17, -100])
def test_a_file_that_breaks_off(ingest, write: Write, keep: int) -> None:
    error = _refused(ingest, write(as_avro(_TABLE)[:keep], "a.avro"))
    assert error.headline == "a.avro is truncated or damaged"


def test_it_says_from_which_row_on_a_file_is_damaged(ingest, write: Write) -> None:
    content = as_avro(_TABLE)
    first = next(read_blocks(_source(write(content, "a.avro")))).rows
    sync = content[-16:]
    second = content.index(sync, content.index(sync) + 16 + 1)
    damaged = content[: second + 1] + b"\0" * 16 + content[second + 17 :]
    error = _refused(ingest, write(damaged, "a.avro"))
    assert "a block does not end where it says" in error.evidence[0]
    assert first > 1


def test_records_that_are_not_what_the_schema_says(ingest, write: Write) -> None:
    content = bytearray(as_avro({"a": [f"text {i}" for i in range(200)]}))
    start = content.index(b"text 5")
    content[start - 1] = 0x7F
    error = _refused(ingest, write(bytes(content), "a.avro"))
    assert error.headline == "a.avro is truncated or damaged"


def test_a_file_without_rows(ingest, write: Write) -> None:
    error = _refused(ingest, write(write_avro(_record(a="long"), []), "a.avro"))
    assert error.headline == "a.avro has columns but no rows"


def test_files_that_disagree_on_a_type_or_a_column(ingest, write: Write) -> None:
    write(write_avro(_record(a="long"), [{"a": 1}]), "a.avro")
    folder = write(write_avro(_record(a="string"), [{"a": "x"}]), "b.avro")
    assert _refused(ingest, folder).headline == (
        "column 'a' holds numbers in a.avro and text in b.avro"
    )
    write(write_avro(_record(b="string"), [{"b": "x"}]), "b.avro")
    assert _refused(ingest, folder).code == "different-columns"


def test_a_fixed_type_is_checked_row_by_row(ingest, write: Write) -> None:
    texts = {"a": [str(i) for i in range(100)]}
    folder = write(as_avro(texts), "a.avro")
    assert ingest(folder, columns={"a": "integer"}).plan.types == {"a": ColumnType.INTEGER}
    texts["a"][70] = "x"
    folder = write(as_avro(texts), "a.avro")
    error = _refused(ingest, folder, columns={"a": "integer"})
    assert error.headline == "row 71 of a.avro cannot be read: 'x' is not a whole number"


def test_settings_that_name_a_column_that_is_not_there(ingest, write: Write) -> None:
    error = _refused(ingest, write(as_avro(_TABLE), "a.avro"), UserError, columns={"nam": "text"})
    assert error.hint == "did you mean 'name'?"


def test_the_quick_look_takes_the_schema_s_types(write: Write) -> None:
    found = inspect_source(write(as_avro(_TABLE), "a.avro"))
    assert found.files[0].format is SourceFormat.AVRO
    assert [column.type for column in found.columns] == [ColumnType.INTEGER, ColumnType.TEXT]
    assert found.first_rows[:2] == ({"id": "0", "name": None}, {"id": "1", "name": "n1"})
