"""The table that both sides read: real trips where there are any, as often as needed."""

from __future__ import annotations

import os
from pathlib import Path

from core import files

REPOSITORY = Path(__file__).resolve().parents[1]


def find_trips(scratch: Path) -> Path:
    """The CSV file of real taxi trips, or one of made trips where there is none.

    Args:
      scratch: Where made trips may be written.
    """
    from pipeline.sample.taxi import FILE_NAME, write_sample

    shared = Path(os.environ.get("MILLRACE_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    real = shared / "chicago_taxi" / "data.csv"
    if real.is_file():
        return real
    made = scratch / "made" / FILE_NAME
    return made if made.is_file() else write_sample(made.parent, rows=15_000, seed=0)


def repeat_rows(source: Path, rows: int, target: Path) -> Path:
    """Writes the first `rows` rows of a CSV file repeated without end.

    Args:
      source: A CSV file with a header and no line breaks within values.
      rows: How many rows.
      target: The file to write; kept where it is there.

    Returns:
      `target`.
    """
    if target.is_file():
        return target
    header, *lines = source.read_bytes().splitlines(keepends=True)
    lines[-1] = lines[-1].rstrip(b"\n") + b"\n"
    with files.replaced_when_whole(target) as temporary, temporary.open("wb") as out:
        out.write(header)
        whole, rest = divmod(rows, len(lines))
        block = b"".join(lines)
        for _ in range(whole):
            out.write(block)
        out.write(b"".join(lines[:rest]))
    return target
