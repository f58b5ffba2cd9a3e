from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.errors import UserError
from preprocessing.features import (
    LABEL_KEY,
    load_features,
    raw_columns,
    transformed_features,
    vocabulary_name,
)
from preprocessing.preprocessing_fn import preprocessing_fn, transform_config
from tests.preprocessing.analysis import transform
from tests.preprocessing.conftest import COLUMNS, FEATURES


def test_the_outputs_are_those_of_the_contract(analysed: Any, transformed: dict) -> None:
    outputs = transformed_features(FEATURES)
    assert set(transformed) == {output.name for output in outputs} | {LABEL_KEY}
    for output in outputs:
        values = transformed[output.name]
        assert values.shape == ((8, output.length) if output.kind == "bag" else (8,))
        if output.kind == "dense":
            assert values.dtype == np.float32
            assert np.isfinite(values).all()
            continue
        assert values.dtype == np.int64
        entries = analysed.vocabulary_size_by_name(output.vocabulary) if output.vocabulary else 0
        assert values.min() >= 0
        assert values.max() < output.cardinality + entries


def test_zscores_are_of_the_present_values_and_a_missing_one_is_the_mean(
    transformed: dict,
) -> None:
    present = np.array([1, 3, 5, 7, 9, 11, 13], np.float32)
    expected = (present - present.mean()) / present.std()
    np.testing.assert_allclose(np.delete(transformed["fare"], 3), expected, rtol=1e-5)
    assert transformed["fare"][3] == 0
    assert transformed["fare_missing"].tolist() == [0, 0, 0, 1, 0, 0, 0, 0]


def test_an_unscaled_logarithm_is_only_that(transformed: dict) -> None:
    assert transformed["log fare"][1] == pytest.approx(np.log1p(3.0))


