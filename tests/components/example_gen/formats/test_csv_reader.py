"""Our cutting and Arrow's parsing against Python's csv module."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from components.example_gen.formats.csv_blocks import read_blocks
from components.example_gen.formats.csv_header import CsvHeader
from components.example_gen.formats.csv_reader import read_csv, read_header
from components.example_gen.formats.csv_records import Block, split_records, trim_fields
from components.example_gen.formats.detection import SourceFile
from components.example_gen.settings import IngestionSettings, SourceFormat

_CELLS = st.text(st.sampled_from('ab,"\n\r;é 1'), max_size=6)


def _source(folder: Path, content: str) -> SourceFile:
    path = folder / "data.csv"
    path.write_bytes(content.encode())
    return SourceFile(str(path), SourceFormat.CSV, len(content))


def _table(rows: list[list[str]], ends: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=ends, quoting=quoting).writerows([["x", "y"], *rows])
    return text.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv")


# Arrow takes milliseconds to start on a block, however small.
@hypothesis.settings(deadline=None, max_examples=25)
@hypothesis.given(
    st.lists(st.lists(_CELLS, min_size=2, max_size=2), min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from([20, 1000]),
)
def test_any_table_comes_back_as_it_was_written(
    folder: Path, rows: list[list[str]], ends: str, quoting: int, block_bytes: int
) -> None:
    if quoting == csv.QUOTE_MINIMAL:
        # Python's writer leaves a lone carriage return unquoted, which no reader can read.
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    source = _source(folder, _table(rows, ends, quoting))
    found = []
    for batch in read_csv(source, None, IngestionSettings(), block_bytes=block_bytes):
        assert batch.rejects == ()
        columns = [batch.columns[name].to_pylist() for name in ("x", "y")]
        found += [list(row) for row in zip(*columns, strict=True)]
    assert found == [[cell or None for cell in row] for row in rows]


@hypothesis.settings(deadline=None)
@hypothesis.given(
    st.lists(st.lists(_CELLS, min_size=2, max_size=2), min_size=1, max_size=8), st.integers(1, 40)
)
def test_every_record_keeps_its_line_number(
    folder: Path, rows: list[list[str]], block_bytes: int
) -> None:
    text = _table(rows, quoting=csv.QUOTE_ALL)
    lines: list[int] = []
    for part in read_blocks(_source(folder, text), IngestionSettings(), block_bytes):
        if isinstance(part, Block):
            lines += [line for line, _ in split_records(part, '"')]
    starts, line = [], 2
    for row in rows:
        starts.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    assert lines == starts


def test_blocks_are_whole_records_and_together_the_file(folder: Path) -> None:
    text = 'x,y\n1,"a\nb"\n\n2,c\n3,"d'.replace('"d', '"d"')
    header, *blocks = read_blocks(_source(folder, text), IngestionSettings(), 5)
    assert header == CsvHeader(("x", "y"), 2)
    joined = b"".join(block.data for block in blocks if isinstance(block, Block))
    assert joined.replace(b"\n\n", b"\n") == text.encode().partition(b"\n")[2].replace(
        b"\n\n", b"\n"
    )


def test_columns_are_found_by_name_in_whatever_order(folder: Path) -> None:
    source = _source(folder, "y,x\n1,2\n")
    [batch] = read_csv(source, ("x", "y"), IngestionSettings())
    assert {name: column.to_pylist() for name, column in batch.columns.items()} == {
        "x": ["2"],
        "y": ["1"],
    }
    assert list(batch.columns) == ["x", "y"]


def test_a_mark_means_missing_beside_the_empty_field(folder: Path) -> None:
    settings = IngestionSettings(null_markers=("NA",))
    [batch] = read_csv(_source(folder, 'x,y\nNA,""\nNAN,"NA"\n'), None, settings)
    assert batch.columns["x"].to_pylist() == [None, "NAN"]
    assert batch.columns["y"].to_pylist() == [None, None]


def test_without_a_quote_character_quotes_are_text(folder: Path) -> None:
    settings = IngestionSettings(quote=None, delimiter="\t")
    [batch] = read_csv(_source(folder, 'x\ty\n5"\t"a\n'), None, settings)
    assert batch.columns["x"].to_pylist() == ['5"']
    assert batch.columns["y"].to_pylist() == ['"a']


def test_a_header_may_be_quoted_and_marked(folder: Path) -> None:
    source = _source(folder, '\ufeff"x, or so",y\n1,2\n')
    assert read_header(source, IngestionSettings()) == ("x, or so", "y")


def test_a_long_field_is_no_fault_of_its_row(folder: Path) -> None:
    long = "z" * 200_000
    source = _source(folder, f"x,y\n1,{long}\n2\n")
    [batch] = read_csv(source, None, IngestionSettings())
    assert batch.columns["y"].to_pylist() == [long]
    assert [reject.row for reject in batch.rejects] == [3]


_BLANKS = st.sampled_from(["", " ", "  ", "\t"])
_CELLS = st.sampled_from(["x", "a b", "5", "", '" q, ""r"" "', '"two\n lines "', '""'])


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(
    st.lists(st.lists(st.tuples(_BLANKS, _CELLS, _BLANKS), min_size=1, max_size=4), max_size=5),
    st.sampled_from([",", ";", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_only_blanks_around_fields_are_trimmed(
    rows: list[list[tuple[str, str, str]]], delimiter: str, end: str
) -> None:
    wide = end.join(delimiter.join(map("".join, row)) for row in rows)
    narrow = end.join(delimiter.join(cell for _, cell, _ in row) for row in rows)

    assert trim_fields(wide.encode(), delimiter, '"') == narrow.encode()


def test_trimmed_fields_are_found_in_every_block(tmp_path: Path) -> None:
    rows = "".join(f'{i} , "a, {i}" ,\tx y\n' for i in range(50))
    source = _source(tmp_path, " a, b ,c\n" + rows)

    batches = list(read_csv(source, None, IngestionSettings(trim=True), block_bytes=200))

    assert len(batches) > 1
    found = []
    for batch in batches:
        found += zip(*(column.to_pylist() for column in batch.columns.values()), strict=True)
    assert list(batches[0].columns) == ["a", "b", "c"]
    assert found == [(str(i), f"a, {i}", "x y") for i in range(50)]
