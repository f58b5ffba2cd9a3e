"""A run's anomalies are accepted: as little is relaxed as TFDV needs, in round numbers."""

from __future__ import annotations

import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2

from core.errors import UserError
from schema.amendments import Amendment, Observed, amend
from schema.reading import parse_schema
from schema.tfdv_library import validate_statistics
from tests.schema.made_statistics import SCHEMA, number, observed, statistics, text


def amended(*splits: Observed, schema: str = SCHEMA, **options: object) -> Amendment:
    named = {f"split{place}": split for place, split in enumerate(splits)}
    return amend(parse_schema(schema, "s"), named, **options)  # type: ignore[arg-type]


def lines(amendment: Amendment) -> list[str]:
    return [
        f"{feature.feature}: {change.describe()}"
        for feature in amendment.differences
        for change in feature.changes
    ]


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (
            {"payment": text("payment", {"Cash": 700, "Shells": 200, "Salt": 100})},
            'payment: domain: added "Salt", "Shells"',
        ),
        (
            {"payment": text("payment", {"Cash": 853})},
            "payment: presence: in at least 90 % → in at least 85 %",
        ),
        ({"hour": number("hour", -1, 25, whole=True)}, "hour: range: 0 to 23 → -1 to 25"),
        (
            {"fare": number("fare", -0.1, 1e9)},
            "fare: range: 0 to 100 → -0.1 to 1000000000",
        ),
        ({"fare": number("fare", 1, 2, least=0)}, "fare: values: exactly 1 → 0 to 1"),
        ({"tips": number("tips", 1, 2, least=0)}, "tips: values: 1 → 0 to 1"),
        ({"tips": None}, "tips: presence: required → may be absent"),
        ({"fare": None}, "fare: values: exactly 1 → 1"),
        ({"surge": number("surge", 1, 2)}, "surge: type: not said → float"),
    ],
)
def test_what_was_seen_is_accepted_and_tfdv_finds_nothing_more(seen: dict, line: str) -> None:
    split = observed(**seen)
    assert split.anomalies.anomaly_info, "the statistics must break the schema"

    amendment = amended(split)

    assert line in lines(amendment)
    assert amendment.refusals == ()
    assert not validate_statistics(amendment.schema, split.statistics).anomaly_info


def test_every_split_is_accepted() -> None:
    first = observed(hour=number("hour", 0, 24, whole=True))
    second = observed(hour=number("hour", -2, 23, whole=True))
    assert lines(amended(first, second)) == ["hour: range: 0 to 23 → -2 to 24"]


def test_a_feature_missing_in_one_split_is_still_checked_by_the_other() -> None:
    missing = observed(hour=None)
    out_of_range = observed(hour=number("hour", 0, 30, whole=True))
    assert lines(amended(missing, out_of_range)) == [
        "hour: presence: optional → may be absent",
        "hour: range: 0 to 23 → 0 to 30",
    ]


def test_only_the_chosen_features_change() -> None:
    split = observed(hour=number("hour", 0, 24, whole=True), fare=number("fare", -1, 2))
    assert lines(amended(split, features=["fare"])) == ["fare: range: 0 to 100 → -1 to 100"]


def test_features_without_anomalies_in_the_run_stay_whatever_their_statistics() -> None:
    split = observed(hour=number("hour", 0, 24, whole=True), fare=number("fare", -1, 2))
    del split.anomalies.anomaly_info["fare"]
    assert lines(amended(split)) == ["hour: range: 0 to 23 → 0 to 24"]


def test_domains_can_be_relaxed_instead_of_extended() -> None:
    split = observed(payment=text("payment", {"Cash": 755, "Shells": 245}))
    amendment = amended(split, relax_domains=True)
    assert lines(amendment) == ["payment: share in domain: at least 99 % → at least 75 %"]
    assert not validate_statistics(amendment.schema, split.statistics).anomaly_info


def test_a_flood_of_new_values_is_refused_with_the_way_out() -> None:
    counts = {f"v{n:04}": 1 for n in range(900)} | {"Cash": 100}
    split = observed(payment=text("payment", counts))

    refused = amended(split)
    relaxed = amended(split, relax_domains=True)

    assert refused.differences == ()
    assert "--relax-domains" in refused.refusals[0].reason
    assert lines(relaxed) == ["payment: share in domain: at least 99 % → at least 10 %"]


def test_another_type_is_refused() -> None:
    amendment = amended(observed(fare=text("fare", {"not a number": 1000})))
    assert amendment.differences == ()
    assert [refusal.feature for refusal in amendment.refusals] == ["fare"]
    assert "of type string, the schema says float" in amendment.refusals[0].reason


def test_an_anomaly_of_the_whole_dataset_is_left_to_people() -> None:
    split = observed()
    split.anomalies.dataset_anomaly_info.description = "Too few."
    assert amended(split).refusals[0].feature == "the dataset"


def test_drift_beyond_its_threshold_raises_it_to_the_measured_distance() -> None:
    drifting = SCHEMA.replace(
        "shape {",
        "drift_comparator { jensen_shannon_divergence { threshold: 0.1 } } shape {",
    )
    split = observed(drifting)
    info = split.anomalies.anomaly_info["fare"]
    info.path.step.append("fare")
    info.reason.add(type=anomalies_pb2.AnomalyInfo.COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH)
    drift = split.anomalies.drift_skew_info.add()
    drift.path.step.append("fare")
    drift.drift_measurements.add(
        type=anomalies_pb2.DriftSkewInfo.Measurement.JENSEN_SHANNON_DIVERGENCE,
        value=0.3141,
        threshold=0.1,
    )

    found = lines(amended(split, schema=drifting))

    assert found == ["fare: drift: Jensen-Shannon ≤ 0.1 → Jensen-Shannon ≤ 0.32"]


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [("huor", "unknown-feature", "'hour'"), ("fare", "no-anomaly", "leave it out")],
)
def test_a_feature_that_is_not_to_be_accepted_is_refused(name: str, code: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        amended(observed(hour=number("hour", 0, 24, whole=True)), features=[name])
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_no_environment_is_judged_as_training() -> None:
    schema = parse_schema(SCHEMA, "s")
    without_label = statistics(tips=None)

    def features(environment: str) -> set[str]:
        return set(validate_statistics(schema, without_label, environment).anomaly_info)

    assert features("") == features("TRAINING") == {"tips"}
    assert features("SERVING") == set()


def test_nothing_is_lost_where_nothing_is_anomalous() -> None:
    amendment = amended(observed())
    assert amendment == Amendment(parse_schema(SCHEMA, "s"), (), ())
    assert isinstance(amendment.schema, schema_pb2.Schema)
