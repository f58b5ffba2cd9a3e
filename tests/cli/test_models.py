"""`millrace models`: what people and programs are told of the registry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import millrace
from core.errors import ModelError, UserError
from registry.moves_record import Move, registry_row, write_moves
from tests.registry.made_models import Place


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """1.0.0 and a better 1.1.0, and a model that was refused."""
    place = Place(tmp_path_factory.mktemp("models") / ".millrace")
    place.run("first-run")
    place.models()
    place.run("second-run", auc=0.95, span=4)
    place.run("third-run", blessed=False)
    return place


def said(place: Place, *words: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(
        millrace, ["models", *words, "--root", str(place.root)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def told(place: Place, *words: str) -> Any:
    """The document that a command prints."""
    return json.loads(said(place, *words, "--json"))


def test_the_list_says_which_version_serves_and_what_was_refused(made: Place) -> None:
    lines = said(made, "list").splitlines()

    assert ["candidate" in line for line in lines] == [False, True, False, False]
    assert "third-run" in lines[1]
    assert "not blessed by the evaluation" in lines[1]
    assert lines[2].split()[:2] == ["1.1.0", "champion"]
    assert "span 4, version 1, 600 train, 300 eval rows" in lines[2]
    assert lines[3].split()[:2] == ["1.0.0", "previous"]


def test_the_document_of_the_list_has_everything(made: Place) -> None:
    document = told(made, "list")

    assert document["aliases"] == {
        "champion": "1.1.0",
        "previous": "1.0.0",
        "candidate": "third-run",
    }
    second = document["versions"][1]
    assert second["facts"]["libraries"]["tensorflow"] == "2.16.2"
    assert second["reasons"][0].startswith("auc 0.9500 is better")
    assert Path(second["stored_at"], "saved_model.pb").is_file()
    assert [one["refused_by"] for one in document["refused"]] == ["ModelBlessing"]


@pytest.mark.parametrize("name", ["champion", "1.1.0", "second"])
def test_a_version_is_shown_by_alias_version_and_run(made: Place, name: str) -> None:
    text = said(made, "show", name)

    assert text.splitlines()[0].split() == ["1.1.0", "of", "taxi", "champion"]
    for fact in ("second-run", "by ada", "span 4", "0123abc", "tensorflow 2.16.2", "auc"):
        assert fact in text, fact


def test_a_refused_model_is_shown_with_the_reason(made: Place) -> None:
    assert "not blessed by the evaluation" in said(made, "show", "candidate")
    assert told(made, "show", "third-run")["status"] == "refused"


def test_versions_are_compared_with_the_differences_marked(made: Place) -> None:
    lines = said(made, "compare", "1.0.0", "1.1.0").splitlines()
    marked = [line.split()[0] for line in lines if line.rstrip().endswith("differs")]
    assert {"run", "data", "auc"} <= set(marked)
    assert not {"label", "commit", "libraries"} & set(marked)

    facts = {fact["name"]: fact for fact in told(made, "compare", "1.0.0")["facts"]}
    assert facts["auc"]["values"] == pytest.approx([0.9, 0.95])
    with pytest.raises(UserError, match="compared with itself"):
        said(made, "compare", "champion")


def test_an_unknown_version_is_answered_with_the_nearest(made: Place) -> None:
    with pytest.raises(UserError, match="no model champin of taxi") as caught:
        said(made, "show", "champin")
    assert caught.value.hint == "did you mean champion?"
    with pytest.raises(UserError, match="no models of a pipeline taxis"):
        said(made, "list", "--pipeline", "taxis")


def test_no_store_and_a_store_without_models_are_no_surprise(tmp_path: Path) -> None:
    place = Place(tmp_path / ".millrace")
    with pytest.raises(UserError, match="no metadata store"):
        said(place, "list")
    place.root.mkdir()
    place.open()
    assert said(place, "list").startswith("No models in ")
    with pytest.raises(UserError, match="there is no model champion"):
        said(place, "show")


def test_a_rollback_and_a_promotion_from_the_command_line(tmp_path: Path) -> None:
    place = Place(tmp_path / ".millrace")
    for auc in (0.90, 0.91, 0.92):
        place.run(auc=auc)
        place.models()

    text = said(place, "rollback", "--to", "1.0.0", "--because", "span 3 is broken", "--by", "ada")
    assert text.startswith("1.0.0 (run run-1) is the champion, as number ")
    assert "Withdrawn: 1.1.0, 1.2.0." in text
    listed = said(place, "list").splitlines()
    assert ["withdrawn" in line for line in listed] == [False, True, True, False]
    assert "span 3 is broken" in listed[1]

    done = told(place, "promote", "1.2.0", "--by", "grace")
    assert (done["action"], done["version"], done["before"]) == ("promote", "1.2.0", "1.0.0")
    assert told(place, "list")["aliases"] == {"champion": "1.2.0", "previous": "1.0.0"}

    shutil.rmtree(told(place, "show")["pushes"][-1]["destination"])
    assert "champion, gone" in said(place, "list")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--before", "yesterday"), "--before yesterday is not a time"),
        (("--before", "2020-01-01T00:00:00Z"), "no version of taxi served before 2020"),
        (("--before", "2020-01-01", "--to", "1.0.0"), "cannot both be said"),
        (("--to", "1.1.0"), "is the champion already"),
    ],
)
def test_a_rollback_that_means_nothing_is_refused(
    made: Place, words: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        said(made, "rollback", *words)


def test_a_refused_model_serves_only_by_force(tmp_path: Path) -> None:
    place = Place(tmp_path / ".millrace")
    place.run()
    place.run("bad-run", blessed=False)
    for words in (("promote", "bad-run"), ("rollback", "--to", "bad-run")):
        with pytest.raises(ModelError, match="the model of run bad-run was never blessed"):
            said(place, *words)

    said(place, "promote", "candidate", "--force", "--by", "ada")

    assert "never blessed; ada asked for it" in said(place, "show", "champion")


def test_an_interrupted_rollback_is_named_with_the_next_step(tmp_path: Path) -> None:
    place = Place(tmp_path / ".millrace")
    place.run()
    place.run(auc=0.95)
    place.models()
    store = place.open()
    row = registry_row(store, "taxi")
    killed = Move("rollback", "1.0.0", "", "2026-01-01T00:00:00+00:00", "ada", process=2**22 + 1)
    write_moves(row, killed, ())
    store.put_artifacts([row])

    assert "finish it with `millrace models rollback --to 1.0.0`" in said(place, "list")
    assert told(place, "list")["under_way"]["who"] == "ada"
