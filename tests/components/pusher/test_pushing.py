from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.pusher import layout, local_push, pushing, remote_push
from tests.components.pusher.conftest import FILES, Reader, make_model, model_files


def test_a_pushed_version_has_the_models_files_and_the_time_as_number(
    model: Path, tmp_path: Path
) -> None:
    done = pushing.push(str(model), str(tmp_path / "serving" / "taxi"), "one")

    assert done.destination == str(tmp_path / "serving" / "taxi" / str(done.number))
    assert model_files(Path(done.destination)) == FILES
    assert layout.model_digest(Path(done.destination)) == layout.model_digest(model)
    assert abs(done.number - int(model.stat().st_mtime)) < 60
    assert Path(done.destination).stat().st_mode & 0o777 == model.stat().st_mode & 0o777


def test_pushes_within_one_second_have_growing_numbers(model: Path, tmp_path: Path) -> None:
    directory = str(tmp_path / "serving")
    given = [pushing.push(str(model), directory, f"push-{i}").number for i in range(4)]

    assert given == sorted(set(given))
    assert pushing.versions(directory) == given


def test_a_clock_that_went_back_gives_no_lower_number(model: Path, tmp_path: Path) -> None:
    (tmp_path / "serving" / "99999999999").mkdir(parents=True)
    assert pushing.push(str(model), str(tmp_path / "serving"), "one").number == 100_000_000_000


def _push(arguments: tuple[Path, Path, int]) -> int:
    model, directory, index = arguments
    return local_push.push(model, directory, f"process-{index}")


def test_pushes_at_once_by_several_processes_all_stay_and_a_reader_sees_whole_models(
    model: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "serving"
    orders = [(model, directory, index) for index in range(8)]
    with multiprocessing.get_context("fork").Pool(4) as pool, Reader(directory) as reader:
        given = pool.map(_push, orders, chunksize=1)

    assert sorted(given) == local_push.versions(directory)
    assert len(set(given)) == len(orders)
    assert reader.broken == []
    assert reader.seen[-1] == max(given)
    assert [path.name for path in directory.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("remote", [False, True], ids=["local", "bucket"])
def test_the_same_push_again_leaves_one_version(model: Path, tmp_path: Path, remote: bool) -> None:
    push = remote_push.push if remote else local_push.push
    place = tmp_path / "serving"
    first, again = (
        (push(str(model), str(place), "one") for _ in range(2))
        if remote
        else (local_push.push(model, place, "one") for _ in range(2))
    )
    assert first == again
    assert local_push.versions(place) == [first]


def test_a_full_disk_leaves_nothing_and_the_next_try_finishes(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "serving"
    kept = local_push.push(model, directory, "before")

    def full(source: object, target: Path) -> None:
        if target.name == "saved_model.pb":
            raise OSError(errno.ENOSPC, "No space left on device")
        Path(target).write_text("part")

    with monkeypatch.context() as broken:
        broken.setattr(shutil, "copyfile", full)
        with pytest.raises(OSError, match="No space"):
            local_push.push(model, directory, "one")

    assert [path.name for path in directory.iterdir()] == [str(kept)]
    assert local_push.push(model, directory, "one") > kept


_KILLED = """
import os, pathlib, shutil, signal, sys
from components.pusher import local_push
copy = shutil.copyfile
def copy_and_die(source, target):
    copy(source, target)
    if "variables.data" in str(target):
        os.kill(os.getpid(), signal.SIGKILL)
shutil.copyfile = copy_and_die
local_push.push(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), "one")
"""


def test_a_killed_push_shows_nothing_and_the_next_try_clears_up(
    model: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "serving"
    root = str(Path(__file__).parents[3])
    arguments = [sys.executable, "-c", _KILLED, str(model), str(directory)]
    killed = subprocess.run(arguments, env={**os.environ, "PYTHONPATH": root}, check=False)

    assert killed.returncode == -signal.SIGKILL
    assert local_push.versions(directory) == []
    assert len(list(directory.iterdir())) == 1, "the killed push left nothing to clear"
    number = local_push.push(model, directory, "one")
    assert [path.name for path in directory.iterdir()] == [str(number)]


def test_what_another_push_is_working_on_is_left_alone_for_a_day(
    model: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "serving"
    for name in ("young", "old"):
        (directory / f"{layout.IN_PROGRESS}{name}").mkdir(parents=True)
    os.utime(directory / f"{layout.IN_PROGRESS}old", (0, 0))

    local_push.push(model, directory, "one")

    hidden = [path.name for path in directory.iterdir() if path.name.startswith(".")]
    assert hidden == [f"{layout.IN_PROGRESS}young"]


def test_a_model_that_is_pushed_again_from_a_version_gets_a_record_of_its_own(
    model: Path, tmp_path: Path
) -> None:
    directory = str(tmp_path / "serving")
    first = pushing.push(str(model), directory, "one")
    second = pushing.push(first.destination, directory, "two")

    assert second.number > first.number
    assert pushing.push(str(model), directory, "one").number == first.number


def test_a_removed_version_never_looks_broken(tmp_path: Path) -> None:
    directory = tmp_path / "serving"
    models = [make_model(tmp_path / f"model-{i}", f"weights {i}") for i in range(4)]
    with Reader(directory) as reader:
        given = [local_push.push(m, directory, f"push-{i}") for i, m in enumerate(models)]
        for number in given[:-1]:
            pushing.remove(str(directory), number)
    pushing.remove(str(directory), given[0])

    assert local_push.versions(directory) == given[-1:]
    assert reader.broken == []


def test_a_bucket_gets_the_main_file_last(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tfx.dsl.io import fileio

    copied: list[str] = []
    copy = fileio.copy

    def noted(source: str, target: str, overwrite: bool = False) -> None:
        copied.append(Path(target).name)
        copy(source, target, overwrite=overwrite)

    monkeypatch.setattr(fileio, "copy", noted)
    directory = tmp_path / "bucket"
    number = remote_push.push(str(model), str(directory), "one")

    assert copied[-1] == "saved_model.pb"
    assert model_files(directory / str(number)) == FILES
    assert remote_push.versions(str(directory)) == [number]
    assert list((directory / remote_push.CLAIMS).iterdir()) == []


def test_a_push_to_a_bucket_that_was_killed_is_finished_under_its_number(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tfx.dsl.io import fileio

    directory = tmp_path / "bucket"

    def killed(source: str, target: str, overwrite: bool = False) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(fileio, "copy", killed)
        with pytest.raises(KeyboardInterrupt):
            remote_push.push(str(model), str(directory), "one")
    [begun] = remote_push.versions(str(directory))
    assert not (directory / str(begun) / "saved_model.pb").exists()

    assert remote_push.push(str(model), str(directory), "one") == begun
    assert model_files(directory / str(begun)) == FILES


def test_pushes_to_a_bucket_at_once_never_share_a_number(model: Path, tmp_path: Path) -> None:
    directory = str(tmp_path / "bucket")
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda i: remote_push.push(str(model), directory, f"{i}"), range(8)))

    assert len(set(given)) == 8
    assert remote_push.versions(directory) == sorted(given)
    remote_push.remove(directory, given[0])
    assert given[0] not in remote_push.versions(directory)
