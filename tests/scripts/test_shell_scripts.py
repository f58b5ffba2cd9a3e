"""All shell scripts parse, and shellcheck finds nothing where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDERS = ("scripts", "tests/image")


def scripts(repository: Path) -> list[Path]:
    files = [path for folder in FOLDERS for path in (repository / folder).iterdir()]
    found = [path for path in files if path.is_file() and is_shell(path)]
    assert len(found) > 5
    return sorted(found)


def is_shell(path: Path) -> bool:
    first = path.read_bytes().partition(b"\n")[0]
    return first.startswith(b"#!") and b"sh" in first


def test_they_parse(repository: Path) -> None:
    for script in scripts(repository):
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_shellcheck_finds_nothing(repository: Path) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed (apt-get install shellcheck)")
    names = [str(path) for path in scripts(repository)]

    done = subprocess.run(
        ["shellcheck", "--severity=warning", *names], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, "")
