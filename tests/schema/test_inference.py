"""Inferred schemas: TFDV's own, with environments and comparators where they are wanted."""

from __future__ import annotations

import pytest
from tensorflow_metadata.proto.v0 import schema_pb2

from core.errors import UserError
from schema import tfdv_library
from schema.inference import infer_schema, inferred_difference
from schema.reading import parse_schema
from tests.schema.made_statistics import SCHEMA, number, statistics, text


def by_name(schema: schema_pb2.Schema) -> dict[str, schema_pb2.Feature]:
    return {feature.name: feature for feature in schema.feature}


def test_without_options_it_is_tfdvs_inference() -> None:
    assert infer_schema([statistics()]) == tfdv_library.infer_schema(statistics())


def test_all_splits_fit_the_schema() -> None:
    splits = [statistics(), statistics(payment=text("payment", {"Voucher": 900}), surge=None)]
    schema = infer_schema(splits)
    for split in splits:
        assert not tfdv_library.validate_statistics(schema, split).anomaly_info


def test_a_label_is_absent_in_serving_alone() -> None:
    schema = infer_schema([statistics()], not_served=["tips"])
    served = statistics(tips=None)

    assert list(schema.default_environment) == ["TRAINING", "SERVING"]
    assert not tfdv_library.validate_statistics(schema, served, "SERVING").anomaly_info
    assert set(tfdv_library.validate_statistics(schema, served, "TRAINING").anomaly_info) == {
        "tips"
    }


def test_thresholds_are_tfdvs_comparators_by_type() -> None:
    schema = infer_schema([statistics()], drift_threshold=0.1, skew_threshold=0.2)
    features = by_name(schema)

    assert features["payment"].drift_comparator.infinity_norm.threshold == 0.1
    assert features["payment"].skew_comparator.infinity_norm.threshold == 0.2
    for name in ("fare", "hour"):
        comparator = features[name].drift_comparator
        assert comparator.jensen_shannon_divergence.threshold == 0.1
        assert not comparator.HasField("infinity_norm")


@pytest.mark.parametrize("threshold", [0, -1, 1.5, float("nan")])
def test_thresholds_that_make_no_sense_are_refused(threshold: float) -> None:
    with pytest.raises(UserError, match="makes no sense"):
        infer_schema([statistics()], drift_threshold=threshold)


def test_a_label_that_the_data_lacks_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="no column 'tip'") as caught:
        infer_schema([statistics()], not_served=["tip"])
    assert caught.value.hint == "did you mean 'tips'?"


def test_what_inference_would_change_leaves_environments_and_comparators_alone() -> None:
    curated = parse_schema(SCHEMA, "s")
    curated.feature[1].drift_comparator.jensen_shannon_divergence.threshold = 0.1

    found = inferred_difference(curated, [statistics(surge=number("surge", 1, 2))])

    assert {feature.feature: feature.kind for feature in found} == {
        "payment": "changed",
        "fare": "changed",
        "hour": "changed",
        "tips": "changed",
        "surge": "added",
    }
    aspects = {change.aspect for f in found if f.kind == "changed" for change in f.changes}
    assert aspects == {"presence", "values", "range"}
