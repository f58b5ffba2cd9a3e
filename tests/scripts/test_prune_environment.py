"""Pruning takes files that nothing opens at run time, and no others."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

TAKEN = (
    "tensorflow/include/tensorflow/core/op.h",
    "clang/native/libclang.so",
    "jupyterlab/static/main.js",
    "jedi/third_party/typeshed/stub.pyi",
    "pandas/tests/test_frame.py",
    "tfx/components/testdata/table.csv",
)
KEPT = (
    "tensorflow/__init__.py",
    "tensorflow/libtensorflow_cc.so.2",
    "clang/cindex.py",
    "jupyterlab/__init__.py",
    "jinja2/tests.py",
    "apache_beam/testing/util.py",
    "jupyterlab-4.dist-info/METADATA",
)


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    for name in (*TAKEN, *KEPT):
        path = tmp_path / "lib" / "python3.10" / "site-packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def prune(repository: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(repository / "scripts" / "prune-environment"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/")


def test_only_what_nothing_opens_goes(repository: Path, environment: Path) -> None:
    done = prune(repository, environment)

    packages = environment / "lib" / "python3.10" / "site-packages"
    left = {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()}
    assert (done.returncode, left) == (0, set(KEPT))


def test_each_removal_says_why(repository: Path, environment: Path) -> None:
    lines = prune(repository, environment).stdout.splitlines()

    assert len(lines) >= 5
    assert all(" MB  " in line for line in lines)


def test_a_folder_that_is_no_environment_is_refused(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()

    done = prune(repository, tmp_path)

    assert done.returncode == 2
    assert "not a virtual environment" in done.stderr
    assert (tmp_path / "tests").is_dir()
