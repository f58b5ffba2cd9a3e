"""Placeholders in commands, as KFP's launcher fills them in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from kubeflow.emulator.placeholders import expanded, filled_in, placeholders
from kubeflow.package.pipeline_spec import pipeline_spec_pb2

GIVEN = {
    "inputs": {
        "parameterValues": {"steps": 50.0, "name": "taxi", "list": [1, "a"], "on": True},
        "artifacts": {"model": {"artifacts": [{"uri": "/runs/a/model"}]}},
    },
    "outputs": {
        "artifacts": {"report": {"artifacts": [{"uri": "/runs/b/report"}]}},
        "parameters": {"n": {"outputFile": "/runs/b/n"}},
        "outputFile": "/runs/b/out.json",
    },
}


def message(document: Any = None) -> Any:
    return json_format.ParseDict(document or GIVEN, pipeline_spec_pb2().ExecutorInput())


def filled(*words: str, document: Any = None) -> list[str]:
    made = message(document)
    present = made.inputs.parameter_values
    return filled_in(["run", *words], placeholders(made), lambda name: name in present, task="t")[
        1:
    ]


@pytest.mark.parametrize(
    ("placeholder", "text"),
    [
        ("{{$.inputs.parameters['steps']}}", "50"),
        ("{{$.inputs.parameters['name']}}", "taxi"),
        ("{{$.inputs.parameters['list']}}", '[1,"a"]'),
        ("{{$.inputs.parameters['on']}}", "true"),
        ("{{$.inputs.artifacts['model'].uri}}", "/runs/a/model"),
        ("{{$.inputs.artifacts['model'].path}}", "/runs/a/model"),
        ("{{$.outputs.artifacts['report'].uri}}", "/runs/b/report"),
        ("{{$.outputs.artifacts['report'].path}}", "/runs/b/report"),
        ("{{$.outputs.parameters['n'].output_file}}", "/runs/b/n"),
    ],
)
def test_every_placeholder_of_the_launcher_is_filled_in(placeholder: str, text: str) -> None:
    assert filled(placeholder, f"--x={placeholder}/{placeholder}") == [text, f"--x={text}/{text}"]


def test_the_whole_input_is_json() -> None:
    assert json.loads(filled("{{$}}")[0]) == GIVEN
    assert '"steps":50}' in filled("{{$}}")[0]
    assert filled("a{{$}}b") == ["a" + filled("{{$}}")[0] + "b"]


def test_the_program_takes_the_whole_input_only() -> None:
    texts = placeholders(message())
    (program,) = filled_in(["p{{$}}"], texts, lambda name: True, task="t")
    assert program.startswith('p{"inputs"')
    with pytest.raises(UserError):
        filled_in(["{{$.inputs.parameters['name']}}"], texts, lambda name: True, task="t")


@pytest.mark.parametrize(
    "word",
    [
        "{{$.inputs.parameters['step']}}",
        "{{$.inputs.artifacts['model']}}",
        "{{$.outputs.output_file}}",
        "{{$.pipeline_job_uuid}}",
        "x{{$.outputs.artifacts['report'].name}}y",
    ],
)
def test_a_placeholder_that_kfp_would_pass_on_is_refused(word: str) -> None:
    with pytest.raises(UserError) as refused:
        filled(word)
    assert refused.value.code == "placeholder"
    assert "the task t" in refused.value.headline


def test_the_nearest_placeholder_is_offered() -> None:
    with pytest.raises(UserError) as refused:
        filled("{{$.inputs.parameters['step']}}")
    assert refused.value.hint == "did you mean {{$.inputs.parameters['steps']}}?"


@pytest.mark.parametrize(
    "word", ["{{name}}", "{{$", "{{$.}}", "{{$x}}", "{{ $ }}", "{{$.Values.x}}"]
)
def test_braces_of_other_languages_stay(word: str) -> None:
    assert filled(word) == [word]


def test_a_value_that_looks_like_a_placeholder_is_not_read_again() -> None:
    tricky = "{{$.outputs.artifacts['report'].path}}{{$}}"
    document = {**GIVEN, "inputs": {"parameterValues": {"name": tricky}}}
    assert filled("{{$.inputs.parameters['name']}}", document=document) == [tricky]


def test_a_placeholder_inside_braces_is_found() -> None:
    assert filled("{{{$.inputs.parameters['steps']}}}") == ["{50}"]


@given(st.lists(st.sampled_from(["steps", "name", "on"]) | st.text(alphabet="ab{}. '"), max_size=8))
def test_text_between_placeholders_is_kept(parts: list[str]) -> None:
    texts = {"steps": "50", "name": "taxi", "on": "true"}
    separator = "|"
    word = separator.join(
        f"{{{{$.inputs.parameters['{part}']}}}}" if part in texts else part for part in parts
    )
    expected = separator.join(texts.get(part, part) for part in parts)
    assert filled(word) == [expected]


@given(st.text())
def test_any_value_arrives_as_it_is(value: str) -> None:
    document = {"inputs": {"parameterValues": {"v": value}}}
    assert filled("{{$.inputs.parameters['v']}}", document=document) == [value]


@pytest.mark.parametrize(
    ("word", "words"),
    [
        (
            '{"IfPresent": {"InputName": "name", '
            '"Then": ["-n", "{{$.inputs.parameters[\'name\']}}"]}}',
            ["-n", "taxi"],
        ),
        ('{"IfPresent":{"InputName":"none","Then":["-n"],"Else":"-x"}}', ["-x"]),
        ('{"IfPresent":{"InputName":"none","Then":["-n"]}}', []),
    ],
)
def test_words_for_an_input_that_may_be_missing(word: str, words: list[str]) -> None:
    assert filled(word) == words


def test_a_condition_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(UserError, match="condition that cannot be read"):
        filled('{"IfPresent":')


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("$(A)", "1"),
        ("x$(A)$(B)y", "x12y"),
        ("$(C)", "$(C)"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("^a$|$A", "^a$|$A"),
        ("a$$b", "a$b"),
        ("$(A", "$(A"),
    ],
)
def test_variables_are_expanded_as_kubernetes_does(text: str, result: str) -> None:
    assert expanded(text, {"A": "1", "B": "2"}) == result
