from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from preprocessing.features import load_features
from preprocessing.label import check_label, class_names, read_labels, transform_label
from preprocessing.preprocessing_fn import transform_config
from tests.preprocessing.analysis import analyse, transform

FEATURES = load_features({"fare": "numeric", "kind": "categorical"})


def labels(label: str, task: str, classes: list[str] | None, values: list) -> list:
    import tensorflow as tf

    from preprocessing.columns import raw_column

    columns = {"y": raw_column(tf.constant(values))}
    return transform_label(label, task, classes, columns).numpy().tolist()


def test_a_label_that_shares_a_column_with_the_features_is_allowed() -> None:
    assert check_label("tips > 0.2 * fare", FEATURES, "binary").columns == ("fare", "tips")


@pytest.mark.parametrize(
    ("label", "task", "classes", "words"),
    [
        ("fare", "regression", None, "also a feature"),
        ("fare > 3 and kind == 'x'", "binary", None, "computed from the features"),
        ("tips > 1", "regression", None, "needs a number"),
        ("tips > 1", "multiclass", None, "needs classes"),
        ("tips", "binary", ["a", "b", "c"], "two classes"),
        ("tips", "multiclass", ["a", "a"], "named twice"),
        ("tips", "multiclass", ["a"], "at least two"),
        ("tips", "regression", ["a", "b"], "no classes"),
    ],
)
def test_a_label_that_does_not_fit_is_refused(
    label: str, task: str, classes: list[str] | None, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        check_label(label, FEATURES, task, classes)


def test_an_unknown_column_is_refused_where_the_columns_are_known() -> None:
    with pytest.raises(UserError, match="'tip'"):
        check_label("tip > 1", FEATURES, "binary", columns=["tips", "fare"])


def test_binary_labels_come_from_comparisons_numbers_and_words() -> None:
    assert labels("y > 1", "binary", None, [1.0, 2.0, float("nan")]) == [0, 1, -1]
    assert labels("y", "binary", None, [0, 1]) == [0, 1]
    assert labels("y", "binary", None, ["Yes", "no", "maybe", ""]) == [1, 0, -1, -1]
    assert labels("y", "binary", ["bad", "good"], ["good", "bad", "ugly"]) == [1, 0, -1]


def test_numbers_are_matched_with_class_names_as_they_are_written() -> None:
    assert labels("y", "multiclass", ["1", "2", "3"], [3, 1, 4]) == [2, 0, -1]
    assert labels("y", "multiclass", ["1", "2.5"], [2.5, 1.0]) == [1, 0]


def test_a_regression_keeps_the_number_and_marks_the_missing() -> None:
    found = labels("y / 2", "regression", None, [3.0, float("inf")])
    np.testing.assert_array_equal(found, [1.5, float("nan")])
    with pytest.raises(UserError, match="text"):
        labels("y", "regression", None, ["a"])


def test_class_names_follow_the_order_of_the_labels_values() -> None:
    assert class_names("binary", "y > 1", None, None) == ["false", "true"]
    assert class_names("binary", "y", ["bad", "good"], None) == ["bad", "good"]
    assert class_names("regression", "y", None, None) == []


def test_classes_that_are_not_named_are_counted_in_the_data(tmp_path: Path) -> None:
    columns = {"x": [1.0] * 6, "species": ["b", "a", "b", None, "c", "b"]}
    config = transform_config(load_features({"x": "numeric"}), "species", "multiclass")
    output = analyse(tmp_path, columns, config)
    names = class_names("multiclass", "species", None, output)
    assert names[0] == "b"
    assert sorted(names) == ["a", "b", "c"]
    unseen = {"x": [1.0] * 3, "species": ["b", "d", None]}
    assert transform(output, unseen)["label"].tolist() == [0, -1, -1]


_TEXTS = st.sampled_from(
    ["approved", "Approved", "approved ", " rejected", "rejected", "Yes", "NO", "t", "maybe", "7"]
) | st.text(max_size=4)
_NUMBERS = st.sampled_from(
    [0.0, 1.0, 2.5, 7.0, -1.0, 1234567.0, 123456.75, 0.1, float("nan"), float("inf")]
)


@given(
    values=st.lists(_TEXTS, min_size=1, max_size=8),
    classes=st.sampled_from([None, ["rejected", "approved"], ["7", ""]]),
)
@settings(max_examples=60, deadline=None)
def test_rows_of_text_have_the_labels_that_the_graph_gives_them(
    values: list[str], classes: list[str] | None
) -> None:
    read = read_labels("y", "binary", classes, {"y": np.array(values, dtype=object)})

    assert read.transformed.tolist() == labels("y", "binary", classes, values)
    assert read.known.tolist() == [label >= 0 for label in read.transformed]
    assert sum(read.outside().values()) == sum(read.present & ~read.known)


@given(
    values=st.lists(_NUMBERS, min_size=1, max_size=8),
    case=st.sampled_from(
        [
            ("y", "binary", None),
            ("y > 1", "binary", None),
            ("y", "binary", ["0", "7"]),
            ("y", "multiclass", ["2.5", "7", "1234567", "123456.75", "0.1"]),
            ("y / 2", "regression", None),
        ]
    ),
)
@settings(max_examples=60, deadline=None)
def test_rows_of_numbers_have_the_labels_that_the_graph_gives_them(
    values: list[float], case: Any
) -> None:
    label, task, classes = case

    read = read_labels(label, task, classes, {"y": np.array(values, np.float32)})

    np.testing.assert_array_equal(read.transformed, labels(label, task, classes, values))


def test_without_classes_every_value_of_a_multiclass_label_is_one() -> None:
    column = np.array(["b", "a", None, "", "b"], dtype=object)

    read = read_labels("y", "multiclass", None, {"y": column})
    later = read_labels("y", "multiclass", read.texts, {"y": np.array(["b", "new"], object)})

    assert read.known.tolist() == [True, True, False, False, True]
    assert later.outside() == {"new": 1}
