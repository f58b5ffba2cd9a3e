"""How a CSV file is written, found out from the file."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from components.example_gen.number_format import NumberFormat
from components.example_gen.settings import IngestionSettings
from components.example_gen.sniffing.dialect import Dialect, detect_dialect
from core.errors import DataError, UserError
from tests.components.example_gen.test_number_format import FORMATS, written

Write = Callable[..., Path]
_WORDS = ("north", "south side", "O'Hare", "a, b", "c; d", "x|y", 'the "big" one', "two\nlines")


@dataclasses.dataclass(frozen=True)
class Table:
    """A table as texts, and how it is written."""

    header: bool
    delimiter: str
    style: NumberFormat
    marker: str | None
    text: str


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A number with a fraction, a whole number, a word, perhaps another of each."""
    style = draw(st.sampled_from(FORMATS))
    # 1,234 in a file with commas as delimiters is quoted, and then means a thousand.
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    marker = draw(st.sampled_from([None, "NA", "?", "-", "null", "#N/A", "NaN"]))
    rows = draw(st.integers(8, 40))
    kinds = ["price", "id", "place", *draw(st.lists(st.sampled_from(["price", "place"])))]
    columns: list[list[str]] = []
    for kind in kinds:
        if kind == "price":
            numbers = draw(st.lists(st.integers(100_000, 10**9), min_size=rows, max_size=rows))
            column = [written(number / 100, style, 2) for number in numbers]
        elif kind == "id":
            column = [str(number) for number in range(7, 7 + rows)]
        else:
            column = draw(st.lists(st.sampled_from(_WORDS), min_size=rows, max_size=rows))
        columns.append(column)
    if marker is not None:
        columns[0][draw(st.integers(1, rows - 1))] = marker
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=draw(_ENDS))
    header = draw(st.booleans())
    if header:
        writer.writerow([f"{kind} {place}" for place, kind in enumerate(kinds)])
    writer.writerows(zip(*columns, strict=True))
    return Table(header, delimiter, style, marker, text.getvalue())


_ENDS = st.sampled_from(["\n", "\r\n"])


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dialects")


@hypothesis.settings(deadline=None, max_examples=25)
@hypothesis.given(tables())
def test_a_table_is_found_as_it_was_written(scratch: Path, table: Table) -> None:
    path = scratch / "data.csv"
    path.write_bytes(table.text.encode())

    found = detect_dialect([path])

    assert found.delimiter == table.delimiter
    assert found.has_header == table.header, found.why
    # A comma where a point is usual needs no groups to be told; groups need a thousand.
    assert found.decimal == table.style.decimal, found.why
    spaces = {"\u00a0": " "}
    assert found.thousands == spaces.get(str(table.style.thousands), table.style.thousands)
    assert found.null_markers == (() if table.marker is None else (table.marker,))
    IngestionSettings.model_validate(found.settings())


def _detect(write: Write, content: str | bytes, **options: Any) -> Dialect:
    return detect_dialect([next(write(content).iterdir())], **options)


def _rows(row: str, count: int = 30) -> str:
    """A line for each number, with {i} and {m} (which is it modulo 3)."""
    return "".join(row.format(i=i, m="abc"[i % 3]) + "\n" for i in range(10, 10 + count))


