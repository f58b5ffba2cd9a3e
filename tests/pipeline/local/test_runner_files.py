"""A run whose own files cannot be written ends as failed; nothing says that it runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from metadata import run_file
from metadata.run_file import RunRecord
from metadata.run_folder import RunFiles, RunFolder
from pipeline.local.events import Event
from pipeline.local.preparation import Preparation
from pipeline.local.runner import Runner


class Removing:
    """A display that removes a folder as soon as the nodes' server is being started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def show(self, event: Event, record: RunRecord) -> None:
        pass

    def tick(self, record: RunRecord) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        pass


def run(root: Path, *displays: Removing) -> tuple[RunRecord, RunFiles]:
    own = RunFolder(root).run("taxi-1")
    own.folder.mkdir(parents=True, exist_ok=True)
    preparation = Preparation("taxi-1", str(own.folder), str(root), str(root), {})
    record = RunRecord("taxi-1", "taxi", "running", run_file.utc_now())
    return Runner(preparation, record, displays, parallel=1).run(), own


@pytest.mark.parametrize("name", ["events.jsonl", "reserve"])
def test_a_full_disk_ends_the_run_as_failed(tmp_path: Path, name: str) -> None:
    full = RunFolder(tmp_path).run("taxi-1").folder / name
    full.parent.mkdir(parents=True)
    full.symlink_to("/dev/full")

    ended, own = run(tmp_path)

    kept = run_file.read(own.folder)
    assert (ended.status, kept.status) == ("failed", "failed")
    assert kept.error is not None
    assert (kept.error.code, kept.error.to_error().exit_code) == ("disk-full", 5)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_folder_that_is_removed_meanwhile_is_not_made_again(tmp_path: Path, depth: int) -> None:
    root = tmp_path / ".millrace"
    removed = [root / "runs" / "taxi-1", root / "runs", root][depth]

    ended, own = run(root, Removing(removed))

    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error.code == "run-folder-removed"
    assert not own.folder.exists()
