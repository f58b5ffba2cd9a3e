"""scripts/find-python: only a Python 3.10 that answers counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
REAL = Path(sys.executable)
SHIM_THAT_FAILS = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"
OTHER_VERSION = "#!/bin/sh\necho 3.12\n"


def real() -> str:
    """A program that is this very interpreter."""
    return f'#!/bin/sh\nexec "{REAL}" "$@"\n'


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A home and a PATH where nothing but the tools of the shell can be found."""
    for tool in ("bash", "ls", "sort", "mktemp", "rm", "cat", "sh", "dirname"):
        link = tmp_path / "bin" / tool
        link.parent.mkdir(exist_ok=True)
        found = next(p for p in ("/bin", "/usr/bin") if (Path(p) / tool).exists())
        link.symlink_to(Path(found) / tool)
    return tmp_path


def find_python(machine: Path, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(REPOSITORY / "scripts" / "find-python")],
        env={"PATH": str(machine / "bin"), "HOME": str(machine), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_was_named_is_taken(machine: Path) -> None:
    named = program(machine / "elsewhere" / "python", real())

    result = find_python(machine, PYTHON=str(named))

    assert result.returncode == 0
    assert Path(result.stdout.strip()).samefile(REAL)


def test_a_wrong_python_that_was_named_is_refused_though_a_right_one_exists(machine: Path) -> None:
    program(machine / "bin" / "python3.10", real())
    named = program(machine / "elsewhere" / "python", OTHER_VERSION)

    result = find_python(machine, PYTHON=str(named))

    assert result.returncode == 1
    assert f"PYTHON={named} is not a working Python 3.10" in result.stderr


def test_a_shim_that_fails_when_called_is_passed_over_for_pyenv(machine: Path) -> None:
    program(machine / "bin" / "python3.10", SHIM_THAT_FAILS)
    program(machine / ".pyenv/versions/3.10.2/bin/python3.10", real())

    result = find_python(machine)

    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).samefile(REAL)


def test_the_newest_of_pyenvs_versions_is_taken(machine: Path) -> None:
    program(machine / "pyenv/versions/3.10.9/bin/python3.10", SHIM_THAT_FAILS)
    program(machine / "pyenv/versions/3.10.13/bin/python3.10", real())

    result = find_python(machine, PYENV_ROOT=str(machine / "pyenv"))

    assert result.returncode == 0, result.stderr


def test_uv_is_asked_when_nothing_else_answers(machine: Path) -> None:
    managed = program(machine / "uv-python" / "python3.10", real())
    program(
        machine / "bin" / "uv",
        f'#!/bin/sh\n[ "$2" = install ] && : > "{machine}/installed" && exit 0\n'
        f'[ -e "{machine}/installed" ] && echo "{managed}" && exit 0\nexit 2\n',
    )

    result = find_python(machine)

    assert result.returncode == 0, result.stderr
    assert (machine / "installed").exists(), "a missing version is downloaded first"


def test_one_message_says_what_to_install_where_there_is_none(machine: Path) -> None:
    result = find_python(machine)

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("No Python 3.10 found")
    assert "pyenv install 3.10" in result.stderr
    assert "make run PYTHON=/path/to/python3.10" in result.stderr


def test_a_python_without_venv_is_named_in_the_message(machine: Path) -> None:
    program(
        machine / "bin" / "python3.10",
        '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\necho 3.10\n',
    )

    result = find_python(machine)

    assert result.returncode == 1
    assert "python3.10 has no venv module" in result.stderr


def test_no_python_version_file_stands_in_the_way_of_pyenvs_shims() -> None:
    assert not (REPOSITORY / ".python-version").exists()
    assert os.access(REPOSITORY / "scripts" / "make-environment", os.X_OK)
