"""What a failed task says: its exit code as an error, with its own words as evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from core import errors
from kubeflow.emulator.log_file import last_lines, tail
from kubeflow.emulator.task_folder import TaskFolder

_KINDS: dict[int, type[errors.MillraceError]] = {
    kind.exit_code: kind
    for kind in (
        errors.UserError,
        errors.DataError,
        errors.ModelError,
        errors.InfrastructureError,
        errors.InternalError,
    )
}
_LAST_LINES = 5
_HINT = "hint:"
HIDDEN = "***"


def failure(
    node_id: str,
    folder: TaskFolder,
    code: int,
    *,
    since: int = 0,
    late_after: float | None = None,
    secrets: Iterable[str] = (),
) -> errors.MillraceError:
    """The error of a task that ended badly.

    Args:
      node_id: What people call the task.
      folder: Its files: the termination log, else the end of its log, is the evidence.
      code: Its exit code; 2, 3, 4, 5 and 70 mean what they mean to the command line,
        everything else is an infrastructure error.
      since: Where in the log the last attempt begins, in bytes.
      late_after: The deadline in seconds, where it was stopped for that.
      secrets: Values that must not be shown.
    """
    kind = _KINDS.get(code, errors.InfrastructureError)
    if late_after is not None:
        return errors.InfrastructureError(
            f"{node_id} did not end within {late_after:g} s",
            evidence=hidden(last_lines(folder.log, since, _LAST_LINES), secrets),
            hint="the package sets this limit; compile it with a longer one",
            code="task-timeout",
        )
    headline, evidence, hint = _own_words(folder.termination)
    if not headline:
        headline = f"{node_id} failed with exit code {code}"
        evidence = last_lines(folder.log, since, _LAST_LINES)
    return kind(
        hidden([headline], secrets)[0],
        evidence=hidden(evidence, secrets),
        hint=hidden([hint], secrets)[0],
        code="task-failed",
    )


def output_failure(node_id: str, reason: str) -> errors.MillraceError:
    """The error of a task that ended well and left what the launcher refuses."""
    return errors.InfrastructureError(
        f"{node_id} left outputs that Kubeflow's launcher refuses",
        evidence=[reason],
        hint="its log and its folder of the run show what it wrote",
        code="task-outputs",
    )


def _own_words(path: Path) -> tuple[str, list[str], str]:
    """Headline, evidence and hint out of a termination log."""
    lines = [line.strip() for line in tail(path).splitlines() if line.strip()]
    if not lines:
        return "", [], ""
    hints = [line.removeprefix(_HINT).strip() for line in lines[1:] if line.startswith(_HINT)]
    evidence = [line for line in lines[1:] if not line.startswith(_HINT)]
    return _without_kind(lines[0]), evidence, hints[-1] if hints else ""


def _without_kind(line: str) -> str:
    """Takes ``data error in DataGate:`` off, which is said again where the error is shown."""
    kinds = "|".join(re.escape(kind.kind) for kind in _KINDS.values())
    return re.sub(rf"^(?:{kinds})(?: in \S+)?: ", "", line)


def hidden(lines: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """Lines with stars where values stand that must not be shown."""
    found = [secret for secret in secrets if secret]
    shown = []
    for line in lines:
        for secret in found:
            line = line.replace(secret, HIDDEN)
        shown.append(line)
    return shown
