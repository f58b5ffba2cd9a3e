"""Values as text and back, as Go's KFP code writes and reads them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeflow.emulator.values import json_text, strict_json, text_of, value_of

PLAIN = st.recursive(
    st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (50.0, "50"),
        (50, "50"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (-2.5, "-2.5"),
        (True, "true"),
        (False, "false"),
        ([1.0, "x", None], '[1,"x",null]'),
        ({"b": 1.0, "a": {"z": []}}, '{"a":{"z":[]},"b":1}'),
        ({"k": "<a&b>"}, '{"k":"\\u003ca\\u0026b\\u003e"}'),
        (["é"], '["é"]'),
    ],
)
def test_values_are_written_as_go_writes_them(value: object, text: str) -> None:
    assert text_of(value) == text


def test_null_has_no_text() -> None:
    with pytest.raises(ValueError):
        text_of(None)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_never_has_an_exponent_and_reads_back(number: float) -> None:
    text = text_of(number)
    assert "e" not in text.lower()
    assert value_of(text, "NUMBER_DOUBLE") == number


@given(PLAIN)
def test_json_reads_back(value: object) -> None:
    assert json.loads(json_text(value)) == value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (" 7\n", "NUMBER_INTEGER", 7),
        ("-7", "NUMBER_INTEGER", -7),
        ("1.5\n", "NUMBER_DOUBLE", 1.5),
        ("True", "BOOLEAN", True),
        ("f", "BOOLEAN", False),
        (" a\n", "STRING", " a\n"),
        ("[1]", "LIST", [1]),
        ('{"a": 1}', "STRUCT", {"a": 1}),
    ],
)
def test_files_of_output_parameters_are_read_by_type(text: str, kind: str, value: object) -> None:
    read = value_of(text, kind)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("7.0", "NUMBER_INTEGER"),
        ("seven", "NUMBER_INTEGER"),
        ("1_0", "NUMBER_DOUBLE"),
        ("nan", "NUMBER_DOUBLE"),
        ("inf", "NUMBER_DOUBLE"),
        ("yes", "BOOLEAN"),
        ("tRUE", "BOOLEAN"),
        ("{}", "LIST"),
        ("[]", "STRUCT"),
        ("{'a': 1}", "STRUCT"),
        ("x", "TASK_FINAL_STATUS"),
    ],
)
def test_a_text_that_is_no_such_value_is_refused(text: str, kind: str) -> None:
    with pytest.raises(ValueError):
        value_of(text, kind)


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', '{"a": 1, "a": 2}', "{", ""])
def test_json_that_go_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        strict_json(text)
