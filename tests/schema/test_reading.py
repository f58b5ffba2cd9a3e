"""Broken schema files are refused with the line and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from schema.reading import parse_schema, read_schema

GOOD = 'feature { name: "a" type: INT }\n'


def refusal(text: str) -> UserError:
    with pytest.raises(UserError) as caught:
        parse_schema(text, "s.pbtxt")
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "headline", "hint"),
    [
        (GOOD + "feature {\n  name: 'b'\n", "schema-syntax", "s.pbtxt:3", "braces"),
        (
            GOOD + 'feature {\n  name: "b"\n  tpye: INT\n}',
            "schema-unknown-field",
            "s.pbtxt:4: Feature has no field 'tpye'",
            "did you mean 'type'?",
        ),
        (
            'feature {\n  name: "b" type: INTT }',
            "schema-unknown-value",
            "s.pbtxt:2: FeatureType has no value 'INTT'",
            "did you mean INT?",
        ),
        (GOOD + GOOD, "schema-duplicate", "s.pbtxt:2: the feature 'a' is named twice", "keep one"),
        (GOOD + "feature {}", "schema-no-name", "s.pbtxt:2: a feature has no name", "name:"),
        (
            'feature { name: "a" domain: "dd" }\nstring_domain { name: "d" }',
            "schema-bounds",
            "s.pbtxt:1: a: there is no string_domain 'dd'",
            "did you mean 'd'?",
        ),
        (
            'feature { name: "a" float_domain { min: 3 max: 1 } }',
            "schema-bounds",
            "s.pbtxt:1: a: float_domain: min 3 is more than max 1",
            "swap",
        ),
        (
            'feature { name: "a" presence { min_fraction: 1.5 } }',
            "schema-bounds",
            "s.pbtxt:1: a: presence.min_fraction is 1.5",
            "from 0 to 1",
        ),
        (
            'feature { name: "a" drift_comparator { infinity_norm { threshold: -1 } } }',
            "schema-bounds",
            "s.pbtxt:1: a: drift_comparator.infinity_norm.threshold is -1",
            "between 0 and 1",
        ),
        ("# nothing\n", "empty-schema", "s.pbtxt has no features", "schema infer"),
    ],
)
def test_a_wrong_schema_is_refused_with_the_line(
    text: str, code: str, headline: str, hint: str
) -> None:
    error = refusal(text)

    assert error.code == code
    assert error.headline.startswith(headline)
    assert hint in error.hint


def test_the_wrong_line_is_shown() -> None:
    assert "line 2: naem: 1" in refusal("feature {\n naem: 1\n}").evidence


def test_a_missing_file_is_answered_with_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "schema.pbtxt").write_text(GOOD)
    with pytest.raises(UserError, match="there is no schema file") as caught:
        read_schema(tmp_path / "shema.pbtxt")
    assert caught.value.hint == f"did you mean {tmp_path / 'schema.pbtxt'}?"


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "schema.pbtxt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        read_schema(tmp_path / "schema.pbtxt")
