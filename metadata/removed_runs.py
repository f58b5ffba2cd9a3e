"""Which runs were removed by `millrace clean`, so that nobody looks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from core import files

FILE_NAME = ".removed"


def removed_runs(runs: Path) -> Mapping[str, str]:
    """When each removed run was removed (ISO 8601, UTC), by its id.

    Args:
      runs: The folder with one folder per run.
    """
    try:
        lines = (runs / FILE_NAME).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition(" ") for line in lines)
    return {run_id: when for run_id, _, when in pairs if run_id}


def note_removed(runs: Path, run_ids: Iterable[str], when: str) -> None:
    """Notes that runs are removed, before anything of them goes.

    From here on they are not found any more, whatever of them is still there.

    Args:
      runs: The folder with one folder per run.
      run_ids: The runs.
      when: ISO 8601, UTC.

    Raises:
      OSError: If the disk refuses.
    """
    known = {**removed_runs(runs), **dict.fromkeys(run_ids, when)}
    files.write_text(runs / FILE_NAME, "".join(f"{run} {at}\n" for run, at in known.items()))
