"""Every anomaly that TFDV knows answers one question."""

from __future__ import annotations

import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.data_gate.questions import _NAMES, QUESTION_OF, Question, question_of

_KINDS = list(anomalies_pb2.AnomalyInfo.Type.keys())


@pytest.mark.parametrize("kind", _KINDS)
def test_every_anomaly_belongs_to_exactly_one_question(kind: str) -> None:
    assert sum(kind in names.split() for names in _NAMES.values()) == 1


def test_no_name_is_misspelt() -> None:
    assert {name for name in QUESTION_OF if name.isupper()} == set(_KINDS)


def test_the_questions_are_numbered_from_one_to_six() -> None:
    assert [question.number for question in Question] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH", Question.SIMILAR),
        ("SCHEMA_MISSING_COLUMN", Question.EXPECTED_PRESENT),
        ("SCHEMA_NEW_COLUMN", Question.UNEXPECTED),
        ("ENUM_TYPE_UNEXPECTED_STRING_VALUES", Question.TYPE),
        ("FEATURE_TYPE_LOW_FRACTION_PRESENT", Question.PROPORTION),
        ("FEATURE_TYPE_LOW_NUMBER_VALUES", Question.VALENCY),
        ("OF_A_LATER_TFDV", Question.TYPE),
    ],
)
def test_well_known_anomalies_stand_where_they_belong(kind: str, question: Question) -> None:
    assert question_of(kind) is question
