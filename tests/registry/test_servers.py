"""Registry and lineage on stores that several machines share, with writers racing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components.pusher import local_push
from core.errors import UserError
from registry import moves
from registry.lineage.answers import answer
from registry.lineage.subject import find_subject
from registry.lineage.words import document
from registry.moves_record import Move
from tests.e2e.metadata_servers import KINDS, running_store
from tests.registry.made_models import Place


class ServerPlace(Place):
    """A place whose store is a server."""

    def __init__(self, root: Path, opened: Callable[[], Any]) -> None:
        super().__init__(root)
        self._opened = opened

    def open(self) -> Any:
        return self._opened()


@pytest.fixture(scope="module", params=KINDS)
def place(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerPlace]:
    """Three runs, not registered yet, in the store of a real server."""
    folder = tmp_path_factory.mktemp(request.param)
    with running_store(request.param, folder) as opened:
        made = ServerPlace(folder / "root" / ".millrace", opened)
        for span, auc in enumerate((0.90, 0.91, 0.92)):
            made.run(auc=auc, span=span)
        yield made


def test_registrations_and_rollbacks_at_once_leave_one_of_each(place: ServerPlace) -> None:
    with ThreadPoolExecutor(3) as pool:
        seen = list(pool.map(lambda _: place.models(), range(3)))
    for models in seen:
        assert [str(version.version) for version in models.versions] == ["1.0.0", "1.1.0", "1.2.0"]

    def roll_back(index: int) -> Move | str:
        target = seen[index].versions[index % 2]
        try:
            return moves.rollback(place.open(), seen[index], target, moves.Asked(f"{index}"))
        except UserError as error:
            return error.code

    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(roll_back, range(3)))

    [winner] = [one for one in ended if isinstance(one, Move)]
    assert [one for one in ended if not isinstance(one, Move)] == ["models-changed"] * 2
    assert place.models().aliases["champion"] == winner.version
    assert local_push.versions(place.serving)[-1] == winner.number


def test_lineage_answers_in_both_directions(place: ServerPlace) -> None:
    store, models = place.open(), [place.models()]

    def told(name: str) -> Any:
        [found] = answer(store, models, find_subject(store, models, name, ()))
        return document(found)

    found = told("1.1.0")
    [data] = found["data"]
    assert (data["span"], data["fingerprint"], data["rows"]) == (
        1,
        "files:1",
        {"train": 600, "eval": 300},
    )
    assert found["hyperparameters"] == {"learning_rate": 0.01}
    assert (found["trained_by_run"], found["trained_by"]) == ("run-2", "ada")
    assert (found["commit"], found["libraries"]["tfx"]) == ("0123abc", "1.16.0")
    assert found["pushes"][0]["who"] == "pusher"
    [data] = told("span:1")["data"]
    assert [(use["run"], use["version"]) for use in data["models"]] == [("run-2", "1.1.0")]


def test_of_four_pushes_at_once_that_looked_at_one_champion_one_is_made(place: ServerPlace) -> None:
    from core.errors import ModelError

    runs = [place.run(push=False) for _ in range(4)]

    def push(run: str) -> str:
        try:
            place.push(run)
        except ModelError as error:
            return error.code
        return ""

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(push, runs))

    assert sorted(codes) == ["", *["champion-changed"] * 3]
    champion = place.models().champion
    assert champion is not None
    assert champion.facts.run_id == runs[codes.index("")]
