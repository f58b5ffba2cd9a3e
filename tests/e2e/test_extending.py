"""Every example of docs/extending.md runs as it stands there, all of them in one pipeline."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.command import REPOSITORY, SMALL, Finished, millrace
from tests.traps import OURS, Traps

GUIDE = (REPOSITORY / "docs" / "extending.md").read_text()
BLOCK = re.compile(r"^```(python|yaml)\n# (\S+?)(,[^\n]*)?\n(.*?)^```$", re.M | re.S)
OWN = {"RideFilter", "PriceCheck", "Predictions"}
CONFIGURATION = "configs/taxi.yaml"
# The other kinds of components that the guide names.
KINDS = """
from typing import TypedDict

import apache_beam as beam
from tfx import v1 as tfx
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from core.columnar_examples import read_examples

Examples = tfx.types.standard_artifacts.Examples


class CounterSpec(ComponentSpec):
    PARAMETERS = {"split": ExecutionParameter(type=str)}
    INPUTS = {"examples": ChannelParameter(type=Examples)}
    OUTPUTS = {"rows": ChannelParameter(type=tfx.types.standard_artifacts.Integer)}


class CounterExecutor(BaseExecutor):
    def Do(self, inputs, outputs, properties):
        [examples], [rows] = inputs["examples"], outputs["rows"]
        rows.value = sum(b.num_rows for b in read_examples(examples.uri, properties["split"]))


class Counter(BaseComponent):
    SPEC_CLASS = CounterSpec
    EXECUTOR_SPEC = ExecutorClassSpec(CounterExecutor)

    def __init__(self, examples, split="train"):
        rows = Channel(type=tfx.types.standard_artifacts.Integer)
        super().__init__(CounterSpec(examples=examples, split=split, rows=rows))


class Counted(TypedDict):
    rows: int


@tfx.dsl.components.component(use_beam=True)
def BeamCounter(
    examples: tfx.dsl.components.InputArtifact[Examples],
    beam_pipeline: tfx.dsl.components.BeamComponentParameter[beam.Pipeline] = None,
) -> Counted:
    with beam_pipeline as pipeline:
        files = f"{examples.uri}/Split-eval/*.gz"
        records = pipeline | beam.io.ReadFromTFRecord(files)
        count = records | beam.combiners.Count.Globally()
        count | beam.io.WriteToText(f"{examples.uri}-count", shard_name_template="")
    with open(f"{examples.uri}-count") as file:
        return {"rows": int(file.read())}
