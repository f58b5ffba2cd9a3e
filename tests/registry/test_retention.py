"""Which versions leave the serving folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.pusher import local_push
from registry.after_push import after_push
from registry.moves import Asked, rollback
from registry.retention import prune
from tests.registry.made_models import Place


@pytest.mark.parametrize(("keep", "left"), [(0, 2), (1, 3), (10, 5)])
def test_the_champion_its_predecessor_and_so_many_more_stay(
    place: Place, keep: int, left: int
) -> None:
    for i in range(5):
        place.run(auc=0.9 + i / 100, keep=keep)
        after_push(place.open(), "taxi")

    numbers = [version.number for version in place.models().versions]
    assert local_push.versions(place.serving) == numbers[-left:]
    assert all(Path(version.uri).is_dir() for version in place.models().versions)


def test_a_champion_that_was_rolled_back_to_and_its_predecessor_stay(place: Place) -> None:
    for i in range(4):
        place.run(auc=0.9 + i / 100)
    models = place.models()
    rollback(place.open(), models, models.versions[1], Asked("ada"))

    models = place.models()
    prune(models, 0)

    assert str(models.previous.version) == "1.0.0"  # type: ignore[union-attr]
    left = local_push.versions(place.serving)
    assert {models.versions[0].number, models.versions[1].number} <= set(left)
    assert models.versions[2].number not in left


def test_without_a_setting_nothing_is_removed(place: Place) -> None:
    for _ in range(4):
        place.run()
        after_push(place.open(), "taxi")
    assert len(local_push.versions(place.serving)) == 4
