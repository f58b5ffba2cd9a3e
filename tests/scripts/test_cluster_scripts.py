"""What the scripts for a cluster do before and around the cluster's own programs.

No cluster and no Docker is here: programs that write down how they were called stand in.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from pipeline.identity.properties import commit_of

RECORDER = """#!/bin/sh
echo "$0 $*" >> "$CALLS"
case "$*" in
  *"create "*"-f -"*) cat > "$CALLS.manifest" ;;
  *"get secret"*) exit "${SECRET_MISSING:-0}" ;;
  *"image inspect"*) echo 2359000000 ;;
esac
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with stand-ins for the programs, which write their calls to `calls`."""
    for name in ("docker", "kubectl", "kind"):
        (tmp_path / name).write_text(RECORDER)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def call(
    repository: Path, programs: Path, script: str, *words: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    path = variables.pop("PATH", f"{programs}:{os.environ['PATH']}")
    return subprocess.run(
        [str(repository / "scripts" / script), *words],
        env={"PATH": path, "CALLS": str(programs / "calls"), **variables},
        capture_output=True,
        text=True,
    )


def calls(programs: Path) -> str:
    return (programs / "calls").read_text()


def make_secret(repository: Path, programs: Path) -> tuple[dict[str, str], str]:
    done = call(repository, programs, "make-metadata-secret", "team", SECRET_MISSING="1")
    assert done.returncode == 0, done.stderr
    manifest = yaml.safe_load((programs / "calls.manifest").read_text())
    return manifest["stringData"], done.stdout + done.stderr + calls(programs)


def test_passwords_are_random(repository: Path, programs: Path) -> None:
    first, _ = make_secret(repository, programs)
    second, _ = make_secret(repository, programs)

    passwords = [*first.values(), *second.values()]
    assert list(first) == ["password", "root-password"]
    assert len(set(passwords)) == 4
    assert all(re.fullmatch("[0-9a-f]{48}", password) for password in passwords)


def test_passwords_are_on_no_command_line_and_not_printed(repository: Path, programs: Path) -> None:
    passwords, seen = make_secret(repository, programs)

    assert "--namespace team" in seen
    assert not any(password in seen for password in passwords.values())


def test_a_secret_that_is_there_stays(repository: Path, programs: Path) -> None:
    done = call(repository, programs, "make-metadata-secret")

    assert "stays as it is" in done.stdout
    assert "create" not in calls(programs)


@pytest.mark.parametrize("script", ["kind-up", "kind-down"])
def test_help_says_that_it_was_not_tried(repository: Path, programs: Path, script: str) -> None:
    done = call(repository, programs, script, "--help")

    assert done.returncode == 0
    assert "NOT TRIED IN THE PROJECT'S CI" in done.stdout
    assert "Usage:" in done.stdout
    assert "set -euo" not in done.stdout


@pytest.mark.parametrize("script", ["kind-up", "kind-down"])
def test_what_is_no_option_is_refused(repository: Path, programs: Path, script: str) -> None:
    done = call(repository, programs, script, "--delete-everything")

    assert done.returncode == 1
    assert "--help" in done.stderr
    assert not (programs / "calls").exists()


def test_a_missing_program_is_named(repository: Path, programs: Path) -> None:
    (programs / "kind").unlink()

    done = call(repository, programs, "kind-up", PATH=f"{programs}:/usr/bin:/bin")

    assert done.returncode == 1
    assert "kind is not installed" in done.stderr


def test_down_deletes_only_our_cluster(repository: Path, programs: Path) -> None:
    call(repository, programs, "kind-down", CLUSTER="mine")

    assert "kind delete cluster --name mine --kubeconfig" in calls(programs)


def test_an_image_is_built_behind_mirrors(repository: Path, programs: Path) -> None:
    done = call(
        repository,
        programs,
        "build-image",
        "team/millrace:1",
        PYTHON_IMAGE="mirror/python:3.10-slim",
        INDEX_URL="https://mirror/simple",
        CA_CERTIFICATES="/etc/bundle.pem",
        NETRC="/root/.netrc",
    )

    build, doctor, check, emulated, *_ = calls(programs).split(f"{programs}/docker ")[1:]
    commit = commit_of(repository)
    assert build.split() == [
        "build", "--tag", "team/millrace:1",
        *(["--build-arg", f"MILLRACE_COMMIT={commit}"] if commit else []),
        "--build-arg", "PYTHON_IMAGE=mirror/python:3.10-slim",
        "--build-arg", "INDEX_URL=https://mirror/simple",
        "--secret", "id=ca-certificates,src=/etc/bundle.pem",
        "--secret", "id=netrc,src=/root/.netrc", ".",
    ]  # fmt: skip
    assert doctor.split()[-2:] == ["team/millrace:1", "doctor"]
    assert check.split()[-3:] == ["-m", "pip", "check"]
    assert "millrace kubeflow emulate" in emulated
    assert "2359 MB" in done.stdout
