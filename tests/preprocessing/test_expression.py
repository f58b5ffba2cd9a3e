from __future__ import annotations

import contextlib
import keyword
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from preprocessing.expression import column_expression, parse_label


def value_of(text: str, **columns: list) -> tuple[list, list]:
    arrays = {
        name: np.array(values, dtype=object if isinstance(values[0], (str, bytes)) else None)
        for name, values in columns.items()
    }
    values, missing = parse_label(text).evaluate_numpy(arrays)
    return values.tolist(), missing.tolist()


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("tips > 0.2 * fare", {"tips": [2.0, 2.1], "fare": [10.0, 10.0]}, [False, True]),
        ("species", {"species": ["a", b"b"]}, ["a", "b"]),
        ("a + b * 2 - 1", {"a": [1, 2], "b": [3, 4]}, [6, 9]),
        ("-(a / 2)", {"a": [1, 3]}, [-0.5, -1.5]),
        ("0 < a <= 2", {"a": [0, 1, 2, 3]}, [False, True, True, False]),
        ("not a == 1 and b < 2 or a == 3", {"a": [1, 2, 3], "b": [0, 0, 9]}, [False, True, True]),
        ("k in ['x', 'y']", {"k": ["x", "z"]}, [True, False]),
        ("k not in (1, 2)", {"k": [1, 3]}, [False, True]),
        ("max(a, b, 2)", {"a": [1, 5], "b": [0, 6]}, [2, 6]),
        ("abs(a) == 2", {"a": [-2, 2, 1]}, [True, True, False]),
        ('column("odd name") != "no"', {"odd name": ["yes", "no"]}, [True, False]),
        ("log1p(a)", {"a": [0.0]}, [0.0]),
        ("class", {"class": [1, 0]}, [1, 0]),
    ],
)
def test_the_grammar_means_what_it_says(text: str, columns: dict, expected: list) -> None:
    values, missing = value_of(text, **columns)
    assert values == expected
    assert not any(missing)


def test_missing_values_make_the_label_missing_unless_filled_or_asked_for() -> None:
    nan = float("nan")
    assert value_of("a > 1", a=[nan, 2.0])[1] == [True, False]
    assert value_of("a > 1 or b > 1", a=[nan, 2.0], b=[5.0, 5.0])[1] == [True, False]
    assert value_of("default(a, 3) > 1", a=[nan, 1.0]) == ([True, False], [False, False])
    assert value_of("missing(a)", a=[nan, 1.0]) == ([True, False], [False, False])
    assert value_of("a / b", a=[0.0, 1.0], b=[0.0, 1.0])[1] == [True, False]
    assert value_of("k == 'x'", k=["x", None])[1] == [False, True]


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", None, "empty"),
        ("tips >", None, "not an expression"),
        ("tips = 3", 6, "not an expression"),
        ("a && b", 4, "not an expression"),
        ("tips > 'x'", 8, "order texts"),
        ("'x' * tips", 1, "needs a number"),
        ("(a > 1) + 2", 2, "not yes or no"),
        ("a + (b and c)", 6, "not yes or no"),
        ("a ** 2", 1, "operator is not known"),
        ("a is b", 1, "comparison is not known"),
        ("mxa(a, 2)", 1, "no function 'mxa'"),
        ("min(a)", 1, "takes"),
        ("a > True", 5, "not a number or a text"),
        ("a > 10 ** 30", 5, "operator is not known"),
        ("a > 99999999999999999999", 5, "64 bits"),
        ("a.b > 1", 1, "not part of"),
        ("[c for c in a]", 1, "not part of"),
        ("__import__('os').system('true')", 1, "no function"),
        ("1 > 2", 1, "at least one column"),
        ("größe > 1 > 'x'", 13, "order texts"),
        ("a in b", 6, "list of constants"),
        ("a == 1 == 'x'", 6, "cannot be compared"),
    ],
)
def test_a_wrong_expression_is_refused_at_its_place(
    text: str, position: int | None, words: str
) -> None:
    with pytest.raises(UserError, match=words) as caught:
        parse_label(text)
    assert caught.value.code == "label-expression"
    if position is not None:
        assert f"(character {position})" in caught.value.headline
        assert caught.value.evidence[1].index("^") == position - 1


