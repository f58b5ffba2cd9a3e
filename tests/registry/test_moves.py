"""Promotions and rollbacks: what servers see, what is recorded, who wins."""

from __future__ import annotations

import datetime
import errno
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components.pusher import layout, local_push
from core.errors import InfrastructureError, MillraceError, ModelError, UserError
from registry import moves
from registry.model_version import ModelVersion
from registry.moves_record import Move, registry_row, under_way, write_moves
from registry.moves_record import moves as recorded_moves
from tests.components.pusher.conftest import Reader
from tests.registry.made_models import Place

ASKED = moves.Asked("ada", "span 5 was broken")


def three_models(place: Place) -> None:
    """Versions 1.0.0, 1.1.0 and 1.2.0."""
    for auc in (0.90, 0.91, 0.92):
        place.run(auc=auc)
        place.models()


def move(place: Place, how: Any, name: str, asked: moves.Asked = ASKED) -> Move:
    models = place.models()
    moved: Move = how(place.open(), models, models.find_version(name), asked)
    return moved


def target(place: Place, **how: Any) -> str:
    """The version that a rollback would restore."""
    found = moves.rollback_target(place.models(), **how)
    assert isinstance(found, ModelVersion)
    return str(found.version)


def served(place: Place) -> str:
    """What the newest version in the serving folder holds."""
    newest = local_push.versions(place.serving)[-1]
    return (place.serving / str(newest) / "saved_model.pb").read_text()


def test_a_rollback_serves_the_old_model_under_a_new_number_and_withdraws_the_later_ones(
    place: Place,
) -> None:
    three_models(place)
    before = local_push.versions(place.serving)
    with Reader(place.serving) as reader:
        done = move(place, moves.rollback, "1.0.0")

    assert reader.broken == []
    assert served(place) == "weights of run-1"
    assert local_push.versions(place.serving) == [*before, done.number]
    models = place.models()
    assert models.aliases == {"champion": "1.0.0"}
    assert [version.status for version in models.versions] == [
        "available",
        "withdrawn",
        "withdrawn",
    ]
    mark = models.versions[1].withdrawn
    assert mark is not None
    assert (mark.who, mark.why) == ("ada", "span 5 was broken")
    assert done.withdrawn == ("1.1.0", "1.2.0")
    assert recorded_moves(place.open(), "taxi") == (done,)


def test_a_rollback_without_a_word_goes_to_the_predecessor(place: Place) -> None:
    three_models(place)
    assert target(place) == "1.1.0"
    move(place, moves.rollback, "1.1.0")
    assert target(place) == "1.0.0"
    move(place, moves.rollback, "1.0.0")
    with pytest.raises(UserError, match="no version of taxi to roll back to"):
        moves.rollback_target(place.models())


def test_a_rollback_before_a_time_takes_what_served_then(place: Place) -> None:
    three_models(place)
    models = place.models()
    when = datetime.datetime.fromisoformat(models.versions[1].pushes[0].when)
    assert target(place, before=when) == "1.0.0"
    assert target(place, before=when + datetime.timedelta(days=1)) == "1.2.0"
    with pytest.raises(UserError, match="served before") as caught:
        moves.rollback_target(models, before=when - datetime.timedelta(days=1))
    assert models.versions[0].pushes[0].when in caught.value.evidence[0]


def test_a_promoted_version_is_no_longer_withdrawn_and_withdraws_nothing(place: Place) -> None:
    three_models(place)
    move(place, moves.rollback, "1.0.0")
    move(place, moves.promote, "1.2.0")

    models = place.models()
    assert served(place) == "weights of run-3"
    assert models.aliases == {"champion": "1.2.0", "previous": "1.0.0"}
    assert [version.status for version in models.versions] == [
        "available",
        "withdrawn",
        "available",
    ]


def test_a_model_after_a_rollback_gets_a_version_that_was_never_given(place: Place) -> None:
    three_models(place)
    move(place, moves.rollback, "1.0.0")
    place.run(auc=0.95)
    assert place.models().aliases == {"champion": "1.3.0", "previous": "1.0.0"}


def test_of_promotions_at_once_one_wins_and_the_others_are_told(place: Place) -> None:
    three_models(place)
    seen = place.models()
    stores = [place.open() for _ in range(4)]

    def promote(index: int) -> Move | MillraceError:
        target = seen.versions[index % 2]
        try:
            return moves.promote(stores[index], seen, target, moves.Asked(f"person {index}"))
        except UserError as error:
            return error

    with ThreadPoolExecutor(4) as pool, Reader(place.serving) as reader:
        ended = list(pool.map(promote, range(4)))

    [winner] = [one for one in ended if isinstance(one, Move)]
    losers = [one.code for one in ended if isinstance(one, MillraceError)]
    assert losers == ["models-changed"] * 3
    assert reader.broken == []
    champion = place.models().champion
    assert champion is not None
    assert str(champion.version) == winner.version
    assert served(place) == f"weights of {champion.facts.run_id}"
    assert recorded_moves(place.open(), "taxi") == (winner,)


