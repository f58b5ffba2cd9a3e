"""What a session refuses before a node runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import UserError
from metadata import run_file
from metadata.run_folder import RunFolder
from pipeline.local.preparation import Preparation
from pipeline.local.session import resume_run


def test_a_run_whose_folder_was_moved_cannot_go_on(tmp_path: Path) -> None:
    before = RunFolder(tmp_path / "before")
    own = before.run("run-1")
    record = run_file.RunRecord("run-1", "taxi", "failed", run_file.utc_now())
    run_file.write(own.folder, record)
    asked = Preparation("run-1", str(own.folder), str(before.root), str(tmp_path), {"name": "taxi"})
    (own.folder / "preparation.json").write_text(json.dumps(asked.to_json()))
    after = before.root.rename(tmp_path / "after")

    with pytest.raises(UserError, match="cannot go on: its folder was moved") as refused:
        resume_run("run-1", after, parallel=None, as_json=True)

    assert refused.value.evidence == (f"it was {tmp_path}/before and is {after}",)
    assert not before.root.exists()
