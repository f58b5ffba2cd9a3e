"""Differences are found aspect by aspect, and only where something means something else."""

from __future__ import annotations

import pytest
from tensorflow_metadata.proto.v0 import schema_pb2

from schema.difference import SCHEMA as WHOLE
from schema.difference import difference
from schema.reading import parse_schema
from tests.schema.made_statistics import SCHEMA


def edited(*replacements: tuple[str, str], text: str = SCHEMA) -> schema_pb2.Schema:
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return parse_schema(text, "edited")


def lines(after: schema_pb2.Schema) -> list[str]:
    return [
        f"{feature.feature}: {change.describe()}"
        for feature in difference(edited(), after)
        for change in feature.changes
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("type: INT", "type: FLOAT", "hour: type: int → float"),
        (
            "min_fraction: 0.9 min",
            "min_fraction: 0.5 min",
            "payment: presence: in at least 90 % → in at least 50 %",
        ),
        (
            "value_count { min: 1 max: 1 }\n  domain",
            "value_count { max: 3 }\n  domain",
            "payment: values: 1 → 0 to 3",
        ),
        ("shape { dim { size: 1 } }", "", "fare: values: exactly 1 → any"),
        ('value: "Cash"', 'value: "Coins"', 'payment: domain: added "Coins"; removed "Cash"'),
        ("max: 23", "", "hour: range: 0 to 23 → 0 to ∞"),
        (
            "min_domain_mass: 0.99",
            "min_domain_mass: 0.9",
            "payment: share in domain: at least 99 % → at least 90 %",
        ),
        (
            '  not_in_environment: "SERVING"',
            "",
            "tips: environments: TRAINING → TRAINING, SERVING",
        ),
        (
            "float_domain { min: 0.0 max: 100.0 }",
            "float_domain { min: 0.0 max: 100.0 }"
            " drift_comparator { jensen_shannon_divergence { threshold: 0.1 } }",
            "fare: drift: not said → Jensen-Shannon ≤ 0.1",
        ),
        (
            "domain: ",
            "skew_comparator { infinity_norm { threshold: 0.01 } } domain: ",
            "payment: skew: not said → L∞ ≤ 0.01",
        ),
        (
            'name: "fare"',
            'name: "fare" lifecycle_stage: DEPRECATED',
            "fare: stage: not said → deprecated",
        ),
        (
            'name: "fare"',
            'name: "fare" unique_constraints { min: 2 max: 9 }',
            "fare: unique constraints: not said → { min: 2 max: 9 }",
        ),
        (
            "# The end.",
            "dataset_constraints { min_examples_count: 5 }",
            f"{WHOLE}: dataset constraints: not said → {{ min_examples_count: 5 }}",
        ),
    ],
)
def test_each_aspect_is_told(old: str, new: str, line: str) -> None:
    assert line in lines(edited((old, new)))


def test_equal_meaning_is_no_difference() -> None:
    again = edited(
        ('domain: "payment"', 'domain: "paid_by"'),
        ('string_domain {\n  name: "payment"', 'string_domain {\n  name: "paid_by"'),
        ("int_domain {", 'int_domain { name: "hour of the day"'),
        ("# Trips.", "# Taxi trips."),
    )
    features = list(again.feature)
    del again.feature[:]
    again.feature.extend(reversed(features))

    assert difference(edited(), again) == ()


def test_a_new_environment_is_the_schemas_difference_alone() -> None:
    after = edited(('default_environment: "SERVING"', ""))
    assert lines(after) == [f"{WHOLE}: environments: SERVING, TRAINING → TRAINING"]


def test_features_of_one_schema_alone_are_added_or_removed() -> None:
    after = edited(('name: "hour"', 'name: "minute"'))
    assert [(f.feature, f.kind) for f in difference(edited(), after)] == [
        ("hour", "removed"),
        ("minute", "added"),
    ]


def test_many_new_values_are_counted() -> None:
    values = "\n".join(f'value: "v{n}"' for n in range(30))
    [feature] = difference(edited(), edited(('value: "Card"', f'value: "Card"\n{values}')))
    assert feature.changes[0].describe(most=2) == 'domain: added "v0", "v1" and 28 more'