"""
OF_KINDS: dict[str, Any] = {
    "Counter": {
        "component": "own_parts.kinds.Counter",
        "inputs": {"examples": "RideFilter.kept"},
        "parameters": {"split": "eval"},
        "before": "Transform",
        "cache": False,
    },
    "BeamCounter": {
        "component": "own_parts.kinds.BeamCounter",
        "inputs": {"examples": "RideFilter.kept"},
        "before": "Transform",
    },
}


def blocks(kind: str) -> list[tuple[str, str, str]]:
    """The file, what is said beside its name, and the text of each example."""
    return [
        (match[2], match[3] or "", match[4]) for match in BLOCK.finditer(GUIDE) if match[1] == kind
    ]


def merged(first: Any, second: Any) -> Any:
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second
    return {**first, **{key: merged(first.get(key), value) for key, value in second.items()}}


def make_project(folder: Path) -> None:
    """A project with the examples in it, and the bundled trips."""
    for name, _, text in blocks("python"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    settings = yaml.safe_load((REPOSITORY / CONFIGURATION).read_text())
    settings["schema_file"] = str(REPOSITORY / settings["schema_file"])
    for name, said, text in blocks("yaml"):
        assert name == CONFIGURATION
        if not said:  # else it takes another example's place
            settings = merged(settings, yaml.safe_load(text))
    (folder / "own_parts" / "kinds.py").write_text(KINDS)
    settings["components"] |= OF_KINDS
    (folder / "configs").mkdir()
    (folder / CONFIGURATION).write_text(yaml.safe_dump(settings, sort_keys=False))
    # What an own project may have of its own, and nobody asked to be run.
    Traps(folder, (*OURS, "selectors", "random", "tempfile", "click", "yaml"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    make_project(folder)
    return folder


@pytest.fixture(scope="module")
def first(project: Path) -> Finished:
    finished = run(project)
    assert finished.code == 0, finished.output + finished.errors
    return finished


def run(project: Path, *arguments: str) -> Finished:
    return millrace(project, "run", CONFIGURATION, *SMALL, "--json", *arguments)


def results(finished: Finished) -> dict[str, str]:
    return {e["node"]: e["result"] for e in finished.events if e["event"] == "node_ended"}


def test_all_examples_of_the_guide_are_run(project: Path) -> None:
    assert {name for name, _, _ in blocks("python")} == {
        str(path.relative_to(project))
        for path in project.rglob("*.py")
        if path.is_relative_to(project / "own_parts")
    } - {"own_parts/kinds.py"}
    assert len(BLOCK.findall(GUIDE)) == GUIDE.count("```") / 2


def test_a_run_with_features_model_and_components_of_ones_own_pushes_a_model(
    project: Path, first: Finished
) -> None:
    said = results(first)
    assert set(said) >= OWN
    assert said["PriceCheck"].startswith("highest_fare ")
    assert said["Pusher"].startswith("pushed to ")
    assert not list(project.glob("*.ran")), "a file beside the project's own modules was run"
    [record] = (project / ".millrace" / "artifacts" / "Trainer").rglob("training.json")
    training = json.loads(record.read_text())
    assert "dollars_a_minute" in training["dense_features"]
    assert training["own_model"] == "own_parts.network"


def test_what_replaces_the_examples_is_what_the_run_reads(first: Finished) -> None:
    rows = [
        int(re.search(r"([\d,]+) train", results(first)[node])[1].replace(",", ""))
        for node in ("ExampleGen", "RideFilter")
    ]
    assert rows[1] < rows[0]
    trained = results(first)
    assert trained["DataGate"] == "data accepted"


def test_components_with_an_executor_and_with_beam_run_as_well(first: Finished) -> None:
    said = results(first)
    kept = re.search(r"([\d,]+) eval", said["RideFilter"])
    assert kept is not None
    words = f"rows {kept[1].replace(',', '')}"
    assert (said["Counter"], said["BeamCounter"]) == (words, words)


def test_the_lineage_of_a_model_names_who_changed_the_examples(
    project: Path, first: Finished
) -> None:
    asked = millrace(project, "lineage", first.run_id, "--config", CONFIGURATION, "--json")
    assert asked.code == 0, asked.errors
    found = json.loads(asked.output)
    [changed] = found["changed_by"]
    assert changed["node"] == "RideFilter"
    assert changed["rows"]["train"] < found["data"][0]["rows"]["train"]


@pytest.fixture(scope="module")
def stopped(project: Path, first: Finished) -> Finished:
    """A second run, with other features and another training, that the check of prices stops."""
    edit(project / "own_parts" / "features.py", "/ 60.0", "/ 3600.0")
    return run(
        project,
        "--set=trainer.model=null",
        "--set=trainer.module=own_parts.training",
        "--set=components.PriceCheck.parameters.highest=10",
        "--to=Trainer",
    )


def edit(module: Path, text: str, other: str) -> None:
    before = module.read_text()
    assert text in before
    module.write_text(before.replace(text, other))


def test_a_component_stops_the_run_before_the_nodes_that_wait_for_it(stopped: Finished) -> None:
    assert stopped.code == 3
    states = stopped.states()
    assert states["PriceCheck"] == "failed"
    assert "Transform" not in states
    [end] = [event for event in stopped.events if event["event"] == "run_ended"]
    assert "at most 10.00 are believed" in end["error"]["evidence"]


@pytest.fixture(scope="module")
def resumed(project: Path, stopped: Finished) -> Finished:
    """That run, resumed after the check's code was corrected."""
    edit(project / "own_parts" / "price_check.py", "found > highest", "found > 500 * highest")
    finished = millrace(project, "resume", stopped.run_id, "--json")
    assert finished.code == 0, finished.output + finished.errors
    return finished


def test_a_resumed_run_takes_the_corrected_code(stopped: Finished, resumed: Finished) -> None:
    assert resumed.states()["PriceCheck"] == "done"
    assert "RideFilter" in stopped.states()
    assert "RideFilter" not in resumed.states(), "what has finished does not run again"


def test_edited_modules_run_again_and_nothing_before_them(
    stopped: Finished, resumed: Finished
) -> None:
    states = stopped.states() | resumed.states()
    kept = ("ExampleGen", "RideFilter", "StatisticsGen", "BeamCounter")
    assert {states[node] for node in kept} == {"cached"}
    assert states["Counter"] == "done", "never from the cache"
    assert (states["Transform"], states["Trainer"]) == ("done", "done")
    assert results(resumed)["Trainer"].startswith("400 steps")
