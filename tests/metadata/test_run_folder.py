"""A run is found by its id, the beginning of one, or `latest`."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from metadata import run_file
from metadata.run_folder import RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A folder with three runs; the order of their ids is not that of their times."""
    made = RunFolder(tmp_path)
    for run_id, hour in (("b-old", 8), ("a-new", 10), ("a-middle", 9)):
        account = run_file.RunRecord(
            run_id, "taxi", "succeeded", f"2026-05-04T{hour:02d}:00:00+00:00"
        )
        run_file.write(made.run(run_id).folder, account)
    return made


def test_runs_are_listed_newest_first(folder: RunFolder) -> None:
    assert folder.run_ids() == ["a-new", "a-middle", "b-old"]


def test_a_broken_account_is_listed_last(folder: RunFolder) -> None:
    folder.run("a-new").account.write_text("{")

    assert folder.run_ids()[-1] == "a-new"


@pytest.mark.parametrize(
    ("name", "run_id"),
    [("latest", "a-new"), ("b-old", "b-old"), ("b", "b-old"), ("a-m", "a-middle")],
)
def test_a_name_finds_its_run(folder: RunFolder, name: str, run_id: str) -> None:
    assert folder.find(name) == run_id


def test_a_whole_id_wins_over_longer_ones(folder: RunFolder) -> None:
    account = run_file.read(folder.run("a-new").folder)
    run_file.write(folder.run("a").folder, account)

    assert folder.find("a") == "a"


def test_the_beginning_of_several_ids_is_ambiguous(folder: RunFolder) -> None:
    with pytest.raises(UserError) as caught:
        folder.find("a-")

    assert caught.value.code == "ambiguous-run"
    assert set(caught.value.evidence) == {"a-new", "a-middle"}


def test_an_unknown_name_is_answered_with_the_nearest(folder: RunFolder) -> None:
    with pytest.raises(UserError) as caught:
        folder.find("a-midle")

    assert caught.value.code == "unknown-run"
    assert "a-middle" in caught.value.hint


def test_no_runs_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no runs") as caught:
        RunFolder(tmp_path / "empty").find("latest")

    assert caught.value.code == "no-runs"
