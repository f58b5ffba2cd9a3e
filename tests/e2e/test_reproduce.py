"""A finished run done again, and what stands in the way of it."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

import pytest

from metadata import run_file
from metadata.run_folder import RunFolder
from pipeline.nodes.results import RESOLVERS
from tests.e2e.command import Finished, millrace
from tests.e2e.conftest import Workplace


@dataclasses.dataclass(frozen=True)
class Copy:
    """A copy of the finished run's root, so that no other test sees the new runs.

    Attributes:
      root: The folder of the store and of all runs.
      run_id: The finished run.
    """

    root: Path
    run_id: str

    def reproduce(self, *arguments: str) -> Finished:
        """Asks for the run once more."""
        return millrace(
            self.root.parent, "reproduce", self.run_id, "--root", str(self.root), *arguments
        )


@pytest.fixture(scope="module")
def copy(workplace: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    root = tmp_path_factory.mktemp("reproduced") / ".millrace"
    shutil.copytree(workplace.root, root)
    return Copy(root, workplace.first.run_id)


def test_the_run_is_done_again_and_its_metrics_are_compared(copy: Copy) -> None:
    pushed = sorted((copy.root / "serving" / "taxi").iterdir())

    again = copy.reproduce("--json")

    assert again.code == 0, again.output + again.errors
    assert set(again.states().values()) == {"done"}, "something was taken from the cache"
    assert {"Trainer", "Evaluator"} <= set(again.states())
    assert not set(RESOLVERS) & set(again.states()), "later runs were looked at"
    found = again.events[-1]
    assert (found["event"], found["original"]) == ("reproduced", copy.run_id)
    assert found["same"]
    assert found["largest"] <= 0.01
    assert sorted((copy.root / "serving" / "taxi").iterdir()) == pushed


def test_other_code_is_refused_with_both_digests(copy: Copy) -> None:
    folder = RunFolder(copy.root).run(copy.run_id).folder
    record = run_file.read(folder)
    older = dataclasses.replace(record.identity, code="0lder")
    run_file.write(folder, dataclasses.replace(record, identity=older))
    try:
        refused = copy.reproduce()
    finally:
        run_file.write(folder, record)

    assert refused.code == 2
    assert f"the code was 0lder and is {record.identity.code}" in refused.errors


def test_other_data_are_refused(copy: Copy, workplace: Workplace) -> None:
    [table] = (workplace.root / "sample").glob("taxi-3000-0/*.csv")
    content, status = table.read_bytes(), table.stat()
    table.write_bytes(content + content.splitlines(keepends=True)[-1])
    try:
        refused = copy.reproduce()
    finally:
        table.write_bytes(content)
        os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert refused.code == 2
    assert "the data were " in refused.errors