def test_an_unknown_column_is_named_with_its_place_and_the_nearest_one() -> None:
    expression = parse_label("tips > 0.2 * fair")
    with pytest.raises(UserError, match=r"'fair' \(character 14\)") as caught:
        expression.check_columns(["tips", "fare"])
    assert "'fare'" in caught.value.hint


def test_a_text_column_in_arithmetic_is_refused_when_the_data_comes() -> None:
    with pytest.raises(UserError, match="a column holds text"):
        value_of("a * 2", a=["x"])
    with pytest.raises(UserError, match="a text and a number"):
        value_of("a == 2", a=["x"])
    with pytest.raises(UserError, match="needs comparisons"):
        value_of("a and b > 1", a=[1], b=[1])


def test_columns_and_kind_are_known_from_the_text() -> None:
    expression = parse_label("tips > 0.2 * fare")
    assert expression.columns == ("fare", "tips")
    assert (expression.is_column, expression.is_boolean) == (False, True)
    assert parse_label("species").is_column


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(UserError):
        assert parse_label(text).columns


@given(st.text(min_size=1, max_size=20))
def test_every_column_name_can_be_written(name: str) -> None:
    text = column_expression(name)
    assert parse_label(text).columns == (name,)
    if name.isascii():
        assert (text == name) == (name.isidentifier() and not keyword.iskeyword(name))


def numbers(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["i", "f", "g", "2", "0.5", "-3", "1e3"])
    if depth == 0:
        return leaf
    inner = numbers(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda text: f"abs({text})"),
        inner.map(lambda text: f"-({text})"),
        st.tuples(inner, inner).map(lambda t: f"min({t[0]}, {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
        st.sampled_from(["default(g, 1)", "default(i, 0.5)"]),
    )


def conditions(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(
        st.tuples(numbers(1), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers(1)).map(
            lambda t: f"{t[0]} {t[1]} {t[2]}"
        ),
        st.sampled_from(["k == 'x'", "k != 'y'", "k in ['x', 'z']", "i in (1, 2)", "missing(g)"]),
    )
    if depth == 0:
        return leaf
    inner = conditions(depth - 1)
    return st.one_of(
        leaf,
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]}) and ({t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]}) or ({t[1]})"),
    )


# Rounded, so that no result is so small that TensorFlow flushes it to zero.
READS_A_COLUMN = re.compile(r"\b[ifgk]\b")
FLOATS = st.one_of(
    st.floats(-1e4, 1e4).map(lambda value: round(value, 2)),
    st.sampled_from([0.0, float("nan"), 1.0]),
)


@settings(max_examples=60, deadline=None)
@given(
    text=st.one_of(numbers(2), conditions(2)).filter(READS_A_COLUMN.search),
    rows=st.lists(
        st.tuples(st.integers(-1000, 1000), FLOATS, FLOATS, st.sampled_from(["x", "y", None])),
        min_size=1,
        max_size=5,
    ),
)
def test_tensorflow_and_numpy_agree(text: str, rows: list[tuple]) -> None:
    import tensorflow as tf

    expression = parse_label(text)
    i, f, g, k = ([row[place] for row in rows] for place in range(4))
    arrays: dict[str, Any] = {
        "i": np.array(i, np.int64),
        "f": np.array(f, np.float32),
        "g": np.array(g, np.float32),
        "k": np.array(k, object),
    }
    nowhere = tf.zeros([len(rows)], tf.bool)
    tensors = {
        "i": (tf.constant(arrays["i"]), nowhere),
        "f": (tf.constant(arrays["f"]), nowhere),
        "g": (tf.constant(arrays["g"]), nowhere),
        "k": (tf.constant([v or "" for v in k]), tf.constant([v is None for v in k])),
    }
    expected, expected_missing = expression.evaluate_numpy(arrays)
    values, missing = expression.evaluate_tensorflow(tensors)
    missing = np.broadcast_to(missing.numpy(), expected_missing.shape)
    np.testing.assert_array_equal(missing, expected_missing)
    values = np.broadcast_to(values.numpy(), expected.shape)
    np.testing.assert_array_equal(values[~missing], expected[~missing])


@pytest.mark.parametrize(("name", "known"), [("Weight (kg)", []), ("a-b", ["a-b", "c"])])
def test_a_columns_odd_name_alone_is_told_how_to_write(name: str, known: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        parse_label(name).check_columns(known)
    assert f'column("{name}")' in caught.value.hint
