"""The six questions that the gate answers about new data, and who asks which."""

from __future__ import annotations

import enum

from tensorflow_metadata.proto.v0 import anomalies_pb2


class Question(enum.Enum):
    """A question about new data: number, short name, and its words.

    After the six kinds of fault that data validation has to find according to
    Breck et al., "Data Validation for Machine Learning", MLSys 2019.
    """

    SIMILAR = (1, "similar", "Is the distribution similar enough to the accepted data's?")
    EXPECTED_PRESENT = (2, "expected_present", "Are all expected features present?")
    UNEXPECTED = (3, "unexpected", "Are any unexpected features present?")
    TYPE = (4, "type", "Does each feature have the expected type, domain and range?")
    PROPORTION = (5, "proportion", "Do as many examples have the feature as expected?")
    VALENCY = (6, "valency", "Do examples have the expected number of values?")

    def __init__(self, number: int, short_name: str, title: str) -> None:
        self.number = number
        self.short_name = short_name
        self.title = title


_NAMES: dict[Question, str] = {
    Question.SIMILAR: """
        COMPARATOR_CONTROL_DATA_MISSING COMPARATOR_TREATMENT_DATA_MISSING COMPARATOR_L_INFTY_HIGH
        COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH
        COMPARATOR_LOW_NUM_EXAMPLES COMPARATOR_HIGH_NUM_EXAMPLES
        DATASET_LOW_NUM_EXAMPLES DATASET_HIGH_NUM_EXAMPLES NO_DATA_IN_SPAN
        SCHEMA_TRAINING_SERVING_SKEW
        drift skew example_count_ratio label_drift majority_label label_leakage duplicated_rows
        split_overlap split_contradiction split_label_drift worse_than_guessing extrapolation
        constant_columns""",
    Question.EXPECTED_PRESENT: """
        SCHEMA_MISSING_COLUMN FEATURE_TYPE_NOT_PRESENT FEATURE_TYPE_NO_VALUES
        SPARSE_FEATURE_MISSING_VALUE SPARSE_FEATURE_MISSING_INDEX
        WEIGHTED_FEATURE_MISSING_VALUE WEIGHTED_FEATURE_MISSING_WEIGHT STATS_NOT_AVAILABLE
        no_values""",
    Question.UNEXPECTED: """
        SCHEMA_NEW_COLUMN SPARSE_FEATURE_NAME_COLLISION WEIGHTED_FEATURE_NAME_COLLISION""",
    Question.PROPORTION: """
        FEATURE_TYPE_LOW_FRACTION_PRESENT FEATURE_TYPE_LOW_NUMBER_PRESENT
        low_fraction_with_values proportion_change missing_label""",
    Question.VALENCY: """
        FEATURE_TYPE_HIGH_NUMBER_VALUES FEATURE_TYPE_LOW_NUMBER_VALUES
        FEATURE_TYPE_UNEXPECTED_REPEATED SPARSE_FEATURE_LENGTH_MISMATCH
        WEIGHTED_FEATURE_LENGTH_MISMATCH VALUE_NESTEDNESS_MISMATCH EMBEDDING_SHAPE_INVALID
        INVALID_FEATURE_SHAPE""",
    Question.TYPE: """
        UNKNOWN_TYPE MULTIPLE_REASONS UNEXPECTED_DATA_TYPE DOMAIN_INVALID_FOR_TYPE
        INVALID_DOMAIN_SPECIFICATION INVALID_SCHEMA_SPECIFICATION SEMANTIC_DOMAIN_UPDATE
        BOOL_TYPE_BIG_INT BOOL_TYPE_BYTES_NOT_INT BOOL_TYPE_BYTES_NOT_STRING
        BOOL_TYPE_FLOAT_NOT_INT BOOL_TYPE_FLOAT_NOT_STRING BOOL_TYPE_INT_NOT_STRING
        BOOL_TYPE_SMALL_INT BOOL_TYPE_STRING_NOT_INT BOOL_TYPE_UNEXPECTED_STRING
        BOOL_TYPE_UNEXPECTED_FLOAT BOOL_TYPE_INVALID_CONFIG
        ENUM_TYPE_BYTES_NOT_STRING ENUM_TYPE_FLOAT_NOT_STRING ENUM_TYPE_INT_NOT_STRING
        ENUM_TYPE_INVALID_UTF8 ENUM_TYPE_UNEXPECTED_STRING_VALUES
        FEATURE_TYPE_HIGH_UNIQUE FEATURE_TYPE_LOW_UNIQUE FEATURE_TYPE_NO_UNIQUE
        FEATURE_MISSING_NAME FEATURE_MISSING_TYPE
        FLOAT_TYPE_BIG_FLOAT FLOAT_TYPE_NOT_FLOAT FLOAT_TYPE_SMALL_FLOAT
        FLOAT_TYPE_STRING_NOT_FLOAT FLOAT_TYPE_NON_STRING FLOAT_TYPE_UNKNOWN_TYPE_NUMBER
        FLOAT_TYPE_HAS_NAN FLOAT_TYPE_HAS_INF
        INT_TYPE_BIG_INT INT_TYPE_INT_EXPECTED INT_TYPE_NOT_INT_STRING INT_TYPE_NOT_STRING
        INT_TYPE_SMALL_INT INT_TYPE_STRING_EXPECTED INT_TYPE_UNKNOWN_TYPE_NUMBER
        STRING_TYPE_NOW_FLOAT STRING_TYPE_NOW_INT
        LOW_SUPPORTED_IMAGE_FRACTION MAX_IMAGE_BYTE_SIZE_EXCEEDED
        SEQUENCE_VALUE_TOO_FEW_OCCURRENCES SEQUENCE_VALUE_TOO_MANY_OCCURRENCES
        SEQUENCE_VALUE_TOO_SMALL_FRACTION SEQUENCE_VALUE_TOO_LARGE_FRACTION
        FEATURE_COVERAGE_TOO_LOW FEATURE_COVERAGE_TOO_SHORT_AVG_TOKEN_LENGTH NLP_WRONG_LOCATION
        DERIVED_FEATURE_BAD_LIFECYCLE DERIVED_FEATURE_INVALID_SOURCE CUSTOM_VALIDATION
        unknown_categories unknown_classes""",
}
QUESTION_OF: dict[str, Question] = {
    name: question for question, names in _NAMES.items() for name in names.split()
}
"""The question behind each check: TFDV's anomalies in capitals, the gate's own in small."""


def question_of(check: str) -> Question:
    """The question that a check belongs to; `TYPE` for an anomaly of a later TFDV."""
    return QUESTION_OF.get(check, Question.TYPE)


def anomaly_names() -> list[str]:
    """TFDV's names of its anomalies."""
    return list(anomalies_pb2.AnomalyInfo.Type.keys())


def check_names() -> list[str]:
    """All names that a severity can be given to."""
    return [*(question.short_name for question in Question), *QUESTION_OF]
