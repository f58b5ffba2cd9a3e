"""Which packages this user's Millrace compiled, so that no other one is run unasked.

A package names programs, and the emulator runs them on this machine. The record lies in the
user's state folder, not beside the package: a folder that somebody sends could hold both.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import sys
from pathlib import Path

import click

from core import errors, files
from kubeflow.package.package import Package, package_text

_SHOWN = 5


def note_compiled(package: Package) -> None:
    """Notes that this package was compiled here; where that cannot be kept it is asked for.

    Args:
      package: The package.
    """
    with contextlib.suppress(OSError):
        path = _record(package)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.write_text(path, "")


def was_compiled_here(package: Package) -> bool:
    """Whether this very package was compiled here; any change of it makes it another one."""
    return _record(package).is_file()


def check_is_wanted(package: Package, path: Path, words: list[tuple[str, ...]], yes: bool) -> None:
    """Asks before commands of a package that was not compiled here run on this machine.

    Args:
      package: The package.
      path: Its file, for the words.
      words: The command of each task.
      yes: Whether the person agreed beforehand.

    Raises:
      errors.UserError: If nobody agreed.
    """
    if yes or was_compiled_here(package):
        return
    shown = dict.fromkeys(shlex.join(command[:8])[:100] for command in words)
    lines = [*list(shown)[:_SHOWN], *([f"and {len(shown) - _SHOWN} more"] * (len(shown) > _SHOWN))]
    if sys.stdin.isatty() and sys.stderr.isatty():
        click.echo(f"{path} was not compiled here, or was changed. It runs on this machine:")
        for line in lines:
            click.echo(f"  {line!r}")
        if click.confirm("Run these commands?", default=False, err=True):
            return
    raise errors.UserError(
        f"{path} was not compiled here, or was changed, and its commands run on this machine",
        evidence=[f"it would run {line!r}" for line in lines],
        hint=f"read it; if you trust it: millrace kubeflow emulate {shlex.quote(str(path))} --yes",
        code="unknown-package",
    )


def _record(package: Package) -> Path:
    digest = hashlib.sha256(package_text(package).encode()).hexdigest()
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return folder / "millrace" / "compiled-packages" / digest