def test_a_common_file_differs_in_nothing(write: Write, table: str) -> None:
    found = _detect(write, table)

    assert found.settings() == {}
    assert found.why == {"has_header": "'id' stands above numbers"}


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        ("a\tb\n" + _rows("{i}\t{m}"), {"delimiter": "\t"}),
        ("a b c\n" + _rows("{i} {m} 3"), {"delimiter": " "}),
        ("a,b\n" + _rows("{i},'x, {m}'"), {"quote": "'"}),
        ("a|b\n" + _rows('{i}|{m} 5" pipe') + '1|6" pipe\n', {"delimiter": "|", "quote": None}),
        ("a;b\n" + _rows("1,{i};2,{i}"), {"delimiter": ";", "decimal": ","}),
        ("a;b\n" + _rows("1,{i}5;x"), {"delimiter": ";", "decimal": ","}),
        ("a,b\n" + _rows('"1,{i}5",x'), {"thousands": ","}),
        ("a,b\n" + _rows('"0,{i}5",x'), {"decimal": ","}),
        ("a,b\n" + _rows("1'2{i},x"), {"thousands": "'"}),
        ("a,b\n" + _rows("${i}.50,{m}"), {"number_marks": ("$",)}),
        ("a,b\n" + _rows('"-$1,2{i}",x'), {"number_marks": ("$",), "thousands": ","}),
        (
            "a;b\n" + _rows("1.2{i},5 €;{i} %"),
            {"delimiter": ";", "number_marks": ("€", "%"), "thousands": ".", "decimal": ","},
        ),
        ("a,b\n" + _rows("${i},x") + _rows("€{i},x"), {}),
        ("zip,b\n" + _rows("2{i}xx,x"), {}),
        ("a,b,c\n" + _rows('{i}, {m}, "x, {m}"'), {"trim": True}),
        ("a, b\n" + _rows("{i} ,x {m}"), {"trim": True}),
        ("a,b,c\n" + _rows("{i}, {i} months,{m}"), {}),
        ("when\n" + _rows("2024-01-{i} 12:30:00", 20), {}),
        ("who\n" + _rows("Jane Doe {i}"), {}),
        ("ratio,time\n" + _rows("1.{i},12:{i}"), {}),
    ],
    ids=[
        "tab",
        "blank",
        "apostrophes",
        "inches",
        "decimal-commas-headerless-looking",
        "three-decimals-with-semicolons",
        "quoted-thousands",
        "quoted-decimals",
        "swiss",
        "dollars",
        "dollars-with-thousands",
        "euros-and-percent",
        "two-currencies",
        "zip-codes",
        "blanks",
        "blanks-before",
        "blanks-in-one-column",
        "single-column-of-times",
        "single-column-of-names",
        "clock-times",
    ],
)
def test_delimiters_quotes_and_numbers(
    write: Write, content: str, settings: dict[str, Any]
) -> None:
    assert _detect(write, content).settings() == settings


@pytest.mark.parametrize(
    ("content", "has_header", "why"),
    [
        (_rows("5.1,3.{i},0.2,Iris-{m}"), False, "'5.1' is one of the numbers of its column"),
        (_rows("{m},x,{m}"), False, "comes again below it"),
        ("kind,shape,smell\n" + _rows("{m},x,{m}"), True, "does not come again"),
        ("land,2019,2020,2021\n" + _rows("x{i},1.{i},2,3"), True, "are years"),
        ("0,1,2\n" + _rows("1.{i},2,3"), True, "count the columns"),
        ("2019,2020\n" + _rows("20{i},2020"), False, "one of the numbers"),
        ("code,text\n" + _rows("AB-{i},hello {i}"), True, "looks unlike the values"),
        (_rows("AB-{i},hello there {i}"), False, "looks like the values"),
        ("?,5\n" + _rows("{i},{i}"), False, "'5' is one of the numbers"),
        ("when,what\n" + _rows("2024-05-{i},x", 20), True, "'when' stands above times"),
        ("age,x\n" + "".join(f"{'NA' if i % 3 else i},y\n" for i in range(9)), True, "'age'"),
        ("note\nhello\n", True, "nothing in it looks like a value"),
    ],
    ids=[
        "numbers",
        "categories",
        "named-categories",
        "years",
        "numbered-columns",
        "years-as-values",
        "codes-below-names",
        "codes",
        "marker-first",
        "times",
        "mostly-missing",
        "nothing-tells",
    ],
)
def test_headers(write: Write, content: str, has_header: bool, why: str) -> None:
    found = _detect(write, content)

    assert found.has_header is has_header
    assert why in found.why["has_header"]


def test_given_names_speak_for_no_header(write: Write) -> None:
    content = "red,north\n" + _rows("{m},x{i}")

    assert _detect(write, content).has_header
    assert not _detect(write, content, column_names=("colour", "place")).has_header
    assert _detect(write, content, column_names=("Red", "North")).has_header


@pytest.mark.parametrize(
    ("values", "markers"),
    [
        (("1", "2.5", "none", "-"), ("-", "none")),
        (("1", "2", " "), (" ",)),
        (("1", "two", "three", "-"), ()),
        (("2024-05-01", "2024-05-02", "unknown"), ("unknown",)),
        (("red", "blue", "NULL", "N/A"), ("N/A", "NULL")),
        (("red", "None", "-", "missing", "no", "na"), ()),
        (("DE", "FR", "NA", "US"), ()),
        (("Grvl", "Pave", "NA"), ("NA",)),
        (("x", "?"), ("?",)),
        (("nan", "1.5"), ("nan",)),
    ],
    ids=str,
)
def test_null_markers_that_occur_and_make_sense(
    write: Write, values: tuple[str, ...], markers: tuple[str, ...]
) -> None:
    lines = "".join(f"{value},1\n" for value in values for _ in range(5))

    found = _detect(write, "what,n\n" + lines)

    assert sorted(found.null_markers) == sorted(markers)
    assert bool(markers) == ("null_markers" in found.why)


