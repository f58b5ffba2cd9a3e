"""Whether the first line of a CSV file names its columns or is a row already."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
from collections.abc import Sequence

from components.example_gen.sniffing.cell_kinds import Kind, cell_kind
from components.example_gen.sniffing.markers import is_marker

_MOST_OF = 0.9
_STRONG, _WEAK = 2, 1
_YEARS = range(1900, 2101)


@dataclasses.dataclass
class _Votes:
    """What speaks for a header and what for a row, the strongest reason of each."""

    header: int = 0
    row: int = 0
    header_why: tuple[int, str] = (0, "")
    row_why: tuple[int, str] = (0, "")

    def for_header(self, weight: int, why: str) -> None:
        self.header += weight
        if weight > self.header_why[0]:
            self.header_why = (weight, why)

    def for_row(self, weight: int, why: str) -> None:
        self.row += weight
        if weight > self.row_why[0]:
            self.row_why = (weight, why)


def find_header(
    rows: Sequence[Sequence[str]], column_names: Sequence[str] | None = None
) -> tuple[bool, str]:
    """Compares the first row with the others, column by column.

    A name stands above numbers or times; a value is one itself, or comes again below.

    Args:
      rows: The first records of the file as fields.
      column_names: The names that somebody gave; then the first row must clearly be a header
        to be called one.

    Returns:
      Whether the first row is a header, and why, as a phrase.
    """
    if not rows:
        return True, "there is no row"
    first = [field.strip() for field in rows[0]]
    if column_names is not None:
        given = [name.strip().casefold() for name in column_names]
        if [name.casefold() for name in first] == given:
            return True, "the first line has the names that were given"
    body = [row for row in rows[1:] if len(row) == len(first)]
    votes = _Votes()
    if _is_numbered(first, body):
        votes.for_header(_STRONG * len(first), "its numbers count the columns or are years")
    else:
        for place, name in enumerate(first):
            _compare(votes, name, [row[place].strip() for row in body])
        _whole_row(votes, first)
    sure = votes.header_why[0] >= _STRONG
    if votes.row > votes.header or (column_names is not None and not sure):
        return False, votes.row_why[1] or "names were given"
    return True, votes.header_why[1] or "nothing in it looks like a value"


def _compare(votes: _Votes, name: str, values: list[str]) -> None:
    """Lets one column vote."""
    present: list[Kind] = [cell_kind(value) for value in values if not is_marker(value)]
    if not present or not name:
        return
    expected: tuple[tuple[Kind, str], ...] = (("number", "numbers"), ("time", "times"))
    for kind, words in expected:
        if present.count(kind) >= _MOST_OF * len(present):
            found = cell_kind(name)
            if found == kind or (found in ("number", "time") and kind == "time"):
                votes.for_row(_STRONG, f"{name!r} is one of the {words} of its column")
            elif any(c.isalpha() for c in name) and name not in values and not is_marker(name):
                votes.for_header(_STRONG, f"{name!r} stands above {words}")
            return
    counts = collections.Counter(value for value in values if value)
    if name in counts:
        votes.for_row(_WEAK, f"{name!r} comes again below it")
    elif len(counts) <= len(present) / 2:
        votes.for_header(_WEAK, f"{name!r} does not come again, and the values below it do")
    elif (shape := _common_shape(list(counts))) is not None:
        if _shape(name) == shape:
            votes.for_row(_WEAK, f"{name!r} looks like the values below it")
        else:
            votes.for_header(_WEAK, f"{name!r} looks unlike the values below it")


def _whole_row(votes: _Votes, first: Sequence[str]) -> None:
    if any(cell_kind(field) in ("number", "time") for field in first):
        empty = first.count("")
        names = [field for field in first if field]
        if len(set(names)) < len(names):
            votes.for_row(_WEAK, "it has a value twice")
        if empty > 1:
            votes.for_row(_WEAK, f"{empty} of its fields are empty")


def _is_numbered(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether names are 0, 1, 2 … (as pandas numbers columns) or neighbouring years."""
    if not body or len(first) < 2:
        return False
    if list(first) == [str(place) for place in range(len(first))]:
        return len(first) > 2
    years = [(place, int(field)) for place, field in enumerate(first) if field.isdecimal()]
    numbers = [field for field in first if cell_kind(field) == "number"]
    if len(years) < 2 or len(years) != len(numbers):
        return False
    steps = {later[1] - sooner[1] for sooner, later in itertools.pairwise(years)}
    if len(steps) != 1 or 0 in steps or any(year not in _YEARS for _, year in years):
        return False
    below = [row[place].strip() for row in body for place, _ in years]
    held = sum(value.isdecimal() and int(value) in _YEARS for value in below)
    return held < len(below) / 2


def _common_shape(values: Sequence[str]) -> str | None:
    """The shape of most values, where it says more than that they are words."""
    shape, count = collections.Counter(map(_shape, values)).most_common(1)[0]
    tells = re.search(r"[^A-Za-z\s]", shape) is not None
    return shape if tells and len(values) > 2 and count >= _MOST_OF * len(values) else None


def _shape(text: str) -> str:
    """The text with every run of letters as one letter and every run of digits as 9."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))
