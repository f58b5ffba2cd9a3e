"""A package that was not compiled here runs nothing on this machine unless somebody agrees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.cluster.emulate import emulate
from core import errors
from kubeflow.package.compiled_packages import note_compiled, was_compiled_here
from kubeflow.package.package import Package, package_text, parse_package, write_package
from tests.kubeflow.emulator.made_package import package, task


def leaving_a_mark(folder: Path, **more: Any) -> Package:
    """A package whose command makes the file MARK."""
    return package({"t": task(["touch", str(folder / "MARK")], **more)})


def run(folder: Path, *options: str) -> int:
    words = [str(folder / "package.yaml"), "--root", str(folder / "root"), *options]
    code = CliRunner().invoke(emulate, words, catch_exceptions=False, standalone_mode=False)
    return int(code.return_value)


@pytest.fixture(autouse=True)
def _own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_a_package_that_was_compiled_here_runs_at_once(tmp_path: Path) -> None:
    made = leaving_a_mark(tmp_path)
    note_compiled(made)
    write_package(made, tmp_path / "package.yaml")

    assert run(tmp_path) == 0
    assert (tmp_path / "MARK").exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"env": {"LD_PRELOAD": "other.so"}},
        {"inputs": {"text": ("STRING", {"constant": "x"})}},
        {"retry": {"maxRetryCount": 3}},
    ],
    ids=["environment", "argument", "retry"],
)
def test_one_that_was_changed_since_is_refused_and_runs_nothing(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    note_compiled(leaving_a_mark(tmp_path))
    write_package(leaving_a_mark(tmp_path, **changed), tmp_path / "package.yaml")

    with pytest.raises(errors.UserError, match="was not compiled here, or was changed") as caught:
        run(tmp_path)

    assert not (tmp_path / "MARK").exists()
    assert not (tmp_path / "root").exists()
    assert any("touch" in line for line in caught.value.evidence)
    hint = caught.value.hint.partition("millrace kubeflow emulate ")[2].split()
    assert hint == [str(tmp_path / "package.yaml"), "--yes"]
    assert run(tmp_path, "--yes") == 0
    assert (tmp_path / "MARK").exists()


def test_a_record_beside_the_package_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = leaving_a_mark(tmp_path)
    with monkeypatch.context() as sender:
        sender.setenv("XDG_STATE_HOME", str(tmp_path / "sent"))
        note_compiled(made)
        assert was_compiled_here(made)

    monkeypatch.chdir(tmp_path / "sent")
    assert not was_compiled_here(made)


def test_a_comment_or_another_order_does_not_make_another_package(tmp_path: Path) -> None:
    made = leaving_a_mark(tmp_path)
    note_compiled(made)

    assert was_compiled_here(parse_package(f"# of mine\n{package_text(made)}"))


@pytest.mark.parametrize(("answer", "runs"), [("y\n", True), ("n\n", False), ("", False)])
def test_on_a_terminal_it_is_asked(tmp_path: Path, answer: str, runs: bool) -> None:
    import os
    import pty

    write_package(leaving_a_mark(tmp_path), tmp_path / "package.yaml")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "kubeflow", "emulate",
         str(tmp_path / "package.yaml"), "--root", str(tmp_path / "root")],
        stdin=theirs, stdout=subprocess.PIPE, stderr=theirs,
    ) as process:  # fmt: skip
        os.write(ours, answer.encode() or b"\x04")
        process.communicate()
    os.close(theirs)
    os.close(ours)

    assert (process.returncode == 0) == runs
    assert (tmp_path / "MARK").exists() == runs