def test_a_marker_keeps_the_blanks_that_it_is_written_with(write: Write) -> None:
    rows = _rows("{i}, Private,x") + "7, ?,x\n8, ?,x\n"

    assert _detect(write, rows).null_markers == (" ?",)


def test_a_marker_far_into_the_file_is_found(write: Write) -> None:
    rows = "id,price\n" + "".join(f"{i},{i}.5\n" for i in range(60_000)) + "1,n/a\n"

    assert _detect(write, rows).null_markers == ("n/a",)


def test_numbers_in_groups_of_which_no_two_are_alike(write: Write) -> None:
    rows = "id,price\n" + "".join(f'{i},"{i:,}.25"\n' for i in range(900, 9_000))

    assert _detect(write, rows).settings() == {"thousands": ","}


def test_the_reasons_show_a_number_that_is_written_so(write: Write) -> None:
    rows = "id;price\n" + "".join(f"{i};{i}.250,{i}\n" for i in range(10, 40))

    why = _detect(write, rows).why

    assert why["thousands"] == why["decimal"] == "'10.250,10' is a number of 'price'"


def test_a_comma_that_could_mean_either_is_remarked(write: Write) -> None:
    rows = "id;price\n" + "".join(f"{i};{i},250\n" for i in range(10, 40))

    why = _detect(write, rows).why

    assert why["decimal"] == (
        "'10,250' is a number of 'price'; it could be between thousands as well"
    )


def test_gzip_and_a_byte_order_mark_are_remarked(write: Write, table: str) -> None:
    found = _detect(write, gzip.compress(("\ufeff" + table).encode(), mtime=0))

    assert found.settings() == {}
    assert found.why["compression"] == "the files are gzip"
    assert "byte order mark" in found.why["encoding"]


def test_latin_1_is_refused_with_the_row_that_shows_it(write: Write, table: str) -> None:
    content = table.replace("name 50", "café").encode("latin-1")

    with pytest.raises(DataError) as caught:
        _detect(write, content)

    assert caught.value.headline == "data.csv is not UTF-8"
    assert caught.value.evidence == (
        f"{caught.value.evidence[0].split(',')[0]}, row 52: byte 12 is 0xe9",
        "read as Latin-1, the row is: 50,25.0,café",
    )


def test_files_with_and_without_a_header_are_refused_together(write: Write, table: str) -> None:
    write(table, "a.csv")
    folder = write(table.split("\n", 1)[1], "b.csv")

    with pytest.raises(DataError) as caught:
        detect_dialect(sorted(folder.iterdir()))

    assert caught.value.headline == "some of the files have a header and some have none"
    assert caught.value.hint == "a.csv has one: give it to all files, or to none"


def test_names_that_do_not_fit_are_refused(write: Write, table: str) -> None:
    with pytest.raises(UserError) as caught:
        _detect(write, table.split("\n", 1)[1], column_names=("a", "b"))

    assert caught.value.code == "column-names-do-not-fit"


def test_what_is_no_csv_has_the_common_dialect(write: Write) -> None:
    path = next(write('{"a": 1}\n', "data.jsonl").iterdir())

    assert detect_dialect([path]) == Dialect()


def test_what_is_detected_reads_the_file(ingest, write: Write) -> None:
    content = _rows("{i}.500,25;{m};12.0{i}.2024;?")

    found = _detect(write, content)
    names = ("price", "kind", "day", "empty")
    plan = ingest(write(content), column_names=names, **found.settings()).plan

    assert not found.has_header
    kinds = {name: kind.value if kind else None for name, kind in plan.types.items()}
    assert kinds == {"price": "float", "kind": "text", "day": "text", "empty": "text"}


@pytest.mark.parametrize(
    ("prices", "found"),
    [
        ([*range(40), *["k. A."] * 5], ("k. A.",)),
        ([*range(40), *["k. A."] * 5, *["free"] * 5], ()),
        ([*range(40), "k. A."], ()),
        ([*range(6), *["k. A."] * 2] * 5, ()),
        ([*range(40), *["k. A."] * 40], ()),
    ],
    ids=["one-text", "two-texts", "a-slip", "few-numbers", "half-of-them"],
)
def test_the_only_text_among_many_numbers_stands_for_a_missing_one(
    prices: list[Any], found: tuple[str, ...], write: Write
) -> None:
    rows = "price,town\n" + "".join(f"{price},Aachen\n" for price in prices)

    assert _detect(write, rows).null_markers == found
    # Where it is a category elsewhere, it stays one.
    assert _detect(write, rows.replace("0,Aachen", "0,k. A.")).null_markers == ()
