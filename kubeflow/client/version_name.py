"""The name of a pipeline version: which code, and exactly which package."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

NO_COMMIT = "no-git"
_SECONDS = 10


def version_name(package: bytes, *folders: Path) -> str:
    """Names a version after the commit and the content of its package.

    Args:
      package: The package file's content; it holds the whole configuration.
      *folders: Where to look for a git checkout, the first one that is in one counts.

    Returns:
      Such as ``3f2a1c9-8d41f0aa``; ``3f2a1c9-changed-8d41f0aa`` where files under version
      control differ from the commit; ``no-git-8d41f0aa`` where there is no commit. Only
      letters, digits and dashes: where Kubeflow keeps pipelines as Kubernetes objects,
      a name has no other signs.
    """
    digest = hashlib.sha256(package).hexdigest()[:8]
    return f"{commit(*folders)}-{digest}"


def commit(*folders: Path) -> str:
    """The short commit of the first folder that is in a git checkout.

    Args:
      *folders: Where to look.

    Returns:
      Seven digits, with ``-changed`` where tracked files differ; ``no-git`` where no
      folder is in a checkout that has a commit, or there is no git.
    """
    for folder in folders:
        found = _git(folder, "rev-parse", "--short=7", "HEAD")
        if found:
            changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
            return f"{found}-changed" if changes else found
    return NO_COMMIT


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=", "-C", str(folder), "--no-optional-locks", *words],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
