from __future__ import annotations

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocessing.features import (
    CategoricalRole,
    FeatureMap,
    NumericRole,
    dump_features,
    load_features,
    names,
    raw_columns,
    transformed_features,
    vocabulary_name,
)


def outputs(plain: dict) -> list[str]:
    return [feature.name for feature in transformed_features(load_features(plain))]


def test_a_bare_role_name_stands_for_the_role() -> None:
    assert load_features({"fare": "numeric"}) == {"fare": NumericRole()}


def test_the_map_is_a_pydantic_field_type() -> None:
    class Settings(pydantic.BaseModel):
        features: FeatureMap

    settings = Settings.model_validate({"features": {"company": "categorical"}})
    assert settings.features == {"company": CategoricalRole()}


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({}, "at least one feature"),
        ({"fare": "number"}, "numeric"),
        ({"fare": {"role": "numeric", "bucket": 3}}, "Extra inputs"),
        ({"fare": {"role": "numeric", "buckets": 1}}, "at least 2"),
        ({"fare": {"role": "numeric", "scale": "buckets"}}, "at least 2"),
        ({"fare": {"role": "categorical", "top_k": 0}}, "greater than"),
        ({"label": "numeric"}, "the label's own"),
        ({"a_missing": "categorical", "a": "numeric"}, "both become 'a_missing'"),
        ({"when": {"role": "timestamp", "parts": []}}, "at least 1"),
        ({"place": {"role": "latitude_longitude", "latitude": "y"}}, "longitude"),
        ({"a": "categorical", "x": {"role": "cross", "of": ["a"]}}, "at least 2"),
        (
            {"company": "categorical", "x": {"role": "cross", "of": ["company", "compny"]}},
            "did you mean 'company'",
        ),
        (
            {"a": "categorical", "n": "numeric", "x": {"role": "cross", "of": ["a", "n"]}},
            "no index of its own",
        ),
    ],
)
def test_a_wrong_map_is_refused_in_words(plain: dict, message: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=message):
        load_features(plain)


def test_raw_columns_follow_the_column_key_and_leave_out_crosses() -> None:
    features = load_features(
        {
            "hour": {"role": "timestamp", "column": "started"},
            "place": {"role": "latitude_longitude", "latitude": "y", "longitude": "x"},
            "kind": "categorical",
            "both": {"role": "cross", "of": ["kind", "place"]},
        }
    )
    assert raw_columns(features) == ["kind", "started", "x", "y"]


def test_a_numeric_feature_brings_its_flag_and_its_bucket() -> None:
    assert outputs({"fare": {"role": "numeric", "buckets": 4}}) == [
        "fare",
        "fare_missing",
        "fare_bucket",
    ]
    assert outputs({"fare": {"role": "numeric", "scale": "buckets", "buckets": 4}}) == [
        "fare_bucket"
    ]


def test_timestamp_parts_are_waves_or_indices_as_wanted() -> None:
    both = {"role": "timestamp", "parts": ["hour", "year"], "encoding": "both"}
    features = transformed_features(load_features({"t": both}))
    assert names(features, "dense") == ["t_hour_sin", "t_hour_cos", "t_year", "t_missing"]
    assert [(f.name, f.cardinality) for f in features if f.kind == "index"] == [("t_hour", 25)]


def test_plain_data_reads_back_as_it_was_written() -> None:
    features = load_features(
        {
            "fare": {"role": "numeric", "log1p": True},
            "a": "boolean",
            "b": {"role": "categorical", "hash_buckets": 9},
            "x": {"role": "cross", "of": ["a", "b"]},
        }
    )
    assert load_features(dump_features(features)) == features


@given(st.text(min_size=1), st.text(min_size=1))
def test_vocabularies_of_different_features_have_different_plain_names(a: str, b: str) -> None:
    assert (vocabulary_name(a) == vocabulary_name(b)) == (a == b)
    assert vocabulary_name(a).replace("_", "").isalnum()
    assert vocabulary_name(a).isascii()
