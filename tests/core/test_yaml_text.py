"""YAML that would take all memory, end the process or hide a wrong value is refused."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from core.yaml_text import read_documents, read_yaml

Read = Callable[[str], Any]


@pytest.fixture(params=[read_yaml, read_documents])
def read(request: pytest.FixtureRequest) -> Read:
    """Each way to read it."""
    found: Read = request.param
    return found


def _laughs(first: str, following: str) -> str:
    """Twelve levels, each of which names the one before ten times."""
    lines = [f"a0: &a0 {first}"]
    for level in range(1, 12):
        many = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} " + following.replace("MANY", many))
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 30_000, "[" * 5_000 + "]" * 5_000, "- " * 30_000 + "x", "? " * 30_000],
    ids=["unclosed lists", "lists", "dashes", "keys"],
)
def test_deep_nesting_is_refused(text: str, read: Read) -> None:
    with pytest.raises(yaml.YAMLError, match="nested more than 100 deep"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        _laughs("[ha, ha, ha]", "[MANY]"),
        _laughs("{k: 1}", "{<<: [MANY]}"),
        _laughs("x", "{? [MANY] : 1}"),
    ],
    ids=["lists", "merges", "keys"],
)
def test_aliases_that_multiply_are_refused(text: str, read: Read) -> None:
    with pytest.raises(yaml.YAMLError, match="aliases written out it is more than 200,000"):
        read(text)


@pytest.mark.parametrize("text", ["&a [*a]", "a: &a {b: *a}", "&a {<<: *a}"])
def test_a_value_within_itself_is_refused(text: str, read: Read) -> None:
    with pytest.raises(yaml.YAMLError, match="holds itself"):
        read(text)


@pytest.mark.parametrize(
    "value", ["!!int x", "!!bool x", "!!timestamp x", '!!float ""', "2024-02-31", "9" * 5_000]
)
def test_a_value_that_is_not_of_its_type_is_refused_with_its_place(value: str, read: Read) -> None:
    with pytest.raises(yaml.YAMLError, match="not of the type") as caught:
        read(f"a: 1\nb:\n  - {value}\n")

    mark = getattr(caught.value, "problem_mark", None)
    assert mark is not None
    assert mark.line == 2


@pytest.mark.parametrize("text", ["!!python/name:os.system", "!!python/object/apply:os.getcwd []"])
def test_python_objects_are_refused(text: str, read: Read) -> None:
    with pytest.raises(yaml.YAMLError, match="could not determine a constructor"):
        read(text)


def test_what_is_in_bounds_is_what_pyyaml_reads() -> None:
    text = "base: &b {x: 1, y: [2.5, null]}\nother: {<<: *b, y: 'é'}\nday: 2024-02-29\n"

    assert read_yaml(text) == yaml.safe_load(text)
    assert read_yaml(text)["day"] == datetime.date(2024, 2, 29)
    assert read_documents("") == []
    assert read_documents("a: 1\n---\n[2]\n---\n") == [{"a": 1}, [2]]
