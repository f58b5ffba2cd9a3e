"""What a cleaning leaves: kept runs, the champion's lineage, models, the next baseline."""

from __future__ import annotations

import datetime
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd

from registry.moves import Asked, rollback
from tests.pipeline.cleaning.made_root import MadeRoot, make_folder

ALL = {
    "Examples", "ExampleStatistics", "DataBlessing", "Model", "ModelRun", "ModelEvaluation",
    "ModelBlessing", "PushedModel",
}  # fmt: skip
STORED = {"Model", "ModelEvaluation", "ModelBlessing", "PushedModel"}


@pytest.mark.parametrize("keep", [1, 2, 4])
def test_the_newest_runs_stay_whole_and_older_ones_go(root: MadeRoot, keep: int) -> None:
    runs = [root.run(blessed=False) for _ in range(5)]

    plan = root.clean(keep)

    assert list(plan.runs) == runs[:-keep]
    assert root.folder.run_ids() == runs[::-1][:keep]
    assert all(root.kinds(run) == ALL for run in runs[-keep:])
    assert not any(root.outputs(run) for run in runs[:-keep])
    assert sorted(p.name for p in root.folder.runs.iterdir() if p.is_dir()) == runs[-keep:]


def test_metadata_loses_no_row_and_marks_what_is_gone(root: MadeRoot) -> None:
    old, new = root.run(blessed=False), root.run(blessed=False)
    before = len(root.store.get_artifacts()), len(root.store.get_executions())

    root.clean()

    assert (len(root.store.get_artifacts()), len(root.store.get_executions())) == before
    assert {row.state for row in root.artifacts(old)} == {mlmd.Artifact.DELETED}
    assert {row.state for row in root.artifacts(new)} == {mlmd.Artifact.LIVE}


def test_what_a_kept_run_took_from_the_cache_stays(root: MadeRoot) -> None:
    old = root.run(data="monday", blessed=False)
    root.run(data="tuesday", blessed=False)
    root.run(data="monday", blessed=False)

    root.clean()

    assert root.kinds(old) == {"Examples", "ExampleStatistics", "DataBlessing"}


def test_what_only_removed_runs_shared_goes(root: MadeRoot) -> None:
    runs = [root.run(data="monday", blessed=False) for _ in range(3)]
    root.run(data="tuesday", blessed=False)

    root.clean()

    assert not any(root.outputs(run) for run in runs)


def test_what_was_shared_goes_when_its_last_reader_goes(root: MadeRoot) -> None:
    old = root.run(data="monday", blessed=False)
    root.run(data="monday", blessed=False)
    root.clean()
    assert root.outputs(old)
    root.run(data="tuesday", blessed=False)

    root.clean()

    assert not root.outputs(old)


def test_the_champions_run_and_lineage_stay_however_old(root: MadeRoot) -> None:
    champion = root.run(days=400)
    root.models()
    for _ in range(3):
        root.run(blessed=False)

    root.clean(older_than=datetime.timedelta(days=1))

    assert root.kinds(champion) == ALL
    assert champion in root.folder.run_ids()


def test_of_other_versions_the_stored_model_stays_so_that_they_can_be_restored(
    root: MadeRoot,
) -> None:
    first, *_ = [root.run() for _ in range(4)]
    root.models()
    shutil.rmtree(root.root / "serving" / "taxi" / str(root.models().versions[0].number))

    root.clean()

    assert root.kinds(first) == STORED
    models = root.models()
    assert rollback(root.store, models, models.versions[0], Asked("ada")).version == "1.0.0"


@pytest.mark.parametrize(("keep_models", "left"), [(0, 2), (1, 3), (None, 5)])
def test_the_number_of_stored_models_can_be_bounded(
    root: MadeRoot, keep_models: int | None, left: int
) -> None:
    runs = [root.run() for _ in range(5)]

    root.clean(keep_models=keep_models)

    assert [run for run in runs if "PushedModel" in root.kinds(run)] == runs[-left:]


def test_a_withdrawn_version_goes_once_it_left_the_serving_folder(root: MadeRoot) -> None:
    first, withdrawn = root.run(), root.run()
    models = root.models()
    rollback(root.store, models, models.versions[0], Asked("ada", "too good to be true"))
    root.run(blessed=False)

    root.clean()
    assert "PushedModel" in root.kinds(withdrawn)
    shutil.rmtree(root.root / "serving" / "taxi" / str(models.versions[1].number))
    root.clean()

    assert not root.outputs(withdrawn)
    assert root.kinds(first) == ALL


@pytest.mark.parametrize("failing", ["StatisticsGen", "DataGate", "Trainer"])
def test_the_last_run_that_ended_stays_when_newer_ones_failed(root: MadeRoot, failing: str) -> None:
    older, ended = root.run(blessed=False), root.run(blessed=False)
    failed = [root.run(until=failing) for _ in range(3)]

    root.clean()

    assert root.folder.run_ids() == [failed[-1], ended]
    assert not root.outputs(older)


