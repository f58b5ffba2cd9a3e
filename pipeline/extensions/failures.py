"""Failures of the project's own code, told by its own lines."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from core import errors, files
from pipeline.extensions.modules import is_project_file

# How TensorFlow repeats a traceback of code that it has rewritten.
_REPEATED_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+), in (\S+)')


def own_failure(error: BaseException, node_id: str) -> errors.UserError | None:
    """The failure of a node as one of the project's own code, None where it is not.

    Args:
      error: What was raised.
      node_id: The node that failed.

    Returns:
      An error with the exception in its headline and the innermost line of the project's
      code as evidence.
    """
    places = project_lines(error)
    if not places:
        return None
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    said = f"{type(error).__name__}: {lines[0].strip()}" if lines else type(error).__name__
    more = lines[1:4]
    if lines and lines[0].startswith("in user code:"):
        said, more = lines[-1].strip(), []
    return errors.UserError(
        f"{node_id} failed in code of your own: {said[:300]}",
        evidence=[*(line.strip()[:300] for line in more), places[-1]],
        hint="correct it and run again; the log has the whole traceback",
        code="own-code-failed",
    )


def project_lines(error: BaseException) -> list[str]:
    """The lines of the project's own files that an error went through, the innermost last.

    Args:
      error: The error, raised.
    """
    found = []
    for frame in traceback.extract_tb(error.__traceback__):
        # TensorFlow runs rewritten copies of functions.
        if is_project_file(Path(frame.filename)) and not _is_made_up(frame.filename):
            text = f": {frame.line}" if frame.line else ""
            place = files.shown_path(Path(frame.filename))
            found.append(f"at {place}:{frame.lineno}, in {frame.name}{text}")
    for line in str(error).splitlines():
        repeated = _REPEATED_FRAME.match(line)
        if repeated and is_project_file(Path(repeated[1])):
            place = files.shown_path(Path(repeated[1]))
            found.append(f"at {place}:{repeated[2]}, in {repeated[3]}")
    if isinstance(error, SyntaxError) and error.filename:
        found.append(f"at {files.shown_path(Path(error.filename))}:{error.lineno}")
    return found


def _is_made_up(filename: str) -> bool:
    return filename.startswith("<") or "__autograph_generated" in filename
