"""Every example of docs/extending.md runs as it stands there, all of them in one pipeline."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.command import REPOSITORY, SMALL, Finished, millrace

GUIDE = (REPOSITORY / "docs" / "extending.md").read_text()
BLOCK = re.compile(r"^```(python|yaml)\n# (\S+?)(,[^\n]*)?\n(.*?)^```$", re.M | re.S)
OWN = {"RideFilter", "PriceCheck", "Predictions"}
CONFIGURATION = "configs/taxi.yaml"


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
    (folder / "configs").mkdir()
    (folder / CONFIGURATION).write_text(yaml.safe_dump(settings, sort_keys=False))


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
        str(path.relative_to(project)) for path in project.rglob("*.py")
    }
    assert len(BLOCK.findall(GUIDE)) == GUIDE.count("```") / 2


def test_a_run_with_features_model_and_components_of_ones_own_pushes_a_model(
    project: Path, first: Finished
) -> None:
    said = results(first)
    assert set(said) >= OWN
    assert said["PriceCheck"].startswith("highest_fare ")
    assert said["Pusher"].startswith("pushed to ")
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


def test_edited_modules_run_again_and_nothing_before_them(project: Path, first: Finished) -> None:
    features = project / "own_parts" / "features.py"
    text = features.read_text()
    features.write_text(text.replace("/ 60.0", "/ 3600.0"))
    own_training = ("--set=trainer.model=null", "--set=trainer.module=own_parts.training")
    second = run(project, *own_training, "--to=Trainer")

    assert second.code == 0, second.output + second.errors
    states = second.states()
    assert {states[node] for node in ("ExampleGen", "RideFilter", "StatisticsGen")} == {"cached"}
    assert (states["Transform"], states["Trainer"]) == ("done", "done")
    assert results(second)["Trainer"].startswith("400 steps")


def test_a_component_stops_the_run_before_the_nodes_that_wait_for_it(
    project: Path, first: Finished
) -> None:
    refused = run(project, "--set=components.PriceCheck.parameters.highest=10")

    assert refused.code == 3
    assert refused.states()["PriceCheck"] == "failed"
    assert "Transform" not in refused.states()
    [end] = [event for event in refused.events if event["event"] == "run_ended"]
    assert "at most 10.00 are believed" in end["error"]["evidence"]


def test_a_failure_of_the_projects_code_is_told_by_its_line(project: Path, first: Finished) -> None:
    module = project / "own_parts" / "price_check.py"
    text = module.read_text()
    module.write_text(text.replace("found = max(", "found = 1 / 0 + max("))
    failed = run(project, "--to=PriceCheck")
    module.write_text(text)

    assert failed.code == 2
    [end] = [event for event in failed.events if event["event"] == "run_ended"]
    assert "ZeroDivisionError: division by zero" in end["error"]["headline"]
    line = 1 + next(i for i, words in enumerate(text.splitlines()) if "found = max(" in words)
    assert f"own_parts/price_check.py:{line}" in end["error"]["evidence"][0]
