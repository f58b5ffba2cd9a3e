"""A lock has one holder and ends with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core import locks


def test_a_second_process_does_not_get_a_held_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    ask = (
        "import sys, pathlib; from core import locks\n"
        f"with locks.held(pathlib.Path({str(path)!r})) as had: sys.exit(0 if had else 7)"
    )

    with locks.held(path) as had:
        assert had
        assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 7
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    hold = (
        "import os, signal, pathlib; from core import locks\n"
        f"with locks.held(pathlib.Path({str(path)!r})): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", hold], check=False).returncode == -9

    with locks.held(path) as had:
        assert had


def test_a_turn_comes_when_the_holder_ends(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    hold = (
        "import pathlib, sys; from core import locks\n"
        f"with locks.held(pathlib.Path({str(path)!r})):\n"
        "    print('held', flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        with locks.held_in_turn(path, patience_seconds=0) as had:
            assert not had
        holder.stdin.close()
        with locks.held_in_turn(path, patience_seconds=30) as had:
            assert had


def test_where_no_lock_can_be_the_work_is_done_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with locks.held_in_turn(tmp_path / "file" / "lock", patience_seconds=30) as had:
        assert not had
