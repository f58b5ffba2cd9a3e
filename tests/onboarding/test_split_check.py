"""A split that was asked for is doubted before anything is written."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.errors import DataError
from onboarding.initiation import Initiation, initiate
from onboarding.model import Request
from tests.awkward.record import write_csv

ROWS = 900


def initiated(folder: Path, labels: list[int], sizes: list[float], **asked: str) -> Initiation:
    """What `init` makes of a table of days, sizes and labels."""
    draw = random.Random(3)
    rows = [
        (day, round(size, 3), draw.choice("abc"), label)
        for day, (size, label) in enumerate(zip(sizes, labels, strict=True))
    ]
    path = write_csv(folder / "rows.csv", ["day", "size", "colour", "sold"], rows)
    request = Request(str(path), "sold", name="rows", drop=(), **asked)
    return initiate(request, folder / "project", force=False, command="millrace init")


def made(seed: int, turn: float) -> tuple[list[int], list[float]]:
    """Labels that follow the size, and after a share of the days its opposite."""
    draw = random.Random(seed)
    sizes = [draw.gauss(0, 1) for _ in range(ROWS)]
    labels = [
        int((size if day < turn * ROWS else -size) + draw.gauss(0, 0.3) > 0)
        for day, size in enumerate(sizes)
    ]
    return labels, sizes


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_time_at_which_everything_turns_round_is_refused(seed: int, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="split by 'day', models would be judged wrongly") as caught:
        initiated(tmp_path, *made(seed, 0.66), time="day")

    assert "is worse than guessing: AUC 0." in caught.value.evidence[0]
    assert not list((tmp_path / "project").rglob("*.yaml"))


def test_the_same_table_is_fine_by_its_values_and_in_better_times(tmp_path: Path) -> None:
    by_values = initiated(tmp_path / "values", *made(1, 0.66))
    by_time = initiated(tmp_path / "time", *made(1, 1.0), time="day")

    assert by_values.configuration["data"]["split"]["method"] == "hash"
    assert by_time.configuration["data"]["split"]["method"] == "time"


def test_labels_that_become_more_frequent_are_remarked_on(tmp_path: Path) -> None:
    draw = random.Random(5)
    sizes = [draw.gauss(0, 1) for _ in range(ROWS)]
    labels = [int(draw.random() < 0.2 + 0.6 * day / ROWS) for day in range(ROWS)]

    found = initiated(tmp_path, labels, sizes, time="day")

    assert any("of train and" in remark for remark in found.proposal.remarks)
