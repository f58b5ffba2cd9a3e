"""The Makefile and the build server's script name the same commands as people do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

TARGETS = (
    "env", "run", "test", "lint", "bench", "lock", "image", "kind-up", "kind-down", "clean",
    "clean-all",
)  # fmt: skip


def make(folder: Path, *words: str) -> str:
    process = subprocess.run(
        ["make", "--no-print-directory", "-C", str(folder), *words],
        capture_output=True,
        text=True,
        check=True,
        # The tests themselves may run under make, which tells its children so.
        env={name: value for name, value in os.environ.items() if "MAKE" not in name},
    )
    return process.stdout


@pytest.fixture
def made(tmp_path: Path, repository: Path) -> Path:
    """A folder with our Makefile whose environment is made, but holds no programs."""
    (tmp_path / "Makefile").write_text((repository / "Makefile").read_text())
    for name in ("requirements.lock", "setup.py", "scripts/make-environment"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "made-from-the-lock").touch()
    return tmp_path


def test_help_says_what_every_target_does(repository: Path) -> None:
    lines = {line.split()[1]: line.split()[2:] for line in make(repository).splitlines()}

    assert [name for name in TARGETS if not lines.get(name)] == []


def test_the_environment_is_not_made_again_while_the_lock_is_the_same(made: Path) -> None:
    assert "make-environment" not in make(made, "--dry-run", "run")


def test_the_environment_is_made_again_when_the_lock_has_changed(made: Path) -> None:
    stamp = (made / ".venv" / "made-from-the-lock").stat()
    later = made / "requirements.lock"
    later.write_text("changed")
    # A second later, whatever the file system's clock resolves.
    os.utime(later, (stamp.st_mtime + 1, stamp.st_mtime + 1))

    assert "scripts/make-environment .venv dev" in make(made, "--dry-run", "run")


def test_run_is_one_millrace_command(made: Path) -> None:
    assert ".venv/bin/millrace run configs/taxi.yaml" in make(made, "--dry-run", "run")


def test_the_build_server_calls_make_test_and_keeps_its_exit_code(
    tmp_path: Path, repository: Path
) -> None:
    (tmp_path / ".ci").mkdir()
    script = tmp_path / ".ci" / "run"
    script.write_text((repository / ".ci" / "run").read_text())
    script.chmod(0o755)
    (tmp_path / "Makefile").write_text(
        "test:\n\t@echo '==== 1 failed, 2 passed in 3.21s ===='; echo after; exit 1\n"
    )
    # Nothing is to be installed by a test: this one is not root.
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "id").write_text("#!/bin/sh\necho 1000\n")
    (programs / "id").chmod(0o755)

    process = subprocess.run(
        [str(script)], capture_output=True, text=True, check=False,
        env={"PATH": f"{programs}:/usr/bin:/bin"},
    )  # fmt: skip

    assert process.returncode == 2, "make's own code for a recipe that failed"
    assert process.stdout.splitlines()[-1] == "==== 1 failed, 2 passed in 3.21s ===="
