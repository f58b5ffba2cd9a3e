"""Runs that overlap: whoever pushes has been compared with the champion of that moment."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import millrace
from components.pusher import local_push
from core.errors import ModelError, UserError
from registry import moves
from registry.moves_record import Move
from registry.overtaken import CODE
from registry.turns import NotNowError, turn
from tests.registry.made_models import Place

_FORK = multiprocessing.get_context("fork")
_PUSHED, _REFUSED = 0, 4
STAGES = ["turn", "pushed", "recorded"]


def _push(place: Place, run_id: str, until: str = "") -> None:
    try:
        place.push(run_id, until)
    except ModelError as error:
        os._exit(_REFUSED if error.code == CODE else 1)
    os._exit(_PUSHED)


def push_at_once(place: Place, runs: Sequence[str]) -> dict[str, int]:
    """Pushes from a process each; the exit codes by run."""
    started = [(run, _FORK.Process(target=_push, args=(place, run))) for run in runs]
    for _, process in started:
        process.start()
    for _, process in started:
        process.join()
    return {run: int(process.exitcode or 0) for run, process in started}


def killed_at(place: Place, run_id: str, stage: str) -> None:
    process = _FORK.Process(target=_push, args=(place, run_id, stage))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def champion(place: Place) -> str:
    """The run that trained the champion."""
    found = place.models().champion
    assert found is not None
    return found.facts.run_id


def served(place: Place) -> str:
    newest = local_push.versions(place.serving)[-1]
    return (place.serving / str(newest) / "saved_model.pb").read_text()


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("first", [True, False], ids=["no champion", "a champion"])
def test_of_runs_that_looked_at_the_same_champion_one_is_pushed(
    place: Place, count: int, first: bool
) -> None:
    if not first:
        place.run()
    runs = [place.run(push=False) for _ in range(count)]

    codes = push_at_once(place, runs)

    [winner] = [run for run, code in codes.items() if code == _PUSHED]
    assert sorted(codes.values()) == [_PUSHED, *[_REFUSED] * (count - 1)]
    assert champion(place) == winner
    assert served(place) == f"weights of {winner}"
    assert len(place.models().versions) == (1 if first else 2)
    assert {one.run_id for one in place.models().refused} == set(runs) - {winner}


def test_a_run_that_was_evaluated_again_is_pushed(place: Place) -> None:
    early, late = place.run(push=False), place.run(push=False)
    place.push(early)
    with pytest.raises(ModelError) as caught:
        place.push(late)
    assert caught.value.hint.startswith(f"`millrace resume {late}` evaluates it against 1.0.0")
    assert "there was none" in caught.value.evidence[0]

    again = place.run(push=False)
    place.push(again)

    assert champion(place) == again


@pytest.mark.parametrize("how", [moves.promote, moves.rollback])
@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_a_move_by_a_person_in_between_counts_too(place: Place, how: Any, version: str) -> None:
    for auc in (0.90, 0.91, 0.92):
        place.run(auc=auc)
        place.models()
    run = place.run(push=False)
    models = place.models()
    how(place.open(), models, models.find_version(version), moves.Asked("ada"))

    with pytest.raises(ModelError, match=f"{version} became the champion") as caught:
        place.push(run)

    assert "against 1.2.0" in caught.value.evidence[0]
    now = place.models().champion
    assert now is not None
    assert str(now.version) == version


def test_a_champion_that_was_never_blessed_stands_in_nobodys_way(place: Place) -> None:
    from registry.unblessed import version_of_refused

    refused = place.run(blessed=False)
    run = place.run(push=False)
    store, forced = place.open(), moves.Asked("ada", "the metric is wrong", force=True)
    place.run()
    target = version_of_refused(store, place.models(), place.models().find(refused), forced)
    moves.promote(store, place.models(), target, forced)

    place.push(run)

    assert champion(place) == run


@pytest.mark.parametrize("stage", STAGES)
def test_a_pusher_that_is_killed_does_not_block_the_others(place: Place, stage: str) -> None:
    place.run()
    killed, other = place.run(push=False), place.run(push=False)
    killed_at(place, killed, stage)

    codes = push_at_once(place, [other])

    # What the registry knows of decides; of a push that was recorded it does.
    refused = stage == "recorded"
    assert codes == {other: _REFUSED if refused else _PUSHED}
    assert champion(place) == (killed if refused else other)
    assert served(place) == f"weights of {champion(place)}"


@pytest.mark.parametrize("stage", STAGES[:2])
def test_a_killed_push_that_is_tried_again_is_one_push(place: Place, stage: str) -> None:
    run = place.run(push=False)
    killed_at(place, run, stage)

    place.push(run)

    assert len(local_push.versions(place.serving)) == 1
    assert champion(place) == run


def test_nobody_promotes_while_a_push_goes_on(place: Place) -> None:
    for auc in (0.90, 0.91):
        place.run(auc=auc)
    models = place.models()
    pushing = Move("push", "run-3", "", moves.utc_now(), "grace")
    with turn(place.open(), "taxi", pushing):
        with pytest.raises(UserError, match="another push is under way"):
            moves.promote(place.open(), models, models.versions[0], moves.Asked("ada"))
        with pytest.raises(NotNowError), turn(place.open(), "taxi", pushing):
            pass
        with turn(place.open(), "trips", pushing):
            pass  # another pipeline's

    moves.promote(place.open(), models, models.versions[0], moves.Asked("ada"))


def test_nobody_promotes_what_was_chosen_before_a_push(place: Place) -> None:
    for auc in (0.90, 0.91):
        place.run(auc=auc)
    seen = place.models()
    place.push(place.run(push=False))

    with pytest.raises(UserError, match=r"1\.\d\.\d became the champion at this moment"):
        moves.promote(place.open(), seen, seen.versions[0], moves.Asked("ada"))


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({}, False),
        ({"born": 1}, True),
        ({"process": 2**22 + 1}, True),
        ({"place": "another boot/pid:[1]"}, False),
        ({"place": "another boot/pid:[1]", "when": "2026-01-01T00:00:00+00:00"}, True),
    ],
    ids=["alive", "its number given again", "ended", "elsewhere", "elsewhere, long ago"],
)
def test_whether_a_holder_is_gone(changes: dict[str, Any], gone: bool) -> None:
    move = dataclasses.replace(Move("push", "run-1", "", moves.utc_now(), "ada"), **changes)

    assert move.is_gone() == gone


def test_the_list_of_models_says_why_one_was_refused(place: Place) -> None:
    early, late = place.run(push=False), place.run(push=False)
    push_at_once(place, [early])
    push_at_once(place, [late])

    listed = CliRunner().invoke(
        millrace, ["models", "list", "--root", str(place.root)], catch_exceptions=False
    )

    assert late in listed.output
    assert "1.0.0 became the champion during the run" in " ".join(listed.output.split())
