"""Fields are found where they stand, in every layout that protobuf text allows."""

from __future__ import annotations

import pytest

from core.errors import InternalError
from schema.text_tree import parse_tree


def test_fields_and_values_are_found_through_comments_and_strings() -> None:
    text = '# a: {\nname: "x } # y" # "z\nfeature <\n kind: -  3,\n> other { }; s: "a"\n  \'b\''
    tree = parse_tree(text)

    [feature] = tree.named("feature")
    assert [field.name for field in tree.fields or ()] == ["name", "feature", "other", "s"]
    assert text[slice(*tree.named("name")[0].value)] == '"x } # y"'
    assert text[feature.start : feature.end] == "feature <\n kind: -  3,\n>"
    assert text[slice(*feature.named("kind")[0].value)] == "-  3"
    assert text[slice(*tree.named("s")[0].value)] == "\"a\"\n  'b'"


def test_a_list_of_messages_is_its_elements_and_a_list_of_scalars_is_whole() -> None:
    text = 'feature: [{ name: "a" }, { name: "b" }] value: ["x", "y"]'
    tree = parse_tree(text)

    assert [text[f.start : f.end] for f in tree.named("feature")] == [
        '{ name: "a" }',
        '{ name: "b" }',
    ]
    assert text[tree.named("feature")[1].outer_end :].startswith(" value")
    assert [text[slice(*f.value)] for f in tree.named("value")] == ['["x", "y"]']


@pytest.mark.parametrize("text", ["a {", 'a: "x', "a: [1", "a {{}", "[x"])
def test_what_is_no_protobuf_text_is_refused(text: str) -> None:
    with pytest.raises(InternalError):
        parse_tree(text)
