"""Commented YAML says what it was given, whatever names and values that is."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from onboarding.commented_yaml import WIDTH, Entry, Remark, flow, write_yaml

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(_TEXTS, st.tuples(_VALUES, _TEXTS), max_size=6))
def test_any_key_value_and_comment_is_read_back(document: dict[str, tuple[Any, str]]) -> None:
    lines = [Entry(key, value, why) for key, (value, why) in document.items()]

    below = write_yaml([Entry("top", below=(Remark("said\nof all"), *lines))])

    read = yaml.safe_load(below)["top"]
    assert (read or {}) == {key: value for key, (value, _) in document.items()}


@given(_TEXTS)
def test_a_remark_is_never_read_as_a_value(text: str) -> None:
    assert yaml.safe_load(write_yaml([Remark(text), Entry("a", 1)])) == {"a": 1}


def test_words_that_yaml_takes_for_something_else_are_quoted() -> None:
    names = ["yes", "no", "on", "null", "~", "1e3", "0x1F", "2020-01-01", "a: b", "- x", "#x", ""]

    assert yaml.safe_load(flow({name: name for name in names})) == {name: name for name in names}


def test_comments_of_neighbouring_lines_are_aligned() -> None:
    text = write_yaml([Entry("a", 1, "first"), Entry("longer", 22, "second"), Entry("b", 3)])

    assert text == "a: 1        # first\nlonger: 22  # second\nb: 3\n"


def test_a_long_reason_stands_above_its_line_wrapped() -> None:
    text = write_yaml([Entry("a", 1, "word " * 40), Entry("b", 2, "short")])

    *above, line, last = text.splitlines()
    assert len(above) > 1
    assert all(part.startswith("# word") and len(part) <= WIDTH for part in above)
    assert (line, last) == ("a: 1", "b: 2  # short")


def test_a_long_mapping_is_folded_at_its_commas() -> None:
    value = {f"column {number}": "integer" for number in range(40)}

    text = write_yaml([Entry("data", below=(Entry("columns", value, "as found"),))])

    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert yaml.safe_load(text) == {"data": {"columns": value}}
