"""The lock file against what is installed."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

LOCK_FILE = Path(__file__).resolve().parents[2] / "requirements.lock"
RUNTIME_INPUT = "requirements.in"

_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
_VIA = re.compile(r"^\s+#\s+(?:via\s+)?(?!via$)(?P<parent>\S.*)$")


@dataclasses.dataclass(frozen=True)
class LockedPackage:
    """One line of the lock.

    Attributes:
      version: The one version that may be installed.
      needed_by: Packages and input files that ask for it.
    """

    version: str
    needed_by: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Mismatch:
    """A package that is not as the lock says; `installed` is None where it is absent."""

    name: str
    locked: str
    installed: str | None


def canonical(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> dict[str, LockedPackage]:
    """Reads a requirements file that `uv pip compile` or `pip-compile` wrote.

    Args:
      text: Lines ``name==version``, each followed by hashes and by comments that say
        who needs it.

    Returns:
      Package by canonical name.
    """
    versions: dict[str, str] = {}
    parents: dict[str, list[str]] = {}
    current = ""
    for line in text.splitlines():
        if pinned := _PINNED.match(line):
            current = canonical(pinned["name"])
            versions[current] = pinned["version"]
            parents[current] = []
        elif current and (via := _VIA.match(line)):
            parents[current].append(via["parent"].strip().removeprefix("-r "))
    return {
        name: LockedPackage(version, tuple(parents[name])) for name, version in versions.items()
    }


def runtime_packages(lock: Mapping[str, LockedPackage]) -> set[str]:
    """The packages that running needs, without those that only development needs."""
    runtime = {name for name, package in lock.items() if RUNTIME_INPUT in package.needed_by}
    while True:
        more = {
            name
            for name, package in lock.items()
            if name not in runtime and any(canonical(p) in runtime for p in package.needed_by)
        }
        if not more:
            return runtime
        runtime |= more


def installed_packages() -> dict[str, str]:
    """Version by canonical name of every package that this interpreter finds."""
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        # The first one on the path is the one that is imported.
        found.setdefault(canonical(distribution.name), distribution.version)
    return found


def mismatches(lock: Mapping[str, LockedPackage], installed: Mapping[str, str]) -> list[Mismatch]:
    """What is not as the lock says.

    A package of another version counts always, a missing one only where it is
    needed to run: an image has no linters.
    """
    runtime = runtime_packages(lock)
    return [
        Mismatch(name, package.version, installed.get(name))
        for name, package in sorted(lock.items())
        if installed.get(name) != package.version and (name in installed or name in runtime)
    ]


def pins_of_distribution(requirements: Iterable[str]) -> dict[str, LockedPackage]:
    """The exact versions that an installed Millrace asks for, where no lock lies beside it.

    Args:
      requirements: As `importlib.metadata.requires` gives them, extras with a marker.
    """
    pins: dict[str, LockedPackage] = {}
    for requirement in requirements:
        pinned = _PINNED.match(requirement)
        if pinned and "extra ==" not in requirement:
            pins[canonical(pinned["name"])] = LockedPackage(pinned["version"], (RUNTIME_INPUT,))
    return pins