def test_the_data_accepted_last_stay_though_their_run_goes(root: MadeRoot) -> None:
    root.run(blessed=False)
    accepted = root.run(until="Trainer")
    root.run(until="DataGate")

    root.clean()

    assert accepted not in root.folder.run_ids()
    assert root.kinds(accepted) == {"Examples", "ExampleStatistics", "DataBlessing"}


@pytest.mark.parametrize(("days", "gone"), [(5, 2), (15, 1), (50, 0)])
def test_runs_go_by_their_age(root: MadeRoot, days: int, gone: int) -> None:
    runs = [root.run(blessed=False, days=age) for age in (20, 10, 1)]

    plan = root.clean(None, older_than=datetime.timedelta(days=days))

    assert list(plan.runs) == runs[:gone]


def test_with_both_bounds_only_what_is_beyond_both_goes(root: MadeRoot) -> None:
    runs = [root.run(blessed=False, days=age) for age in (30, 20, 10, 1)]

    assert root.clean(3, older_than=datetime.timedelta(days=5)).runs == (runs[0],)


def test_each_pipeline_keeps_its_own_number(root: MadeRoot) -> None:
    rare = root.run(pipeline="rare", blessed=False)
    for _ in range(3):
        root.run(pipeline="taxi", blessed=False)

    root.clean()

    assert root.kinds(rare) == ALL


def test_of_one_pipeline_alone_others_are_not_touched(root: MadeRoot) -> None:
    others = [root.run(pipeline="other", blessed=False) for _ in range(3)]
    runs = [root.run(pipeline="taxi", blessed=False) for _ in range(3)]

    assert list(root.clean(pipeline="taxi").runs) == runs[:2]
    assert all(root.kinds(run) == ALL for run in others)


def test_a_run_under_way_keeps_all_of_its_pipeline(root: MadeRoot) -> None:
    runs = [root.run(blessed=False) for _ in range(2)]
    others = [root.run(pipeline="other", blessed=False) for _ in range(2)]
    hold = (
        "import sys; from pathlib import Path; from core import locks\n"
        f"with locks.shared(Path({str(root.folder.use_lock('taxi'))!r})):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"held\n"
        plan = root.clean()
        assert running.stdin is not None
        running.stdin.close()

    assert (plan.in_use, plan.runs) == (("taxi",), (others[0],))
    assert all(root.kinds(run) == ALL for run in runs)
    assert root.clean().runs == (runs[0],)


def test_a_task_that_a_cluster_runs_keeps_all_of_its_pipeline(root: MadeRoot) -> None:
    runs = [root.run(blessed=False) for _ in range(3)]
    for run in runs:  # a cluster's runs have no folder here
        shutil.rmtree(root.folder.run(run).folder)
    last = max(root.store.get_executions(), key=lambda row: row.id)
    last.last_known_state = mlmd.Execution.RUNNING
    root.store.put_executions([last])
    assert root.clean().in_use == ("taxi",)
    last.last_known_state = mlmd.Execution.COMPLETE
    root.store.put_executions([last])

    assert list(root.clean().runs) == runs[:2]
    assert root.kinds(runs[2]) == ALL


def _tree(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_size for path in sorted(folder.rglob("*"))}


def test_nothing_goes_that_is_not_ours(root: MadeRoot, tmp_path: Path) -> None:
    runs = [root.run() for _ in range(3)]
    root.models()
    data = make_folder(tmp_path / "data")
    outside = make_folder(tmp_path / "elsewhere" / "output" / "1")
    linked = root.root / "artifacts" / "Linked"
    linked.symlink_to(outside.parent.parent)
    (root.root / "artifacts" / "Trainer" / "model" / "2").symlink_to(data)
    inside = root.root / "artifacts" / "ExampleGen" / "examples" / "1"
    (inside / "link").symlink_to(data)
    stranger = make_folder(root.root / "artifacts" / "ExampleGen" / "examples" / "999")
    untouched = [data, outside, stranger, root.root / "serving", root.root / "sample"]
    before = [_tree(folder) for folder in untouched]

    assert root.clean().runs == tuple(runs[:2])

    assert [_tree(folder) for folder in untouched] == before
    assert not inside.exists()


def test_abandoned_attempts_of_removed_runs_go(root: MadeRoot) -> None:
    root.run(until="Trainer", data="monday")
    attempts = [
        *root.root.glob("artifacts/Trainer/*/*"),
        *root.root.glob("artifacts/*/.system/*/*"),
    ]
    root.run(blessed=False)

    plan = root.clean()

    assert attempts
    assert not any(path.exists() for path in attempts if path.name.isdigit())
    assert any(removal.kind == "abandoned" for removal in plan.removals)


def test_the_disk_of_forty_runs_is_that_of_a_few(root: MadeRoot) -> None:
    sizes = []
    for number in range(40):
        root.run(blessed=number % 10 == 0)
        root.clean(5, keep_models=0)
        sizes.append(root.bytes())

    # From the third champion on; a removed run leaves a line that says so.
    assert max(sizes[20:]) < max(sizes[:20]) + 40 * 50
