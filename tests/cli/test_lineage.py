"""`millrace lineage`: the questions about a model and its data, answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import millrace
from core.errors import UserError
from registry import moves
from tests.registry.made_models import Place


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """1.0.0 on span 3, 1.1.0 on the bad span 4, rolled back; then a refused one on span 4."""
    place = Place(tmp_path_factory.mktemp("lineage") / ".millrace")
    place.run("first-run")
    place.models()
    place.run("second-run", auc=0.95, span=4)
    models = place.models()
    asked = moves.Asked("grace", "span 4 was broken")
    moves.rollback(place.open(), models, models.versions[0], asked)
    place.run("third-run", blessed=False, span=4, baseline=0.9)
    return place


def said(place: Place, *words: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(
        millrace, ["lineage", *words, "--root", str(place.root)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def told(place: Place, name: str) -> Any:
    """The document that the command prints."""
    return json.loads(said(place, name, "--json"))


def test_a_version_answers_every_question(made: Place) -> None:
    found = told(made, "1.1.0")

    [data] = found["data"]
    assert (data["span"], data["version"], data["fingerprint"]) == (4, 1, "files:4")
    assert data["files"] == "/data/taxi/span-4/*.csv"
    assert data["rows"] == {"train": 600, "eval": 300}
    assert found["hyperparameters"] == {"learning_rate": 0.01}
    assert found["created_by_run"] == found["trained_by_run"] == "second-run"
    assert found["libraries"] == {"tensorflow": "2.16.2", "tfx": "1.16.0"}
    assert (found["commit"], found["trained_by"]) == ("0123abc", "ada")
    [push] = found["pushes"]
    assert (push["who"], Path(push["destination"]).parent) == ("pusher", made.serving)
    assert found["withdrawn"]["why"] == "span 4 was broken"


def test_the_words_say_the_same(made: Place) -> None:
    text = said(made, "1.1.0")
    for fact in (
        "1.1.0 of taxi",
        "span 4, version 1, 600 train rows, 300 eval rows",
        "learning_rate = 0.01",
        "run second-run",
        "tensorflow 2.16.2",
        "by pusher to",
        "by grace: span 4 was broken",
        "1.1.0 (withdrawn) in run second-run; the model of run third-run (not blessed",
    ):
        assert fact in text, fact


def test_a_rolled_back_version_was_pushed_twice(made: Place) -> None:
    pushes = told(made, "champion")["pushes"]
    assert [push["why"] for push in pushes] == ["run first-run", "span 4 was broken"]
    assert [push["who"] for push in pushes] == ["pusher", "grace"]


@pytest.mark.parametrize("name", ["third-run", "third", "candidate"])
def test_a_run_whose_model_was_refused_says_when_and_why(made: Place, name: str) -> None:
    found = told(made, name)
    assert found["pushes"] == []
    assert found["refused"]["why"] == "not blessed by the evaluation"
    assert found["refused"]["when"]
    assert found["trained_by_run"] == "third-run"


@pytest.mark.parametrize("name", ["span:4", "/data/taxi/span-4", "/data/taxi/span-4/trips.csv"])
def test_data_say_which_models_were_trained_on_them(made: Place, name: str) -> None:
    [data] = told(made, name)["data"]
    assert data["span"] == 4
    assert [(one["run"], one["version"]) for one in data["models"]] == [
        ("second-run", "1.1.0"),
        ("third-run", None),
    ]
    assert [one["withdrawn"] for one in data["models"]] == ["span 4 was broken", None]


def test_a_folder_above_the_data_means_all_of_them(made: Place) -> None:
    assert [one["data"][0]["span"] for one in told(made, "/data/taxi")] == [3, 4]


def test_a_model_that_was_only_compared_with_is_no_ancestor(made: Place) -> None:
    assert [data["span"] for data in told(made, "third-run")["data"]] == [4]


@pytest.mark.parametrize("place_of", ["stored", "served", "artifact"])
def test_a_path_means_what_lies_there(made: Place, place_of: str) -> None:
    version = made.models().versions[1]
    folder = {
        "stored": version.uri,
        "served": version.pushes[0].destination,
        "artifact": str(made.root / "artifacts" / "second-run" / "model"),
    }[place_of]
    found = told(made, f"{folder}/saved_model.pb")
    assert found["version"] == "1.1.0"
    assert found["trained_by_run"] == "second-run"


def test_what_is_not_recorded_is_answered_with_the_nearest(made: Place) -> None:
    with pytest.raises(UserError, match="nothing is recorded of champin") as caught:
        said(made, "champin")
    assert caught.value.hint == "did you mean champion?"
    with pytest.raises(UserError, match="nothing is recorded of previous") as caught:
        said(made, "previous")  # the only other version was withdrawn
    assert "previous" not in caught.value.hint
    with pytest.raises(UserError, match="nothing is recorded of span:9"):
        said(made, "span:9")
    for path in ("/nowhere", "/data/taxi/span-4/notes.txt", "/data/taxi/span-5/trips.csv"):
        with pytest.raises(UserError, match=f"nothing is recorded of {path}"):
            said(made, path)
