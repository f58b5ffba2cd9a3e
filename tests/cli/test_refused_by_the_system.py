"""The command line where the system refuses: the right exit code, no traceback."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
CONFIGURATION = REPOSITORY / "configs" / "taxi.yaml"
# prctl's PR_CAPBSET_DROP and the capabilities by which root reads whatever it likes.
_DROP, _CAPABILITIES = 24, (1, 2)


def millrace(
    folder: Path, *words: str, before: Callable[[], object] | None = None, **environment: str
) -> tuple[int, str]:
    """The exit code of a command, and what it said."""
    # Python keeps compiled modules that a limit cut short.
    own = {"PYTHONPATH": str(REPOSITORY), "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=folder,
        env={**own, **environment},
        preexec_fn=before,
        capture_output=True,
        check=False,
    )
    said = (ended.stdout + ended.stderr).decode()
    assert "Traceback" not in said
    assert "internal error" not in said
    return ended.returncode, said


def _as_anybody() -> None:
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in _CAPABILITIES:
            assert libc.prctl(_DROP, capability, 0, 0, 0) == 0, os.strerror(ctypes.get_errno())


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder with data that nobody may enter, alone and as one of two partitions."""
    for name in ("locked", "table/part=a", "table/part=b"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "t.csv").write_text("x,label\n1,0\n2,1\n")
    closed = [tmp_path / "locked", tmp_path / "table/part=a"]
    for folder in closed:
        folder.chmod(0)
    yield tmp_path
    for folder in closed:
        folder.chmod(0o700)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("data", "describe", "locked"), "locked"),
        (("data", "describe", "locked/t.csv"), "locked/t.csv"),
        (("init", "--label", "label", "--data", "table"), "table/part=a"),
        (("run", str(CONFIGURATION), "--root", "locked/deep"), "locked/deep"),
    ],
)
def test_a_locked_folder_is_named_and_no_row_of_it_vanishes(
    locked: Path, words: tuple[str, ...], place: str
) -> None:
    code, said = millrace(locked, *words, before=_as_anybody)

    assert code == 2, said
    assert f"{place}" in said
    assert "permission denied" in said.lower()


@pytest.mark.parametrize(
    "words",
    [
        ("data", "describe", f"{'x' * 300}.csv"),
        ("run", f"{'x' * 300}.yaml"),
        ("runs", "--root", "x" * 300),
        ("run", str(CONFIGURATION), "--root", "folder/" * 90),
    ],
)
def test_a_name_that_is_too_long_is_a_users_error(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, said = millrace(tmp_path, *words)

    assert code == 2, said
    assert "too long" in said.lower()


@pytest.mark.parametrize(
    ("limit", "amount", "headline"),
    [
        (resource.RLIMIT_NOFILE, 8, "may not open more files"),
        (resource.RLIMIT_FSIZE, 4096, "beyond what this process may write"),
        (resource.RLIMIT_FSIZE, 20_000, "beyond what this process may write"),
    ],
)
def test_what_the_machine_lacks_is_its_fault(
    tmp_path: Path, limit: int, amount: int, headline: str
) -> None:
    millrace(tmp_path, "sample", "taxi", "--rows", "200", "--output", "trips")

    code, said = millrace(
        tmp_path,
        *("run", str(CONFIGURATION), "--data", "trips"),
        before=lambda: resource.setrlimit(limit, (amount, amount)),
    )

    assert code == 5, said
    assert headline in said
    assert "running" not in millrace(tmp_path, "runs")[1]


@pytest.mark.parametrize("name", ["Größe", "данные 表", "naïve/ça.d"])
def test_a_path_of_any_script_works_without_utf8_mode(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    (tmp_path / name / "t.csv").write_text("x,größe\n1,0\n2,1\n", encoding="utf-8")
    old = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    configuration = tmp_path / name / "t.yaml"
    configuration.write_text("name: t\nlabel: größer\nfeatures: {x: numeric}\n", encoding="utf-8")
    words = ("run", str(configuration), "--data", f"{name}/t.csv", "--root", f"{name}/root")
    code, said = millrace(tmp_path, *words, **old)
    assert code == 2, said
    assert "größer" in said
    assert "did you mean" in said

    code, said = millrace(tmp_path, "run", f"{name}/none.yaml", **old)
    assert code == 2
    assert f"{name}/none.yaml" in said


@pytest.mark.parametrize("named", ["--data", "--root"])
def test_a_name_that_is_not_utf8_is_refused_before_anything_starts(
    tmp_path: Path, named: str
) -> None:
    broken = os.fsdecode(b"b\xffd")
    (tmp_path / broken).mkdir()
    (tmp_path / broken / "t.csv").write_text("x,label\n1,0\n2,1\n")

    code, said = millrace(tmp_path, "run", str(CONFIGURATION), named, broken)

    assert code == 2, said
    assert "not UTF-8" in said
