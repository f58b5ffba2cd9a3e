"""Run ids are unique and readable."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import errors
from metadata.run_folder import RunFolder
from pipeline.local.runner import new_run_id


def test_runs_started_in_the_same_second_have_different_ids(tmp_path: Path) -> None:
    ids = {new_run_id("taxi", RunFolder(tmp_path)) for _ in range(5)}
    assert len(ids) == 5
    assert all(run_id.startswith("taxi-20") for run_id in ids)


def test_runs_of_other_folders_in_one_store_have_different_ids(tmp_path: Path) -> None:
    folders = [RunFolder(tmp_path / str(number)) for number in range(3)]
    assert len({new_run_id("taxi", folder, shared_store=True) for folder in folders}) == 3


def test_a_run_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(errors.InfrastructureError, match="cannot be written") as caught:
        new_run_id("taxi", RunFolder(file / "below"))
    assert "--root" in caught.value.hint
