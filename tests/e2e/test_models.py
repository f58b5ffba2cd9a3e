"""A real run's model in the registry, and where it came from."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.command import millrace
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
