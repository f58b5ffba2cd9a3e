"""Files that cannot be used: every message names the file, the row and the column."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.example_gen import inspection
from core.errors import DataError, MillraceError, UserError

Write = Callable[..., Path]


def _refused(ingest: Callable, path: Path, kind: type[MillraceError] = DataError, **settings):
    with pytest.raises(kind) as caught:
        ingest(path, **settings)
    return caught.value


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def test_a_path_that_is_not_there_is_the_users_mistake(ingest, write: Write, table: str) -> None:
    folder = write(table)
    error = _refused(ingest, folder / "dat.csv", UserError)
    assert error.headline == f"there is no data at {folder / 'dat.csv'}"
    assert error.evidence[-1] == "beside it: data.csv"


def test_a_folder_without_files(ingest, tmp_path: Path) -> None:
    error = _refused(ingest, tmp_path)
    assert error.headline == f"no data files in {tmp_path}"


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_file(ingest, write: Write, content: bytes) -> None:
    error = _refused(ingest, write(content))
    assert (error.headline, error.code) == ("data.csv is empty", "empty-file")


@pytest.mark.parametrize(
    "content", ["id,price", "id,price\n", "id,price\n\n\n", "\ufeffid,price\r\n"]
)
def test_a_header_without_rows(ingest, write: Write, content: str) -> None:
    error = _refused(ingest, write(content))
    assert error.headline == "data.csv has a header but no rows"
    assert "columns id, price" in error.evidence[0]


def test_a_gzip_file_that_breaks_off(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(gzip.compress(table.encode())[:-60], "data.csv.gz"))
    assert error.headline == "data.csv.gz is truncated or damaged"


def test_a_gzip_file_with_a_wrong_checksum(ingest, write: Write, table: str) -> None:
    content = bytearray(gzip.compress(table.encode()))
    content[-8] ^= 1
    error = _refused(ingest, write(bytes(content), "data.csv.gz"))
    assert error.headline == "data.csv.gz is truncated or damaged"


def test_a_quote_that_never_closes(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table + '100,1.5,"cut sho'))
    assert error.headline == "a quote in data.csv never closes"
    assert error.evidence[0].endswith("data.csv, row 102, column 'name'")
    assert error.evidence[1] == 'the row: 100,1.5,"cut sho'


def test_a_quote_that_a_later_one_seems_to_close(ingest, write: Write, table: str) -> None:
    broken = table.replace("name 50", '"name 50').replace("name 60", '"name 60"')
    error = _refused(ingest, write(broken))
    assert error.evidence[0].endswith("data.csv, row 52")


def test_a_csv_file_cut_within_its_last_row(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table + "100,1."))
    assert error.headline == ("row 102 of data.csv cannot be read: 2 fields where the header has 3")
    assert error.evidence[0].endswith("data.csv, row 102, column 'name'")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"id,price\n1,2\n3,\0\n", "row 3, column 'price'"),
        (b"id,price\n" + b"1,2\n" * 50_000 + b'\0,"x"\n', "row 50,002, column 'id'"),
        (b'id,price\n1,"a\nb",\n1,"x\0y"\n', "row 4, column 'price'"),
        (b"id\0,price\n1,2\n", "row 1"),
    ],
    ids=["alone", "far down", "quoted", "header"],
)
def test_a_zero_byte_is_refused_with_row_and_column(
    content: bytes, place: str, ingest, write: Write
) -> None:
    error = _refused(ingest, write(content))
    assert "holds a zero byte" in error.headline
    assert error.evidence[0].endswith(f"data.csv, {place}")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 4, "control characters in"),
        (b"SQLite format 3\0" + bytes(100) + b"x\n" * 50, "control characters in"),
    ],
)
def test_a_file_that_is_no_text(ingest, write: Write, content: bytes, found: str) -> None:
    error = _refused(ingest, write(content))
    assert error.headline == "data.csv is not a text file"
    assert found in error.evidence[0]


def test_a_row_that_is_not_utf_8(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table.replace("name 50", "café").encode("latin-1")))
    assert error.headline == ("row 52 of data.csv cannot be read: byte 12 (0xe9) is not UTF-8")
    assert error.evidence[0].endswith("data.csv, row 52, column 'name'")


def test_a_header_that_is_not_utf_8(ingest, write: Write) -> None:
    error = _refused(ingest, write("prénom\nx\n".encode("latin-1")))
    assert error.headline == "the header of data.csv is not UTF-8"


def test_a_utf_16_file_is_called_by_its_name(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table.encode("utf-16")))
    assert error.headline == "data.csv is UTF-16, not UTF-8"


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        ("7", "1 field where the header has 3", "price"),
        ("7,8,9,10", "4 fields where the header has 3", "name"),
    ],
)
def test_a_ragged_row(ingest, write: Write, table: str, row: str, reason: str, column: str) -> None:
    error = _refused(ingest, write(table.replace("50,25.0,name 50", row)))
    assert error.headline == f"row 52 of data.csv cannot be read: {reason}"
    assert error.evidence == (
        f"{write(table, 'x.txt') / 'data.csv'}, row 52, column {column!r}",
        f"the row: {row}",
    )
    assert "`data.rejects.max_share`" in error.hint


def test_a_row_number_is_a_line_number_whatever_lies_before(ingest, write: Write) -> None:
    text = 'id,name\n\n1,"two\nlines"\n\n2\n'
    error = _refused(ingest, write(text))
    assert error.headline.startswith("row 6 of data.csv cannot be read: 1 field")


def test_old_line_ends(ingest, write: Write) -> None:
    error = _refused(ingest, write("id,name\r1,a\r2,b\r"))
    assert error.headline == "the header of data.csv cannot be read"
    assert error.evidence[0].endswith("row 1: a carriage return inside an unquoted field")


def test_a_lone_carriage_return_in_a_row(ingest, write: Write) -> None:
    error = _refused(ingest, write("id,name\n1,a\n2,b\rc\n"))
    assert error.headline.startswith("row 3 of data.csv cannot be read: a carriage return")


def test_a_column_that_stands_twice(ingest, write: Write) -> None:
    error = _refused(ingest, write("id,price,id\n1,2,3\n"))
    assert error.headline == "column 'id' stands twice in data.csv"
    assert error.evidence[0].endswith("row 1: columns 1 and 3")


def test_a_column_without_a_name(ingest, write: Write) -> None:
    error = _refused(ingest, write("id,,name\n1,2,3\n"))
    assert error.headline == "column 2 of data.csv has no name"


def test_another_delimiter_than_the_configured_one(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table.replace(",", ";")))
    assert error.hint == "set `delimiter` to ';'"


def test_a_second_file_with_other_columns(ingest, write: Write, table: str) -> None:
    write(table)
    error = _refused(ingest, write("id,cost,name\n1,2,3\n", "later.csv"))
    assert error.headline == "later.csv has other columns than the files before it"
    assert error.evidence[1:] == ("missing: price", "not in the other files: cost")


def test_a_number_column_that_turns_into_text(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table.replace("\n50,", "\nfifty,")))
    assert error.headline == "row 52 of data.csv cannot be read: 'fifty' is text among numbers"
    assert error.evidence[0].endswith("data.csv, row 52, column 'id'")
    assert "fix the column's type under `columns`" in error.hint


def test_a_column_that_turns_into_text_in_the_second_file(ingest, write: Write, table: str) -> None:
    write(table)
    error = _refused(ingest, write("id,price,name\none,2,3\n", "later.csv"))
    assert error.evidence[0].endswith("later.csv, row 2, column 'id'")


def test_a_value_against_a_fixed_type(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table), columns={"price": "integer"})
    assert error.headline == "row 3 of data.csv cannot be read: '0.5' is not a whole number"
    assert error.evidence[0].endswith("data.csv, row 3, column 'price'")


def test_settings_that_name_an_unknown_column(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table), UserError, columns={"prise": "float"})
    assert "`columns.prise` names the column 'prise'" in error.headline
    assert error.hint == "did you mean 'price'?"


def test_a_key_that_holds_floats(ingest, write: Write, table: str) -> None:
    error = _refused(ingest, write(table), split={"key": "price"})
    assert error.headline.startswith("cannot split by 'price': it holds floats")


@pytest.mark.parametrize(
    ("value", "reason"), [("", "no time to split by"), ("soon", "'soon' is no ISO 8601 time")]
)
def test_a_row_without_a_time(ingest, write: Write, value: str, reason: str) -> None:
    times = ["2024-01-01", "2024-01-02T03:04:05Z", value, "2024-01-03"]
    error = _refused(
        ingest,
        write("at,id\n" + "".join(f"{time},1\n" for time in times)),
        split={"method": "time", "time_column": "at"},
    )
    assert error.headline == f"row 4 of data.csv cannot be read: {reason}"


def test_a_split_that_stays_empty(ingest, write: Write) -> None:
    error = _refused(ingest, write("id\n1\n"))
    assert error.code == "empty-split"


@pytest.mark.parametrize("keep", [0.5, 0.98])
def test_a_parquet_file_that_breaks_off(ingest, write: Write, keep: float) -> None:
    content = _parquet(pa.table({"id": list(range(1000))}))
    error = _refused(ingest, write(content[: int(len(content) * keep)], "data.parquet"))
    assert error.headline == "data.parquet is truncated or damaged"


def test_a_parquet_file_with_damaged_pages(ingest, write: Write) -> None:
    content = bytearray(_parquet(pa.table({"id": [f"text {i}" for i in range(1000)]})))
    content[200:1200] = b"\0" * 1000
    error = _refused(ingest, write(bytes(content), "data.parquet"))
    assert error.headline == "data.parquet is truncated or damaged"
    assert "from row 1 on" in error.evidence[0]


def test_a_parquet_file_without_rows(ingest, write: Write) -> None:
    content = _parquet(pa.table({"id": pa.array([], pa.int64())}))
    error = _refused(ingest, write(content, "data.parquet"))
    assert error.headline == "data.parquet has columns but no rows"


def test_a_parquet_column_of_lists(ingest, write: Write) -> None:
    error = _refused(ingest, write(_parquet(pa.table({"id": [[1], [2]]})), "data.parquet"))
    assert error.headline == "column 'id' of data.parquet holds list<item: int64>"


def test_parquet_files_that_disagree_on_a_type(ingest, write: Write) -> None:
    write(_parquet(pa.table({"id": [1, 2]})), "a.parquet")
    error = _refused(ingest, write(_parquet(pa.table({"id": ["x"]})), "b.parquet"))
    assert error.headline == "column 'id' holds numbers in a.parquet and text in b.parquet"
    assert error.evidence[1].endswith("b.parquet, column 'id': string")


def test_csv_and_parquet_in_one_folder(ingest, write: Write, table: str) -> None:
    write(table)
    folder = write(_parquet(pa.table({"id": [1, 2]})), "b.parquet")
    error = _refused(ingest, folder, UserError)
    assert error.code == "mixed-formats"


@pytest.mark.parametrize(
    "content", [b"", b"id,price\n", b"id,id\n1,2\n", b"id\n\0\n", b"id;price\n1;2\n"]
)
def test_the_quick_look_refuses_what_a_head_shows(write: Write, content: bytes) -> None:
    with pytest.raises(DataError):
        inspection.inspect_source(write(content))


@pytest.mark.parametrize(
    "value",
    ["[" * 30_000, "[" * 30_000 + "]" * 30_000, '{"a":' * 30_000 + "1" + "}" * 30_000],
    ids=["unclosed lists", "lists", "objects"],
)
def test_deeply_nested_json_is_refused_with_its_row(value: str, ingest, write: Write) -> None:
    rows = [f'{{"id": {number}, "x": "[[[{{"}}\n' for number in range(200)]
    folder = write("".join([*rows, f'{{"id": 0, "x": {value}}}\n']), "data.jsonl")

    error = _refused(ingest, folder)

    assert error.headline.startswith("row 201 of data.jsonl cannot be read")
    assert error.code == "nested-value"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (b'1,"a\rb",\xff\n', "'c'", "not-utf-8"),
        (b"1,a\rb,\xff\n", None, "not-utf-8"),
        (b"1,a\rb,c\n", None, "unreadable-row"),
        (b"1," + b"x" * 200_000 + b",\xff\n", "'c'", "not-utf-8"),
        (b"1," + b"x" * 200_000 + b"\n", "'c'", "ragged-row"),
    ],
    ids=["quoted return", "lone return", "return alone", "giant field", "giant and ragged"],
)
def test_returns_and_giant_fields_are_refused_with_their_row(
    row: bytes, column: str | None, code: str, ingest, write: Write
) -> None:
    error = _refused(ingest, write(b"a,b,c\n1,2,3\n" + row))

    assert error.code == code
    assert "row 3" in error.headline
    assert ("column" in error.evidence[0]) is (column is not None)
    assert column is None or error.evidence[0].endswith(f"column {column}")


def test_a_json_text_that_is_not_utf8_is_refused_with_its_column(ingest, write: Write) -> None:
    error = _refused(ingest, write(b'{"a": "x", "b": "y"}\n{"a": "x", "b": "\xff"}\n', "d.jsonl"))

    assert error.code == "not-utf-8"
    assert error.evidence[0].endswith("d.jsonl, row 2, column 'b'")
