"""Numbers as people write them: what is one, and what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import hypothesis
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from components.example_gen.inspection import inspect_source
from components.example_gen.number_format import NumberFormat
from components.example_gen.settings import ColumnType, IngestionSettings

Write = Callable[..., Path]
FORMATS = [
    NumberFormat(thousands, decimal)
    for thousands in (",", ".", " ", "'", "\u00a0", None)
    for decimal in (".", ",")
    if thousands != decimal
]
MARKS = ("$", "US$", "%", "€", "kr.")
_FORMATS = st.sampled_from(FORMATS)


def written(number: float, style: NumberFormat, digits: int) -> str:
    text = f"{number:,.{digits}f}".replace(",", "_").replace(".", style.decimal)
    return text.replace("_", style.thousands or "")


# Arrow's kernels take milliseconds when they are used first.
@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(
    st.lists(st.decimals(-(10**12), 10**12, places=2).map(float), min_size=1, max_size=8),
    _FORMATS,
    st.sampled_from([0, 2]),
)
def test_a_number_with_groups_reads_as_the_number(
    numbers: list[float], style: NumberFormat, digits: int
) -> None:
    texts = [written(number, style, digits) for number in numbers]

    expected = [float(f"{number:.{digits}f}") for number in numbers]
    assert [style.read(text) for text in texts] == expected
    assert [float(text) for text in style.plain(pa.array(texts)).to_pylist()] == expected


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(
    st.lists(st.text(st.sampled_from("0129.,' \u00a0-e"), min_size=1, max_size=9), min_size=1),
    _FORMATS,
)
def test_arrow_and_python_agree_on_what_is_a_number(texts: list[str], style: NumberFormat) -> None:
    def python(text: str) -> float | None:
        try:
            return float(text)
        except ValueError:
            return None

    plain = [python(text) for text in style.plain(pa.array(texts)).to_pylist()]
    assert plain == [style.read(text) for text in texts]


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(
    st.decimals(-(10**9), 10**9, places=2).map(float),
    _FORMATS,
    st.sampled_from(MARKS),
    st.sampled_from(["{s}{m}{n}", "{m}{s}{n}", "{m} {s}{n}", "{s}{n}{m}", "{s}{n} {m}", "{s}{n}"]),
)
def test_a_number_with_a_mark_reads_as_the_number(
    number: float, style: NumberFormat, mark: str, shape: str
) -> None:
    digits = written(abs(number), style, 2)
    text = shape.format(s="-" if number < 0 else "", m=mark, n=digits)
    style = NumberFormat(style.thousands, style.decimal, MARKS)

    assert style.read(text) == number
    assert [float(plain) for plain in style.plain(pa.array([text])).to_pylist()] == [number]


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(
    st.lists(st.text(st.sampled_from("012.,$U%S -e+"), min_size=1, max_size=8), min_size=1),
    _FORMATS,
)
def test_arrow_and_python_agree_on_what_is_a_number_with_marks(
    texts: list[str], style: NumberFormat
) -> None:
    marked = NumberFormat(style.thousands, style.decimal, MARKS)

    plain = [NumberFormat(None).read(text) for text in marked.plain(pa.array(texts)).to_pylist()]
    assert plain == [marked.read(text) for text in texts]


@pytest.mark.parametrize("text", ["$", "-$-5", "5$5", "$$5", "5 kr", "1e$5", "$nan", "S$5"])
def test_other_texts_with_marks_are_no_numbers(text: str) -> None:
    style = NumberFormat(",", ".", MARKS)

    assert style.read(text) is None
    assert style.read("1.5e3 $") == 1_500


@pytest.mark.parametrize(
    "text",
    ["1,23", "1,2345", "12,34,567", "0,123", "01,234", ",123", "1,234,", "1.5,3", "1,234.5.6"],
)
def test_wrong_groups_make_no_number(text: str) -> None:
    assert NumberFormat(",").read(text) is None


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f"], ids=ascii)
def test_a_space_stands_for_every_space_but_not_for_two_kinds_in_one_number(space: str) -> None:
    style = NumberFormat(" ", ",")

    assert style.read(f"1{space}234{space}567,5") == 1_234_567.5
    assert style.read("1 234\u00a0567") is None


def test_a_decimal_comma_leaves_no_decimal_point() -> None:
    assert NumberFormat(None, ",").read("1,5") == 1.5
    assert NumberFormat(None, ",").read("1.5") is None


def test_columns_become_numbers_and_texts_stay(ingest, write: Write) -> None:
    rows = "\n".join(f'"{i + 1},{i:03d}","{i},{i % 10}","x,{i}",{i}' for i in range(40))
    folder = write(f"price,pair,code,id\n{rows}\n")

    found = ingest(folder, thousands=",")

    types = {name: kind.value if kind else None for name, kind in found.plan.types.items()}
    assert types == {"price": "integer", "pair": "text", "code": "text", "id": "integer"}
    assert sum(found.result.rows.values()) == 40


def test_all_readers_of_a_file_agree(ingest, write: Write) -> None:
    folder = write("a;b\n" + "".join(f"{i}.00{i},5;{i},25\n" for i in range(1, 9)))
    settings = {"delimiter": ";", "thousands": ".", "decimal": ","}

    planned = ingest(folder, **settings).plan.types
    seen = inspect_source(folder, IngestionSettings.model_validate(settings))

    assert planned == {"a": ColumnType.FLOAT, "b": ColumnType.FLOAT}
    assert {column.name: column.type for column in seen.columns} == planned


def test_the_values_are_those_of_plain_numbers(ingest, write: Write) -> None:
    numbers = [f"{i * 1_234.5:.1f}" for i in range(50)]
    plain = ingest(write("a,b\n" + "".join(f"{n},{i}\n" for i, n in enumerate(numbers))))
    grouped = "a,b\n" + "".join(f'"{float(n):,.1f}",{i}\n' for i, n in enumerate(numbers))
    told = ingest(write(grouped), thousands=",")

    for split in ("train", "eval"):
        assert told.records(split) == plain.records(split)


def test_marked_numbers_have_the_values_of_plain_ones(ingest, write: Write) -> None:
    plain = ingest(write("a,b,c\n" + "".join(f"{i * 25},{i}.5,x {i} %\n" for i in range(60))))
    marked = "".join(f'"${i * 25:,}",{i}.5 %,x {i} %\n' for i in range(60))
    told = ingest(write("a,b,c\n" + marked), thousands=",", number_marks=("$", "%"))

    kinds = [kind.value for kind in told.plan.types.values() if kind]
    assert kinds == ["integer", "float", "text"]
    for split in ("train", "eval"):
        assert told.records(split) == plain.records(split)


def test_a_late_text_among_such_numbers_is_a_reject(ingest, write: Write) -> None:
    rows = "".join(f'"{i},500"\n' for i in range(1, 41))
    folder = write(f'price\n{rows}"1,5"\n')

    found = ingest(folder, thousands=",", rejects={"max_share": 0.1})

    [reject] = found.rejects()
    assert reject["reason"] == "'1,5' is text among numbers"


def test_texts_in_files_with_types_stay_texts(ingest, write: Write) -> None:
    lines = "".join(f'{{"a": "{i},500"}}\n' for i in range(1, 30))

    found = ingest(write(lines, "data.jsonl"), thousands=",")

    assert found.plan.types == {"a": ColumnType.TEXT}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"thousands": "x"}, "it may be ',', '.', an apostrophe or a space"),
        ({"decimal": "·"}, "it may be '.' or ','"),
        ({"thousands": "."}, "`thousands` and `decimal` must differ"),
        ({"thousands": "'", "quote": "'"}, "`thousands` and `quote` must differ"),
        ({"number_marks": [" $"]}, "is not a text without blanks"),
        ({"number_marks": [","]}, "is not a text without blanks"),
        ({"number_marks": ["-"]}, "has a digit, a sign or a line end"),
    ],
    ids=["letter", "middle-dot", "both-points", "quote", "blank", "comma", "sign"],
)
def test_characters_that_cannot_be_meant_are_refused(settings, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        IngestionSettings.model_validate(settings)
