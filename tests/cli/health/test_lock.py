"""Reading the lock and comparing it with what is installed."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

from packaging.requirements import Requirement

from cli.health.lock import (
    LOCK_FILE,
    LockedPackage,
    Mismatch,
    canonical,
    installed_packages,
    mismatches,
    pins_of_distribution,
    read_lock,
    runtime_packages,
)

LOCK = """\
# comment at the top
numpy==1.26.4 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via
    #   -r requirements.in
    #   scipy
scipy==1.12.0 \\
    --hash=sha256:cc
    # via tfx
tfx[kfp]==1.16.0 \\
    --hash=sha256:dd
    # via -r requirements.in
Types_PyYAML==6.0 \\
    --hash=sha256:ee
    # via -r requirements-dev.in
pluggy==1.7.0 \\
    --hash=sha256:ff
    # via pytest
pytest==9.0 \\
    --hash=sha256:00
    # via -r requirements-dev.in
"""


def test_versions_and_who_needs_them_are_read() -> None:
    lock = read_lock(LOCK)

    assert lock["numpy"] == LockedPackage("1.26.4", ("requirements.in", "scipy"))
    assert lock["tfx"].version == "1.16.0"
    assert lock["types-pyyaml"].needed_by == ("requirements-dev.in",)


def test_what_only_development_needs_is_told_apart() -> None:
    assert runtime_packages(read_lock(LOCK)) == {"numpy", "scipy", "tfx"}


def test_a_missing_linter_is_no_mismatch_but_a_wrong_one_is() -> None:
    installed = {"numpy": "1.26.4", "scipy": "1.12.0", "tfx": "1.16.0"}

    assert mismatches(read_lock(LOCK), installed) == []
    assert mismatches(read_lock(LOCK), {**installed, "pytest": "8.0"}) == [
        Mismatch("pytest", "9.0", "8.0")
    ]


def test_a_missing_or_other_runtime_package_is_a_mismatch() -> None:
    installed = {"numpy": "2.0.0", "scipy": "1.12.0"}

    assert mismatches(read_lock(LOCK), installed) == [
        Mismatch("numpy", "1.26.4", "2.0.0"),
        Mismatch("tfx", "1.16.0", None),
    ]


def test_an_installed_distribution_tells_its_pins_without_extras() -> None:
    pins = pins_of_distribution(
        ["tfx[kfp]==1.16.0", "numpy==1.26.4", "pytest ; extra == 'dev'", "ruff==1 ; extra == 'dev'"]
    )

    assert {name: pin.version for name, pin in pins.items()} == {
        "tfx": "1.16.0",
        "numpy": "1.26.4",
    }
    assert runtime_packages(pins) == set(pins)


def test_the_lock_holds_all_that_the_inputs_ask_for(repository: Path) -> None:
    lock = read_lock(LOCK_FILE.read_text())
    for name in ("requirements.in", "requirements-dev.in"):
        lines = [
            line.split("#")[0].strip() for line in (repository / name).read_text().splitlines()
        ]
        for requirement in (Requirement(line) for line in lines if line):
            locked = lock[canonical(requirement.name)]
            assert requirement.specifier.contains(locked.version), requirement
            assert name in locked.needed_by, f"`make lock` was not run: {requirement}"


def test_every_locked_package_has_hashes() -> None:
    packages = re.split(r"\n(?=\S+==)", LOCK_FILE.read_text())[1:]

    assert len(packages) == len(read_lock(LOCK_FILE.read_text()))
    assert [text.split()[0] for text in packages if "--hash=sha256:" not in text] == []


def test_this_environment_is_the_locks() -> None:
    assert mismatches(read_lock(LOCK_FILE.read_text()), installed_packages()) == []
    assert importlib.metadata.entry_points(group="console_scripts", name="millrace")
