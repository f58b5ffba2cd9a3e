"""A real run's model in the registry, and where it came from."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.command import SMALL, TAXI, millrace, started
from tests.e2e.conftest import Workplace


def test_the_first_model_is_1_0_0_with_all_that_is_known_of_it(workplace: Workplace) -> None:
    listed = millrace(workplace.folder, "models", "list", "--json")

    assert listed.code == 0, listed.errors
    first = json.loads(listed.output)["versions"][0]
    facts = first["facts"]
    assert first["version"] == "1.0.0"
    assert facts["run_id"] == workplace.first.run_id
    assert facts["columns"]["trip_miles"] == "FLOAT"
    assert "tips" in facts["label"]
    assert facts["metrics"]["auc"] > 0.5
    assert facts["libraries"]["tensorflow"].startswith("2.16")
    assert facts["code"]
    assert facts["configuration"]
    assert sum(facts["data"][0]["rows"].values()) == 3000
    [push] = first["pushes"]
    assert Path(push["destination"], "saved_model.pb").is_file()
    assert push["who"]
    assert Path(first["stored_at"], "saved_model.pb").is_file()


def test_the_run_says_which_version_it_pushed(workplace: Workplace) -> None:
    [ended] = [
        event
        for event in workplace.first.events
        if event["event"] == "node_ended" and event["node"] == "Pusher"
    ]
    assert ended["result"].endswith("version 1.0.0"), ended


def test_of_runs_that_overlap_the_later_one_is_evaluated_again_before_it_is_pushed(
    tmp_path: Path,
) -> None:
    runs = [
        started(tmp_path, "run", TAXI, *SMALL, f"--set=trainer.train_steps={steps}", "--json")
        for steps in (150, 160)
    ]

    ended = [run.finish() for run in runs]

    for run in ended:
        assert run.code in (0, 4), run.output + run.errors
    events = [event for run in ended for event in run.events]
    [refused] = [event for event in events if event.get("error", {}).get("code")]
    assert refused["error"]["code"] == "champion-changed"
    assert refused["error"]["hint"].startswith("`millrace resume")
    models = json.loads(millrace(tmp_path, "models", "list", "--json").output)
    first, *later = models["versions"]
    assert first["facts"]["compared_with"] is None
    assert [version["facts"]["compared_with"] for version in later] == [first["model"]] * len(later)
    assert "1.0.0 became the champion" in models["refused"][0]["refused_by"]
    again = next(run for run in ended if any("error" in event for event in run.events))
    assert set(again.states()) >= {"Evaluator", "Pusher"}
    assert len([e for e in again.events if e["event"] == "run_started"]) == 2
    trained = [e for e in again.events if e["event"] == "node_started" and e["node"] == "Trainer"]
    assert len(trained) == 1, "only what waits for the baseline was done again"
