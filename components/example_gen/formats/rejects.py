"""Rows that cannot be read: their reasons, how many are allowed, where they are kept."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from core.errors import DataError

REJECTS_PATH = Path("rejects") / "rejects.jsonl"
_SHOWN = 5
_TEXT_LIMIT = 500


@dataclasses.dataclass(frozen=True)
class Reject:
    """One row that cannot be read.

    Attributes:
      file: The file's path.
      row: The number of the line on which the row starts, counted from 1 with the
        header (CSV, JSON lines), or the row's number, counted from 1 (other formats).
      column: The column to blame; None where it is the row as a whole.
      reason: What is wrong, in a few words.
      text: The row as it stands in the file, shortened.
      code: A short searchable name of the reason.
    """

    file: str
    row: int
    column: str | None
    reason: str
    text: str
    code: str

    def place(self) -> str:
        """File, row and column as one line of evidence."""
        column = f", column {self.column!r}" if self.column is not None else ""
        return f"{self.file}, row {self.row:,}{column}"

    def to_error(self, hint: str) -> DataError:
        """The error that this row alone is."""
        return DataError(
            f"row {self.row:,} of {Path(self.file).name} cannot be read: {self.reason}",
            evidence=[self.place(), f"the row: {shortened(self.text, 160)}"],
            hint=hint,
            code=self.code,
        )

    def to_json(self) -> str:
        """One line of the rejects file."""
        record = {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "reason": self.reason,
            "code": self.code,
            "text": shortened(self.text, _TEXT_LIMIT),
        }
        return json.dumps(record, ensure_ascii=False)


_HINTS = {
    "ragged-row": "repair the row, or check `delimiter` and `quote`",
    "not-utf-8": "save the file as UTF-8, for instance with: iconv -f LATIN1 -t UTF-8",
    "nested-value": "write the parts as columns of their own",
    "multiple-values": "write the values as columns of their own",
    "integer-overflow": "fix the column's type under `columns` (text keeps all digits)",
    "type-change": "repair the value, name it in `null_markers` if it means a missing one, or fix "
    "the column's type under `columns`",
    "not-the-fixed-type": "repair the value, or change the column's type under `columns`",
    "no-time": "repair the value, or split by hash",
}


class RejectTally:
    """Counts rejects of a first pass and stops it where none is allowed.

    Args:
      max_share: The share of all rows that may be rejected.

    Attributes:
      count: How many rows were rejected.
      timeless: How many of them only because they have no time to split by.
    """

    def __init__(self, max_share: float) -> None:
        self._max_share = max_share
        self._first: list[Reject] = []
        self.count = 0
        self.timeless = 0

    def add(self, rejects: Iterable[Reject]) -> None:
        """Counts rejects.

        Raises:
          DataError: At the first one, where no reject is allowed.
        """
        for reject in rejects:
            if self._max_share <= 0.0:
                hint = _HINTS.get(reject.code, "repair the row")
                raise reject.to_error(
                    f"{hint}; or allow a share of such rows with `data.rejects.max_share`"
                )
            if len(self._first) < _SHOWN:
                self._first.append(reject)
            self.count += 1

    def add_timeless(self, rejects: Iterable[Reject]) -> None:
        """Counts rows that were good until a time to split them by was looked for.

        Raises:
          DataError: At the first one, where no reject is allowed.
        """
        before = self.count
        self.add(rejects)
        self.timeless += self.count - before

    def check(self, good_rows: int) -> None:
        """Compares the count with the allowed share, once all rows were seen.

        Raises:
          DataError: If more rows were rejected than the share allows.
        """
        total = good_rows + self.count
        if self.count <= self._max_share * total:
            return
        raise DataError(
            f"{self.count:,} of {total:,} rows cannot be read,"
            f" more than `data.rejects.max_share` {self._max_share:g} allows",
            evidence=[f"{reject.place()}: {reject.reason}" for reject in self._first],
            hint="repair the rows, or allow a larger share",
            code="too-many-rejects",
        )


class RejectsFile:
    """The rejects of one run of ExampleGen, a JSON record a line.

    The file is made with the first reject, so that its being there says something.

    Args:
      path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: IO[str] | None = None

    def write(self, rejects: Iterable[Reject]) -> None:
        """Appends rejects."""
        for reject in rejects:
            if self._stream is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._stream = self._path.open("w", encoding="utf-8")
            self._stream.write(reject.to_json() + "\n")

    def close(self) -> None:
        """Finishes the file."""
        if self._stream is not None:
            self._stream.close()


def shortened(text: str, limit: int) -> str:
    """`text` cut to `limit` characters, with a mark where it was cut."""
    text = text.rstrip("\r\n")
    return text if len(text) <= limit else text[: limit - 1] + "…"