def test_buckets_are_quantiles(transformed: dict) -> None:
    assert transformed["miles_bucket"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_vocabulary_gives_known_unknown_and_missing_values_their_indices(
    analysed: Any, transformed: dict
) -> None:
    entries = analysed.vocabulary_by_name(vocabulary_name("company"))
    assert entries == [b"a", b"b"]
    company = transformed["company"].tolist()
    assert company[:5] == [1, 1, 1, 2, 2]
    assert company[6] == 0
    assert {company[5], company[7]} <= {3, 4}


def test_whole_numbers_are_looked_up_as_they_are_written(analysed: Any, transformed: dict) -> None:
    assert set(analysed.vocabulary_by_name(vocabulary_name("area"))) == {b"8", b"32", b"7"}
    assert transformed["area"].tolist()[5] == 0
    assert transformed["area"][0] == 1


def test_yes_no_and_missing_are_three_indices(transformed: dict) -> None:
    assert transformed["shared"].tolist() == [2, 1, 2, 1, 0, 1, 1, 1]


def test_timestamps_are_taken_apart(transformed: dict) -> None:
    # 2014-05-16 19:45, and 1970-01-01.
    assert transformed["started_hour"].tolist()[:3] == [20, 1, 0]
    assert transformed["started_month"].tolist()[:3] == [5, 1, 0]
    assert transformed["started_hour_sin"][0] == pytest.approx(
        np.sin(2 * np.pi * 19 / 24), abs=1e-6
    )
    assert transformed["started_year"][2] == 0
    assert transformed["started_year"][0] > 2


def test_moments_in_text_are_taken_apart_and_other_texts_are_missing(transformed: dict) -> None:
    assert transformed["When?_hour"].tolist() == [21, 2, 0, 0, 0, 0, 0, 0]
    assert transformed["When?_month"].tolist() == [5, 1, 0, 0, 0, 0, 0, 0]
    assert transformed["When?_missing"].tolist() == [0, 0, 1, 1, 1, 1, 1, 1]


def test_a_text_becomes_a_bag_of_its_first_tokens(analysed: Any, transformed: dict) -> None:
    vocabulary = analysed.vocabulary_by_name(vocabulary_name("noted (free text)"))
    assert vocabulary == [b"red", b"red car", b"car"]
    red, red_car, car, unknown = range(1, 5)
    assert transformed["noted (free text)"].tolist() == [
        [red, red_car, car, unknown, red],
        [unknown, unknown, red, red_car, car],
        [0] * 5,
        [0] * 5,
        [unknown] * 5,
        [0] * 5,
        [unknown, 0, 0, 0, 0],
        [red, 0, 0, 0, 0],
    ]


def test_hashed_words_are_the_same_in_any_case(transformed: dict) -> None:
    words = transformed["hashed words"]
    assert words[0].tolist() == [words[7][0], words[1][2], words[7][0]]
    assert len(set(words[4].tolist())) == 3


def test_the_transformed_schema_gives_a_bag_its_length(analysed: Any) -> None:
    assert analysed.transformed_feature_spec()["noted (free text)"].shape == [5]


@pytest.mark.parametrize(
    "wild",
    [b"\xff\xfe\x00", b"red \x00 car", b"a" * 2**20, b"\xc3\xa4 " * 2**19, b"\n\r\t"],
    ids=["not UTF-8", "zero byte", "long word", "many words", "line ends"],
)
def test_any_bytes_are_tokens_or_none(analysed: Any, wild: bytes) -> None:
    columns = {name: list(values) for name, values in COLUMNS.items()}
    columns["noted (free text)"][:2] = [wild, "red"]
    columns["When?"][:2] = [wild, "1.1.1970 00:00"]
    row = transform(analysed, columns)
    assert row["noted (free text)"][1].tolist() == [1, 0, 0, 0, 0]
    assert row["When?_missing"][:2].tolist() == [1, 0]


def test_a_place_has_a_cell_also_where_a_coordinate_is_missing(transformed: dict) -> None:
    assert transformed["place_latitude_bucket"].tolist() == [1, 1, 1, 2, 2, 2, 2, 0]
    assert transformed["place_missing"].tolist() == [0] * 7 + [1]
    cells = transformed["place_cell"]
    assert len(set(cells[:3])) == 1
    assert cells[7] != cells[6]


def test_a_cross_tells_combinations_apart(transformed: dict) -> None:
    pairs = list(zip(transformed["company"], transformed["miles_bucket"], strict=True))
    same = [[a == b for b in pairs] for a in pairs]
    crossed = transformed["pair"]
    assert [[a == b for b in crossed] for a in crossed] == same


def test_the_label_is_computed_and_missing_where_a_column_is(transformed: dict) -> None:
    assert transformed[LABEL_KEY].tolist() == [0, 1, 0, -1, 1, -1, 0, 1]


def test_serving_without_the_labels_columns_gives_the_same_features(
    analysed: Any, transformed: dict
) -> None:
    serving = transform(analysed, {name: COLUMNS[name] for name in raw_columns(FEATURES)})
    assert LABEL_KEY not in serving
    for name, values in serving.items():
        np.testing.assert_array_equal(values, transformed[name])


def test_a_flag_that_training_never_saw_stays_down(analysed: Any) -> None:
    columns = {name: list(values) for name, values in COLUMNS.items()}
    columns["miles"][0] = None
    row = transform(analysed, columns)
    assert row["miles_missing"].tolist() == [0] * 8
    assert row["miles_bucket"][0] == 0


def test_wild_numbers_stay_within_bounds(analysed: Any) -> None:
    columns = {name: list(values) for name, values in COLUMNS.items()}
    columns["fare"] = [1e30, -1e30, 1e38, 3.0, 3.0, 3.0, 3.0, 3.0]
    row = transform(analysed, columns)
    assert row["fare"][:3].tolist() == [10.0, -10.0, 10.0]
    assert np.isfinite(row["log fare"]).all()


def test_a_column_that_the_schema_lacks_is_named() -> None:
    config = transform_config(load_features({"fair": "numeric"}), "tips", "regression")
    with pytest.raises(UserError, match="'fair'") as caught:
        preprocessing_fn({"fare": None, "tips": None}, config)
    assert "'fare'" in caught.value.hint
