"""A cleaning that is killed leaves nothing that lies; the next one goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd

from core.errors import InfrastructureError, UserError
from tests.pipeline.cleaning.made_root import MadeRoot

# Cleans, and kills itself with the N-th call of a function.
KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.cleaning import carry_out
from pipeline.cleaning.plan import Rule
from metadata.run_folder import RunFolder
from metadata.store import open_store, sqlite_config
name, left, root = sys.argv[1], int(sys.argv[2]), RunFolder(Path(sys.argv[3]))
whole = getattr(carry_out, name)
def killing(*values):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return whole(*values)
setattr(carry_out, name, killing)
carry_out.clean(root, open_store(sqlite_config(root.store)), Rule(1))
"""


@pytest.mark.parametrize(
    ("function", "calls"),
    [("note_removed", 0), ("_mark_deleted", 0), ("_remove", 0), ("_remove", 1), ("_remove", 17)],
)
def test_a_killed_cleaning_is_finished_by_the_next(
    tmp_path: Path, function: str, calls: int
) -> None:
    root = MadeRoot(tmp_path / "root", in_memory=False)
    runs = [root.run(blessed=False) for _ in range(4)]

    words = [sys.executable, "-c", KILLED, function, str(calls), str(root.root)]
    ended = subprocess.run(words, cwd=Path(__file__).parents[3], check=False)

    assert ended.returncode == -9
    root.check()
    assert root.folder.find("latest") == runs[3]
    root.clean()
    assert not any(root.outputs(run) for run in runs[:3])
    assert [path.name for path in root.folder.runs.iterdir() if path.is_dir()] == runs[3:]
    states = {row.state for run in runs[:3] for row in root.artifacts(run)}
    assert states == {mlmd.Artifact.DELETED}
    assert root.clean().removals == ()


def test_a_run_that_a_killed_cleaning_gave_up_is_not_resumed(root: MadeRoot) -> None:
    from metadata.removed_runs import note_removed

    run = root.run(until="Trainer")
    note_removed(root.folder.runs, [run], "2026-05-04T10:00:00+00:00")

    with pytest.raises(UserError, match="removed by cleaning"):
        root.folder.find(run)


def test_what_the_disk_does_not_let_go_is_named_and_goes_later(
    root: MadeRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    runs = [root.run(blessed=False) for _ in range(2)]
    real = os.unlink
    stubborn = sorted(root.outputs(runs[0]))[0]

    def refusing(path: object, *, dir_fd: int | None = None) -> None:
        if dir_fd is not None and os.readlink(f"/proc/self/fd/{dir_fd}") == stubborn:
            raise PermissionError(13, "Permission denied", str(path))
        real(path, dir_fd=dir_fd)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "unlink", refusing)
    with pytest.raises(InfrastructureError, match="not all could be removed"):
        root.clean()
    monkeypatch.undo()

    assert root.outputs(runs[0]) == {stubborn}
    root.clean()
    assert not root.outputs(runs[0])
