"""The registry on databases that several machines share, with writers racing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components.pusher import local_push
from core.errors import UserError
from pipeline.registry import moves
from pipeline.registry.moves_record import Move
from tests.e2e.metadata_servers import KINDS, running_store
from tests.pipeline.registry.made_models import Place


@pytest.fixture(scope="module", params=KINDS)
def opened(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Any]]:
    """Opens the store of a real server as often as asked."""
    with running_store(request.param, tmp_path_factory.mktemp(request.param)) as found:
        yield found


class ServerPlace(Place):
    """A place whose store is a server."""

    def __init__(self, root: Path, opened: Callable[[], Any]) -> None:
        super().__init__(root)
        self._opened = opened

    def open(self) -> Any:
        return self._opened()


def test_registrations_and_rollbacks_at_once_leave_one_of_each(
    opened: Callable[[], Any], tmp_path: Path
) -> None:
    place = ServerPlace(tmp_path / ".millrace", opened)
    for auc in (0.90, 0.91, 0.92):
        place.run(auc=auc)
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
