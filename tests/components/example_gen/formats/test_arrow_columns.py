"""Parquet columns of every type: each becomes what examples hold, or is refused by name."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.example_gen.formats.arrow_columns import plain
from components.example_gen.formats.detection import identify
from components.example_gen.formats.parquet_reader import ParquetReader
from components.example_gen.inspection import inspect_source
from components.example_gen.settings import ColumnType, IngestionSettings, SourceFormat
from components.example_gen.writing.planning import make_plan
from core.errors import DataError

_DAY = datetime.date(2024, 2, 29)
_DAY_SECONDS = 1709164800
_BIG = 2**63 + 5
_INT32 = pa.int32()


def _write(path: Path, column: pa.Array) -> Path:
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table({"x": column}), path)
    return path


def _read(path: Path, **settings: Any) -> tuple[ColumnType | None, list[Any]]:
    source = identify(str(path), SourceFormat.AUTO)
    batches = ParquetReader().read(source, None, IngestionSettings.model_validate(settings))
    values = [value for batch in batches for value in batch.columns["x"].to_pylist()]
    return ParquetReader().types(source)["x"].kind, values


def _refused(path: Path, **settings: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        _read(path, **settings)
    return caught.value


def _time(unit: str, per_second: int) -> pa.Array:
    kind = pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
    return pa.array([3_661 * per_second, None], kind)


def _coded(values: list[Any], kind: pa.DataType, index: pa.DataType = _INT32) -> pa.Array:
    places = pa.array([0, None, len(values) - 1], index)
    return pa.DictionaryArray.from_arrays(places, pa.array(values, kind))


@pytest.mark.parametrize(
    ("column", "kind", "expected"),
    [
        (_time("s", 1), "integer", [3661, None]),
        (_time("ms", 10**3), "integer", [3661, None]),
        (_time("us", 10**6), "integer", [3661, None]),
        (_time("ns", 10**9), "integer", [3661, None]),
        (pa.array([90, None, -3], pa.duration("s")), "float", [90.0, None, -3.0]),
        (pa.array([90_000, 250], pa.duration("ms")), "float", [90.0, 0.25]),
        (pa.array([90 * 10**6, -500_000], pa.duration("us")), "float", [90.0, -0.5]),
        (pa.array([90 * 10**9], pa.duration("ns")), "float", [90.0]),
        (pa.array([1_500, None], pa.timestamp("ms")), "integer", [1, None]),
        (pa.array([7 * 10**6], pa.timestamp("us", "Europe/Berlin")), "integer", [7]),
        (pa.array([_DAY, None], pa.date32()), "integer", [_DAY_SECONDS, None]),
        (pa.array([_DAY], pa.date64()), "integer", [_DAY_SECONDS]),
        (pa.array([True, None, False]), "integer", [1, None, 0]),
        (pa.nulls(2), None, [None, None]),
        (pa.array([5, 2**63 - 1, None], pa.uint64()), "integer", [5, 2**63 - 1, None]),
        (pa.array([200], pa.uint8()), "integer", [200]),
        (pa.array([1.5, None], pa.float32()), "float", [1.5, None]),
        (pa.array([decimal.Decimal("1.25")], pa.decimal128(38, 2)), "float", [1.25]),
        (pa.array([decimal.Decimal("-2.5")], pa.decimal256(60, 1)), "float", [-2.5]),
        (pa.array(["é", None, ""], pa.large_string()), "text", ["é", None, None]),
        (pa.array([b"ab", None], pa.large_binary()), "text", ["ab", None]),
        (pa.array([b"ab", None], pa.binary(2)), "text", ["ab", None]),
        (_coded(["a", "b"], pa.string(), pa.int8()), "text", ["a", None, "b"]),
        (_coded(["a", "b"], pa.large_string(), pa.uint64()), "text", ["a", None, "b"]),
        (_coded([b"ab"], pa.binary(2)), "text", ["ab", None, "ab"]),
        (_coded([1, 2], pa.uint64()), "integer", [1, None, 2]),
        (_coded([1.5, 2], pa.float64()), "float", [1.5, None, 2.0]),
        (_coded([decimal.Decimal("1.5")], pa.decimal128(5, 1)), "float", [1.5, None, 1.5]),
        (_coded([2_000], pa.time32("ms")), "integer", [2, None, 2]),
        (_coded([_DAY], pa.date32()), "integer", [_DAY_SECONDS, None, _DAY_SECONDS]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_a_type_becomes_what_examples_hold(
    column: pa.Array, kind: str | None, expected: list[Any], tmp_path: Path
) -> None:
    found, values = _read(_write(tmp_path / "a.parquet", column))

    assert (found.value if found else None) == kind
    assert values == expected


@pytest.mark.parametrize(
    "column",
    [
        pa.array([b"ab", None, b"cd", b"ef"], pa.binary(2)),
        pa.array([decimal.Decimal(number) for number in range(4)], pa.decimal128(9, 0)),
        pa.array([1, None, 3, 4], pa.time64("us")),
        pa.array([1, None, 3, 4], pa.duration("s")),
        pa.array(["a", None, "c", "d"], pa.large_string()),
        pa.array(["a", None, "c", "d"]).dictionary_encode(),
        pa.array([True, None, False, True]),
        pa.array([1, None, 3, 2**40], pa.uint64()),
        pa.array([decimal.Decimal(number) for number in range(4)], pa.decimal256(50, 0)),
    ],
    ids=lambda column: str(column.type),
)
def test_a_slice_is_read_as_the_whole_is(column: pa.Array) -> None:
    settings = IngestionSettings()

    # Arrow 10 crashed on some.
    assert plain(column.slice(1, 2), settings) == plain(column, settings).slice(1, 2)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1], None], pa.list_(pa.int64())),
        pa.array([[1], None], pa.large_list(pa.int64())),
        pa.array([[1, 2]], pa.list_(pa.int64(), 2)),
        pa.array([{"a": {"b": 1}}], pa.struct([("a", pa.struct([("b", pa.int64())]))])),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    ],
    ids=["list", "large_list", "fixed_size_list", "nested struct", "map"],
)
def test_more_than_one_value_a_row_is_refused_by_name(column: pa.Array, tmp_path: Path) -> None:
    error = _refused(_write(tmp_path / "a.parquet", column))

    declared = pq.read_schema(tmp_path / "a.parquet").field("x").type
    assert error.headline == f"column 'x' of a.parquet holds {declared}"
    assert error.code == "unsupported-type"


@pytest.mark.parametrize(
    ("column", "headline"),
    [
        (pa.array([1, _BIG], pa.uint64()), f"{_BIG} does not fit 64 bits with a sign"),
        (_coded([_BIG, 1], pa.uint64()), f"{_BIG} does not fit 64 bits with a sign"),
        (
            pa.array([decimal.Decimal(1), decimal.Decimal("1" + "0" * 40)], pa.decimal256(76, 0)),
            f"1{'0' * 40} is too large for a float",
        ),
    ],
    ids=["uint64", "dictionary of uint64", "decimal256"],
)
def test_a_number_out_of_range_is_refused_by_row_and_column_and_kept_as_text(
    column: pa.Array, headline: str, tmp_path: Path
) -> None:
    path = _write(tmp_path / "a.parquet", column)
    row = 1 if pa.types.is_dictionary(column.type) else 2

    error = _refused(path)
    assert error.headline == f"row {row} of a.parquet cannot be read: {headline}"
    assert error.evidence == (f"{path}, row {row}, column 'x'",)

    # What the hint says works.
    _, values = _read(path, columns={"x": "text"})
    assert values[row - 1] == headline.split()[0]


def test_the_whole_ingestion_keeps_large_numbers_as_text(ingest: Callable, tmp_path: Path) -> None:
    numbers = [_BIG + number for number in range(50)]
    path = _write(tmp_path / "data" / "a.parquet", pa.array(numbers, pa.uint64()))

    found = ingest(path.parent, columns={"x": "text"})

    records = found.records("train") + found.records("eval")
    assert all(any(str(n).encode() in record for record in records) for n in numbers)


@pytest.mark.parametrize(
    ("texts", "row", "byte"),
    [([b"a", b"b\xff"], 2, 2), ([None, b"", b"\xc3"], 3, 1), ([b"\xed\xa0\x80"], 1, 1)],
    ids=["no start", "cut short", "a surrogate"],
)
def test_text_that_is_not_utf8_is_refused_by_row_and_column(
    texts: list[bytes | None], row: int, byte: int, tmp_path: Path
) -> None:
    column = pa.array(texts, pa.binary()).cast(pa.string(), safe=False)

    for name, values in (("plain", column), ("coded", column.dictionary_encode())):
        path = _write(tmp_path / f"{name}.parquet", values)
        error = _refused(path)
        assert f"row {row} of {name}.parquet cannot be read: byte {byte}" in error.headline
        assert error.evidence == (f"{path}, row {row}, column 'x'",)


def _extension(storage: pa.Array, name: str) -> pa.Table:
    metadata = {"ARROW:extension:name": name, "ARROW:extension:metadata": ""}
    return pa.table([storage], schema=pa.schema([pa.field("x", storage.type, metadata=metadata)]))


@pytest.mark.parametrize("name", ["pandas.period", "months", "arrow.opaque"])
def test_numbers_of_an_extension_type_are_refused_by_its_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(_extension(pa.array([1, 2]), name), path)

    error = _refused(path)

    headline = f"column 'x' of a.parquet holds the extension type {name} over int64"
    assert error.headline == headline


def test_texts_of_an_extension_type_are_texts(tmp_path: Path) -> None:
    pq.write_table(_extension(pa.array(['{"a": 1}']), "arrow.json"), tmp_path / "a.parquet")

    assert _read(tmp_path / "a.parquet") == (ColumnType.TEXT, ['{"a": 1}'])


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (pa.array([5]), pa.array([5], pa.timestamp("us")), ("numbers", "times")),
        (
            pa.array([5], pa.timestamp("us")),
            pa.array([5], pa.timestamp("us", "UTC")),
            ("times", "times with a time zone"),
        ),
        (pa.array([5], pa.time32("ms")), pa.array([5], pa.duration("ms")), ("times of a day",)),
        (pa.array([_DAY]), pa.array([5], pa.timestamp("s")), ("dates", "times")),
        (pa.array([True]), pa.array([5]), ("truth values", "numbers")),
        (pa.array([5]), pa.array(["5"]), ("numbers", "text")),
    ],
    ids=["number, time", "time, zoned", "of a day, duration", "date, time", "bool, int", "text"],
)
def test_files_that_disagree_on_what_a_column_means_are_refused_by_name(
    first: pa.Array, second: pa.Array, says: tuple[str, ...], ingest: Callable, tmp_path: Path
) -> None:
    paths = [tmp_path / "data" / f"{name}.parquet" for name in "ab"]
    for path, column in zip(paths, (first, second), strict=True):
        _write(path, column)

    for look in (inspect_source, ingest):
        with pytest.raises(DataError) as caught:
            look(tmp_path / "data")
        assert caught.value.headline.startswith(f"column 'x' holds {says[0]} in a.parquet and ")
        kinds = [_read_kind(path) for path in paths]
        assert caught.value.evidence == tuple(
            f"{path}, column 'x': {kind}" for path, kind in zip(paths, kinds, strict=True)
        )


def _read_kind(path: Path) -> str:
    return ParquetReader().types(identify(str(path), SourceFormat.AUTO))["x"].declared


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (pa.array([2], pa.time32("s")), pa.array([2 * 10**6], pa.time64("us")), [2, 2]),
        (pa.array([500], pa.duration("ms")), pa.array([500_000], pa.duration("us")), [0.5, 0.5]),
        (pa.array([1], pa.int8()), pa.array([1.5]), [1, 1.5]),
        (pa.nulls(1), pa.array(["a"]), [None, "a"]),
        (pa.array(["a"]).dictionary_encode(), pa.array(["b"]), ["a", "b"]),
    ],
    ids=["times", "durations", "numbers", "nothing", "texts"],
)
def test_files_of_different_units_and_widths_are_one_column(
    first: pa.Array, second: pa.Array, expected: list[Any], tmp_path: Path
) -> None:
    paths = [tmp_path / "data" / f"{name}.parquet" for name in "ab"]
    for path, column in zip(paths, (first, second), strict=True):
        _write(path, column)

    assert [value for path in paths for value in _read(path)[1]] == expected
    files = [identify(str(path), SourceFormat.AUTO) for path in paths]
    assert make_plan(files, IngestionSettings(), [2, 1], tmp_path / "scratch").rows == 2


def _in_groups() -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table({"a": range(40), "b": ["x", "y"] * 20})
    table = table.set_column(1, "b", table.column("b").dictionary_encode())
    pq.write_table(table, sink, row_group_size=10)
    return sink.getvalue().to_pybytes()


def test_small_row_groups_are_one_batch(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(_in_groups())
    source = identify(str(path), SourceFormat.AUTO)

    batches = list(ParquetReader().read(source, None, IngestionSettings()))

    assert [batch.num_rows for batch in batches] == [40]
    assert batches[0].columns["a"].to_pylist() == list(range(40))


@pytest.mark.parametrize("place", ["first page", "second page", "dictionary page"])
def test_pages_with_other_numbers_of_values_than_the_footer_are_refused(
    place: str, tmp_path: Path
) -> None:
    content = bytearray(_in_groups())
    metadata = pq.ParquetFile(pa.BufferReader(bytes(content))).metadata
    chunk = metadata.row_group(1 if place == "second page" else 0).column(1)
    start = chunk.dictionary_page_offset if place == "dictionary page" else chunk.data_page_offset
    # Thrift's zigzag number of values: the byte after its field's mark.
    count = 2 if place == "dictionary page" else 10
    found = content.index(bytes([0x15, 2 * count]), start + 6)
    content[found + 1] = 0
    path = tmp_path / "a.parquet"
    path.write_bytes(content)

    error = _refused(path)

    assert error.headline == "a.parquet is truncated or damaged"
