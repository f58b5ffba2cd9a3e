"""Statistics as tables in the terminal: one for numbers, one for texts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len
from rich.table import Table

from core import formats
from report.statistics import Feature, SplitFeature, Statistics, Texts

_BLOCKS = "▁▂▃▄▅▆▇█"
_MOST_BINS = 12
_MOST_VALUES = 4
_VALUE_LENGTH = 18
_GAP = 2
_LEAST_FOR_VALUES = 24
_LEAST_FOR_NAMES = 12
# From here on all digits of a number are more than a narrow terminal has room for.
_LARGE = 1e6

_Row = tuple[Feature, str, SplitFeature]


@dataclasses.dataclass(frozen=True)
class _Column:
    """A column of a table.

    Attributes:
      name: Its heading.
      cells: Its texts.
      left_out: Where the terminal is too narrow, columns are left out in this order; 0
        for one that always stays.
      right: Whether it is aligned to the right.
      most: The width beyond which it is cut or folded.
      is_elastic: Whether it gets the room that is left.
    """

    name: str
    cells: Sequence[str]
    left_out: int = 0
    right: bool = True
    most: int | None = None
    is_elastic: bool = False

    @property
    def width(self) -> int:
        wanted = max(map(cell_len, (self.name, *self.cells)))
        return wanted if self.most is None else min(wanted, self.most)


def tables(statistics: Statistics, width: int) -> Iterator[Table]:
    """The tables of a dataset; empty ones are left out.

    Args:
      statistics: Of one or several splits; a line for each feature and split.
      width: Signs in a line of the terminal. Columns that say least are left out where
        they do not fit.
    """
    rows = [
        (feature, split, found)
        for feature in statistics.features
        for split, found in feature.splits.items()
    ]
    several = len(statistics.rows) > 1
    for kind, columns in (("numbers", _number_columns), ("texts", _text_columns)):
        chosen = [row for row in rows if getattr(row[2], kind) is not None]
        if chosen:
            yield _table(columns, chosen, width, several=several)
    empty = [row for row in rows if row[2].numbers is None and row[2].texts is None]
    if empty:
        yield _table(_empty_columns, empty, width, several=several)


def _number_columns(rows: Sequence[_Row], write: Callable[[float], str]) -> list[_Column]:
    values = [found.numbers for _, _, found in rows if found.numbers is not None]
    zeros = [formats.percent(v.zeros) if v.zeros else formats.NONE for v in values]
    return [
        _names("Number", rows),
        _splits(rows),
        _Column("type", [feature.type for feature, _, _ in rows], 2, right=False),
        _present(rows, 3),
        _missing(rows),
        _Column("zeros", zeros, 4),
        _Column("mean", [write(v.mean) for v in values]),
        _Column("std", [write(v.deviation) for v in values], 5),
        _Column("min", [write(v.minimum) for v in values], 7),
        _Column("median", [write(v.median) for v in values], 6),
        _Column("max", [write(v.maximum) for v in values], 8),
        _Column("histogram", [_blocks(feature, split) for feature, split, _ in rows], right=False),
    ]


def _text_columns(rows: Sequence[_Row], write: Callable[[float], str]) -> list[_Column]:
    values = [found.texts for _, _, found in rows if found.texts is not None]
    lengths = [formats.number(v.average_length, 3) for v in values]
    top = [_top(v) for v in values]
    return [
        _names("Text", rows),
        _splits(rows),
        _present(rows, 3),
        _missing(rows),
        _Column("unique", [f"{v.unique:,}" for v in values]),
        _Column("length", lengths, 2),
        _Column("most frequent", top, right=False, most=_LEAST_FOR_VALUES, is_elastic=True),
    ]


def _empty_columns(rows: Sequence[_Row], write: Callable[[float], str]) -> list[_Column]:
    return [_names("No values", rows), _splits(rows), _present(rows, 0), _missing(rows)]


def _table(
    make: Callable[[Sequence[_Row], Callable[[float], str]], list[_Column]],
    rows: Sequence[_Row],
    width: int,
    *,
    several: bool,
) -> Table:
    columns = make(rows, formats.number)
    if _width(columns) > width:
        columns = make(rows, _short)
    # The splits' names are needed where there are several.
    columns = [column for column in columns if column.name != "split" or several]
    while _width(columns) > width and any(column.left_out for column in columns):
        first = min((column for column in columns if column.left_out), key=lambda c: c.left_out)
        columns.remove(first)
    made = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    spare = width - _width(columns)
    for column in columns:
        wide = column.width
        if column.is_elastic:
            wide = min(max(map(cell_len, column.cells)), wide + max(0, spare))
        elif column is columns[0]:
            wide = max(min(wide, _LEAST_FOR_NAMES), wide + min(0, spare))
        made.add_column(
            column.name,
            justify="right" if column.right else "left",
            no_wrap=column is not columns[0],
            overflow="fold" if column is columns[0] else "ellipsis",
            # Else rich takes the room that it lacks from the names.
            width=wide,
        )
    for cells in zip(*(column.cells for column in columns), strict=True):
        made.add_row(*cells)
    return made


def _width(columns: Sequence[_Column]) -> int:
    return sum(column.width for column in columns) + _GAP * (len(columns) - 1)


def _short(value: float) -> str:
    return formats.number(value) if abs(value) < _LARGE else f"{value:.3e}".replace("e+0", "e")


def _names(title: str, rows: Sequence[_Row]) -> _Column:
    names = [feature.name for feature, _, _ in rows]
    shown = ["" if place and names[place - 1] == name else name for place, name in enumerate(names)]
    return _Column(title, shown, right=False, most=40)


def _splits(rows: Sequence[_Row]) -> _Column:
    return _Column("split", [split for _, split, _ in rows], right=False)


def _present(rows: Sequence[_Row], left_out: int) -> _Column:
    return _Column("present", [f"{found.present:,}" for _, _, found in rows], left_out)


def _missing(rows: Sequence[_Row]) -> _Column:
    cells = [formats.percent(f.missing) if f.missing else formats.NONE for _, _, f in rows]
    return _Column("missing", cells)


def _top(values: Texts) -> str:
    shown = [
        f"{formats.shorten(value, _VALUE_LENGTH) if value.strip() else '(empty)'}"
        f" {formats.percent(share)}"
        for value, share in values.top[:_MOST_VALUES]
    ]
    return ", ".join(shown) + (", …" if values.unique > _MOST_VALUES else "")


def _blocks(feature: Feature, split: str) -> str:
    """The shares of the bins as blocks of different heights; an ellipsis for a cut tail."""
    if feature.histogram is None or split not in feature.histogram.shares:
        return ""
    shares = list(feature.histogram.shares[split])
    while len(shares) > _MOST_BINS:
        shares = [sum(shares[i : i + 2]) for i in range(0, len(shares), 2)]
    tallest = max(shares) or 1.0
    blocks = [
        " " if share <= 0 else _BLOCKS[min(7, int(share / tallest * 7.999))] for share in shares
    ]
    beyond = feature.histogram.beyond.get(split, 0.0) > 0
    return "".join(blocks) + ("…" if beyond else "")