def test_what_is_the_champion_already_is_not_promoted(place: Place) -> None:
    three_models(place)
    with pytest.raises(UserError, match=r"1\.2\.0 is the champion already"):
        move(place, moves.promote, "champion")


def test_a_champion_whose_folder_was_removed_is_pushed_again(place: Place) -> None:
    three_models(place)
    champion = place.models().champion
    assert champion is not None
    shutil.rmtree(champion.pushes[-1].destination)

    done = move(place, moves.promote, "champion")

    assert done.number >= champion.number, "numbers are seconds"
    assert served(place) == "weights of run-3"
    assert place.models().aliases == {"champion": "1.2.0", "previous": "1.1.0"}


def test_a_full_disk_changes_nothing_and_the_next_try_succeeds(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_models(place)
    before = sorted(path.name for path in place.serving.iterdir())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(shutil, "copyfile", full)
        with pytest.raises(InfrastructureError, match="could not be pushed again"):
            move(place, moves.rollback, "1.0.0")
    assert sorted(path.name for path in place.serving.iterdir()) == before
    assert place.models().aliases == {"champion": "1.2.0", "previous": "1.1.0"}

    move(place, moves.rollback, "1.0.0")
    assert served(place) == "weights of run-1"


def test_a_rollback_that_was_killed_after_its_push_is_finished_by_the_next_one(
    place: Place,
) -> None:
    three_models(place)
    store, models = place.open(), place.models()
    killed = Move(
        "rollback", "1.0.0", "1.2.0", moves.utc_now(), "ada", "bad data", process=2**22 + 1
    )
    row = registry_row(store, "taxi")
    write_moves(row, killed, ())
    store.put_artifacts([row])
    number = local_push.push(Path(models.versions[0].uri), place.serving, killed.token)

    done = move(place, moves.rollback, "1.0.0", moves.Asked("grace"))

    assert (done.number, done.who, done.why) == (number, "ada", "bad data")
    assert local_push.versions(place.serving)[-1] == number
    assert under_way(registry_row(place.open(), "taxi")) is None
    assert place.models().aliases == {"champion": "1.0.0"}


def test_a_model_whose_files_are_gone_or_changed_is_refused(place: Place) -> None:
    three_models(place)
    first, second, _ = place.models().versions
    for folder in (Path(first.uri), Path(first.pushes[0].destination)):
        shutil.rmtree(folder)
    # The Trainer's own copy is still there.
    assert served(place) == "weights of run-3"
    shutil.rmtree(Path(first.uri).parent / "model")
    with pytest.raises(InfrastructureError, match=r"the model of 1\.0\.0 is gone"):
        move(place, moves.rollback, "1.0.0")
    (Path(second.uri) / "saved_model.pb").write_text("other")
    with pytest.raises(InfrastructureError, match="is not what was pushed"):
        move(place, moves.rollback, "1.1.0")
    assert place.models().aliases == {"champion": "1.2.0", "previous": "1.1.0"}


def test_the_trainers_copy_serves_where_the_stored_model_is_gone(place: Place) -> None:
    three_models(place)
    shutil.rmtree(place.models().versions[0].uri)
    move(place, moves.rollback, "1.0.0")
    assert served(place) == "weights of run-1"


def test_a_model_that_was_never_blessed_needs_force(place: Place) -> None:
    from registry.unblessed import version_of_refused

    place.run()
    refused = place.run(blessed=False)
    store, models = place.open(), place.models()
    found = models.find(refused)
    with pytest.raises(ModelError, match="was never blessed"):
        version_of_refused(store, models, found, moves.Asked("ada"))

    forced = moves.Asked("ada", "the metric is wrong", force=True)
    target = version_of_refused(store, models, found, forced)
    moves.promote(store, place.models(), target, forced)

    models = place.models()
    assert served(place) == f"weights of {refused}"
    assert models.champion is not None
    assert not models.champion.blessed
    assert models.refused == ()
    move(place, moves.rollback, "1.0.0")
    with pytest.raises(ModelError, match="was never blessed"):
        move(place, moves.rollback, refused)


def test_the_push_record_of_a_rollback_names_no_run(place: Place) -> None:
    three_models(place)
    done = move(place, moves.rollback, "1.0.0")
    record = place.serving / str(done.number) / layout.RECORD
    assert layout.record_token(record.read_text()) == done.token
