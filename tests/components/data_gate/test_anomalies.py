"""Reading anomalies, and what may be allowed."""

from __future__ import annotations

import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

from components.data_gate.anomalies import findings_of_split
from components.data_gate.findings import worst_first
from components.data_gate.settings import GateSettings
from components.data_gate.severities import Severities, parse_allowed
from core.errors import UserError

_Info = anomalies_pb2.AnomalyInfo


def _info(feature: str, kind: int, severity: int = _Info.ERROR) -> anomalies_pb2.AnomalyInfo:
    info = _Info(severity=severity, description="long\n text", short_description="short")
    info.path.step.append(feature)
    info.reason.add(type=kind, short_description="short", description="long\n text")
    return info


def _anomalies(*infos: anomalies_pb2.AnomalyInfo) -> anomalies_pb2.Anomalies:
    return anomalies_pb2.Anomalies(anomaly_info={info.path.step[0]: info for info in infos})


def test_a_finding_carries_the_numbers_of_the_statistics() -> None:
    statistics = statistics_pb2.DatasetFeatureStatistics(num_examples=1200)
    feature = statistics.features.add(name="fare", type=statistics_pb2.FeatureNameStatistics.FLOAT)
    feature.num_stats.common_stats.num_non_missing = 1100

    [finding] = findings_of_split(
        "eval", _anomalies(_info("fare", _Info.FEATURE_TYPE_LOW_FRACTION_PRESENT)), statistics
    )

    assert finding.describe() == (
        "eval: fare: short. long text [question 5, proportion; in 1,100 of 1,200 examples]"
    )
    assert finding.blocks


def test_an_empty_split_is_an_error_of_the_dataset() -> None:
    [finding] = findings_of_split("eval", anomalies_pb2.Anomalies(data_missing=True), None)

    assert (finding.feature, finding.blocks, finding.check) == ("dataset", True, "NO_DATA_IN_SPAN")


def test_what_stops_a_run_comes_before_warnings() -> None:
    found = findings_of_split(
        "train",
        _anomalies(
            _info("a", _Info.SCHEMA_NEW_COLUMN, _Info.WARNING), _info("b", _Info.SCHEMA_NEW_COLUMN)
        ),
        None,
    )

    assert [finding.feature for finding in worst_first(found)] == ["b", "a"]


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (["company"], True),
        (["company:ENUM_TYPE_UNEXPECTED_STRING_VALUES"], True),
        (["company:SCHEMA_NEW_COLUMN"], False),
        (["fare"], False),
        ([], False),
    ],
)
def test_a_feature_or_one_of_its_anomalies_is_allowed(allowed: list[str], expected: bool) -> None:
    found = findings_of_split(
        "train", _anomalies(_info("company", _Info.ENUM_TYPE_UNEXPECTED_STRING_VALUES)), None
    )

    [judged] = Severities(GateSettings(allowed=tuple(allowed))).judge(found)

    assert judged.allowed is expected
    assert judged.blocks is not expected


def test_an_allowed_kind_does_not_excuse_another_of_the_same_feature() -> None:
    info = _info("company", _Info.ENUM_TYPE_UNEXPECTED_STRING_VALUES)
    info.reason.add(type=_Info.FEATURE_TYPE_LOW_FRACTION_PRESENT)
    found = findings_of_split("train", _anomalies(info), None)

    settings = GateSettings(allowed=("company:ENUM_TYPE_UNEXPECTED_STRING_VALUES",))
    judged = {finding.check: finding for finding in Severities(settings).judge(found)}

    assert judged["ENUM_TYPE_UNEXPECTED_STRING_VALUES"].allowed
    assert judged["FEATURE_TYPE_LOW_FRACTION_PRESENT"].blocks


def test_an_unknown_anomaly_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UserError) as raised:
        parse_allowed(["company:ENUM_TYPE_UNEXPECTED_STRINGS"])

    assert "ENUM_TYPE_UNEXPECTED_STRING_VALUES" in raised.value.hint
