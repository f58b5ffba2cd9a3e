"""Every text that a table can hold is a category of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from preprocessing.features import load_features, vocabulary_name
from preprocessing.label import class_names
from preprocessing.one_line import one_line, original
from preprocessing.preprocessing_fn import transform_config
from tests.preprocessing.analysis import analyse, transform

TEXTS = [
    "12 Main Street\nSpringfield",
    "12 Main Street\rSpringfield",
    "12 Main Street\r\nSpringfield",
    "12 Main Street Springfield",
    "\n",
    "\r",
    "\n\n",
    "n",
    "\\n",
    "\\",
    "C:\\new\\report",
    "\x10",
    "\x10n",
    "\x10\n",
    "\x10e",
    "a\x00",
    "a",
    "a\x00b",
    " ",
    "\u2028",
    "\x85",
    "-1",
    "x" * 2**20,
    "x" * 2**20 + "\n",
]
FRACTIONS = [0.1, 2.5, -7.0, 7.0, 0.0, 1_234_567.0, 1_234_568.0, 123.45678, 123.45679, 1e30]
WHOLE = [0, 7, -7, 2**53, 2**53 + 1, 2**63 - 1]


@given(st.text())
@example("\x10n\n\r\x10")
def test_a_text_is_one_line_and_comes_back(text: str) -> None:
    import tensorflow as tf

    line = one_line(tf.constant(text.encode())).numpy().decode()
    assert not set(line) & set("\n\r")
    assert original(line) == text
    assert line == text or set(text) & set("\n\r\x10")


@pytest.fixture(scope="module")
def table() -> dict[str, list[Any]]:
    """A row for each text, then some more of the first and one without any."""
    rows = [*TEXTS, TEXTS[0], TEXTS[0], None, ""]
    numbers = range(len(rows))
    return {
        "place": rows,
        "price": [FRACTIONS[i % len(FRACTIONS)] for i in numbers],
        "code": [WHOLE[i % len(WHOLE)] for i in numbers],
        "kind": rows,
    }


@pytest.fixture(scope="module")
def analysed(table: dict[str, list[Any]], tmp_path_factory: pytest.TempPathFactory) -> Any:
    features = load_features(
        {"place": "categorical", "price": "categorical", "code": "categorical"}
    )
    config = transform_config(features, "kind", "multiclass")
    return analyse(tmp_path_factory.mktemp("analysed"), table, config)


@pytest.mark.parametrize(
    ("column", "different"), [("place", TEXTS), ("price", FRACTIONS), ("code", WHOLE)]
)
def test_a_vocabulary_keeps_as_many_entries_as_the_column_has_values(
    column: str, different: list[Any], analysed: Any, table: dict[str, list[Any]]
) -> None:
    assert analysed.vocabulary_size_by_name(vocabulary_name(column)) == len(different)

    indices = transform(analysed, table)[column].tolist()
    known = {
        (value, index) for value, index in zip(table[column], indices, strict=True) if value != ""
    } - {(None, 0)}
    assert len(known) == len({index for _, index in known}) == len(different)
    assert all(1 <= index <= len(different) for _, index in known)


def test_an_empty_text_is_a_missing_one(analysed: Any, table: dict[str, list[Any]]) -> None:
    assert transform(analysed, table)["place"].tolist()[-2:] == [0, 0]


def test_classes_with_line_ends_have_their_names(
    analysed: Any, table: dict[str, list[Any]]
) -> None:
    names = class_names("multiclass", "kind", None, analysed)
    assert names[0] == TEXTS[0]
    assert sorted(names) == sorted(TEXTS)

    labels = transform(analysed, table)["label"].tolist()
    assert [names[label] for label in labels[: len(TEXTS)]] == TEXTS
    assert labels[-2:] == [-1, -1]


def test_a_request_means_the_category_that_was_trained(
    analysed: Any, table: dict[str, list[Any]]
) -> None:
    trained = transform(analysed, table)["place"].tolist()
    lonely = [transform(analysed, {**_request(), "place": [text]})["place"][0] for text in TEXTS]
    assert lonely == trained[: len(TEXTS)]
    for stranger in ("\n unknown", b"\xff\n\xfe", b"\xff\x10n"):
        [unknown] = transform(analysed, {**_request(), "place": [stranger]})["place"]
        assert unknown == len(TEXTS) + 1


def test_named_classes_may_have_line_ends(tmp_path: Path) -> None:
    columns = {"x": [1.0] * 4, "kind": ["a\nb", "a\r\nb", "a\x00", None]}
    config = transform_config(
        load_features({"x": "numeric"}), "kind", "multiclass", ["a\x00", "a\nb", "a\r\nb"]
    )
    output = analyse(tmp_path, columns, config)
    assert transform(output, columns)["label"].tolist() == [1, 2, 0, -1]


def _request() -> dict[str, list[Any]]:
    return {"price": [7.0], "code": [7]}
