"""Examples made of examples keep their origin; what components return is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.example_source import reading_execution
from pipeline.extensions.outputs import note_data
from pipeline.nodes.results import describe_outputs
from tests.made_run import Recorder


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "metadata.sqlite", "run-1")


def filtered(recorder: Recorder, tmp_path: Path, **properties: Any) -> int:
    """Has a component make examples of ExampleGen's; gives its execution's id."""
    read = recorder.artifact(
        "Examples", tmp_path / "read", span=3, input_fingerprint="split:one", rows_train=9
    )
    recorder.execute("ExampleGen", outputs={"examples": read}, input_config="{}")
    made = recorder.artifact("Examples", tmp_path / "made", **properties)
    recorder.execute("Filter", inputs={"examples": read}, outputs={"kept": made})
    return max(item.id for item in recorder.store.get_executions())


def made(recorder: Recorder) -> Any:
    return max(recorder.store.get_artifacts(), key=lambda item: item.id)


def test_examples_made_of_examples_get_span_and_fingerprint(
    recorder: Recorder, tmp_path: Path
) -> None:
    note_data(recorder.store, filtered(recorder, tmp_path))
    values = made(recorder).custom_properties
    assert values["span"].int_value == 3
    assert values["input_fingerprint"].string_value == "split:one"
    assert "rows_train" not in values


def test_what_a_component_has_noted_itself_stays(recorder: Recorder, tmp_path: Path) -> None:
    note_data(recorder.store, filtered(recorder, tmp_path, span=7))
    assert made(recorder).custom_properties["span"].int_value == 7


def test_the_files_behind_examples_are_found_through_the_component(
    recorder: Recorder, tmp_path: Path
) -> None:
    filtered(recorder, tmp_path)
    found = reading_execution(recorder.store, made(recorder).id)
    assert found is not None
    assert "input_config" in found.custom_properties
    assert reading_execution(recorder.store, 99) is None


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [("Float", "2.50000001", "value 2.5"), ("Boolean", "1", "value true"), ("String", "", "")],
)
def test_a_returned_value_stands_under_its_name(
    recorder: Recorder, tmp_path: Path, kind: str, text: str, words: str
) -> None:
    (tmp_path / "value").write_text(text)
    value = recorder.artifact(kind, tmp_path / "value")
    recorder.execute("Part", outputs={"value": value})
    [execution] = recorder.store.get_executions()
    assert describe_outputs(recorder.store, "Part", execution.id).words == words


def test_a_component_may_say_it_in_its_own_words(recorder: Recorder, tmp_path: Path) -> None:
    report = recorder.artifact("Report", tmp_path / "report", words="3 doubtful rides")
    recorder.execute("Part", outputs={"report": report})
    [execution] = recorder.store.get_executions()
    assert describe_outputs(recorder.store, "Part", execution.id).words == "3 doubtful rides"
