"""CSV files without a header line, and headers that are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.example_gen.inspection import inspect_source
from components.example_gen.settings import IngestionSettings
from core.errors import DataError, MillraceError, UserError

Write = Callable[..., Path]
NAMES = ("id", "price", "name")


@pytest.fixture
def rows(table: str) -> str:
    """The table without its header."""
    return table.split("\n", 1)[1]


def _refused(run: Callable[[], Any], kind: type[MillraceError]) -> MillraceError:
    with pytest.raises(kind) as caught:
        run()
    return caught.value


def test_named_columns_give_the_examples_of_a_file_with_a_header(
    ingest, write: Write, table: str, rows: str
) -> None:
    with_header = ingest(write(table))
    named = ingest(write(rows), column_names=NAMES)

    assert named.plan == with_header.plan
    for split in ("train", "eval"):
        assert named.records(split) == with_header.records(split)


def test_every_file_of_several_starts_with_a_row(ingest, write: Write, rows: str) -> None:
    write(rows, "a.csv")
    folder = write("\n" + rows, "b.csv")

    assert ingest(folder, column_names=NAMES).plan.rows == 200


def test_the_look_at_the_data_shows_the_first_row(write: Write, rows: str) -> None:
    seen = inspect_source(write(rows), IngestionSettings(column_names=NAMES))

    assert [column.name for column in seen.columns] == list(NAMES)
    assert seen.first_rows[0] == {"id": "0", "price": "0.0", "name": None}


def test_rows_are_counted_from_the_first_line(ingest, write: Write, rows: str) -> None:
    folder = write(rows + "7,8\n")

    error = _refused(lambda: ingest(folder, column_names=NAMES), DataError)

    assert error.headline == (
        "row 101 of data.csv cannot be read: 2 fields where `column_names` has 3"
    )


@pytest.mark.parametrize("names", [("id", "price"), (*NAMES, "more")], ids=["fewer", "more"])
def test_another_number_of_names_than_fields_is_refused(
    ingest, write: Write, rows: str, names: tuple[str, ...]
) -> None:
    folder = write(rows)
    for run in (
        lambda: ingest(folder, column_names=names),
        lambda: inspect_source(folder, IngestionSettings(column_names=names)),
    ):
        error = _refused(run, UserError)
        assert error.headline == (
            f"`column_names` has {len(names)} names, and the rows of data.csv have 3 fields"
        )


@pytest.mark.parametrize("header", ["id,price,name", "ID,Price,Name", "key,cost,who"])
def test_names_for_a_file_that_has_a_header_are_refused(
    ingest, write: Write, rows: str, header: str
) -> None:
    folder = write(f"{header}\n{rows}")

    error = _refused(lambda: ingest(folder, column_names=NAMES), UserError)

    assert error.code == "header-is-there"
    assert error.headline == "the first line of data.csv names the columns already"


def test_a_first_row_of_markers_is_no_header(ingest, write: Write, rows: str) -> None:
    folder = write("?,?,?\n" + rows)

    found = ingest(folder, column_names=NAMES, null_markers=("?",))

    assert found.plan.rows == 101


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "at least 1 item"),
        (["a", " "], "name 2 of `column_names` is empty"),
        (["a", "b", "a"], "`column_names` has 'a' twice, as names 1 and 3"),
    ],
    ids=["none", "empty", "twice"],
)
def test_names_that_are_none_are_refused_at_the_door(names: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        IngestionSettings(column_names=tuple(names))


def test_files_that_name_their_columns_themselves_take_no_names(ingest, write: Write) -> None:
    folder = write('{"a": 1}\n', "data.jsonl")

    error = _refused(lambda: ingest(folder, column_names=("a",)), UserError)

    assert error.headline == "`column_names` is for CSV files, and data.jsonl is JSON lines"


def test_a_setting_that_names_no_given_column_is_refused(ingest, write: Write, rows: str) -> None:
    folder = write(rows)

    error = _refused(
        lambda: ingest(folder, column_names=NAMES, columns={"prize": "float"}), UserError
    )

    assert error.hint == "did you mean 'price'?"


@pytest.mark.parametrize(
    ("content", "headline", "hint"),
    [
        ("1,2,2\n3,4,5\n", "column '2' stands twice", "name the columns in `column_names`"),
        (",5,2\n1,3,4\n", "column 1 of data.csv has no name", "name the columns in `column_names`"),
        (",a,\n1,3,4\n", "column 1 of data.csv has no name", "stand above the header"),
        (",a,,b\n1,3,4,5\n", "column 1 of data.csv has no name", "must name every column"),
        ("a,b,\n1,2,\n", "column 3 of data.csv has no name", "with which the lines end"),
        ("a,b\n1,2,\n3,4,\n", "is not a header for its rows", "a delimiter at the end of a row"),
        ("# made\na,b\n1,2\n", "is not a header for its rows", "take the comment lines away"),
        ("Sales 2024\na,b,c\n1,2,3\n", "is not a header for its rows", "stand above the header"),
        ("Sales,,\n,,\na,b,c\n1,2,3\n", "column 2 of data.csv has no name", "such as a title"),
        ("a,b\n1,2,3,4\n5,6,7,8\n", "is not a header for its rows", "must be the header"),
    ],
    ids=[
        "no-header",
        "row-with-a-gap",
        "one-name",
        "two-gaps",
        "trailing",
        "trailing-in-rows",
        "comment",
        "title",
        "title-with-delimiters",
        "other-names",
    ],
)
def test_a_first_line_that_is_no_header(
    ingest, write: Write, content: str, headline: str, hint: str
) -> None:
    error = _refused(lambda: ingest(write(content)), DataError)

    assert headline in error.headline
    assert hint in error.hint


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (",a,b", "Unnamed: 0"),
        (",Unnamed: 0,b", "Unnamed: 0.1"),
        (",Unnamed: 0.1,Unnamed: 0", "Unnamed: 0.2"),
        (",2020,land", "Unnamed: 0"),
    ],
    ids=["index", "index-of-index", "third-index", "year"],
)
def test_the_index_that_pandas_wrote_is_called_as_pandas_calls_it(
    ingest, write: Write, names: str, first: str
) -> None:
    import pandas as pd

    folder = write(names + "\n" + "".join(f"{i},{2 * i},x{i}\n" for i in range(9)))

    types = list(ingest(folder).plan.types)

    assert types == [first, *names.split(",")[1:]]
    assert types == list(pd.read_csv(next(folder.iterdir())).columns)


def test_one_ragged_row_does_not_accuse_the_header(ingest, write: Write, table: str) -> None:
    head, rest = table.split("\n", 1)
    folder = write(f"{head}\n1,2\n{rest}")

    assert ingest(folder, rejects={"max_share": 0.1}).result.rejected == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_called_by_its_name(
    ingest, write: Write, table: str, encoding: str
) -> None:
    error = _refused(lambda: ingest(write(table.encode(encoding))), DataError)

    assert error.headline == "data.csv is UTF-16, not UTF-8"
