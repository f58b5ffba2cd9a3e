"""How the numbers of a CSV file are written, as far as its columns tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from components.example_gen.number_format import NumberFormat
from components.example_gen.sniffing.cell_kinds import cell_kind
from components.example_gen.sniffing.column_texts import ColumnTexts
from components.example_gen.sniffing.markers import is_marker

PLAIN = NumberFormat(None)
# In the order of preference where several explain as much.
_FORMATS = (
    NumberFormat(","),
    NumberFormat(None, ","),
    NumberFormat(".", ","),
    NumberFormat(" "),
    NumberFormat(" ", ","),
    NumberFormat("'"),
    NumberFormat("'", ","),
)
_MOST_OF = 0.95


def find_number_format(
    columns: Mapping[str, ColumnTexts], delimiter: str
) -> tuple[NumberFormat, dict[str, str]]:
    """Takes the format in which the most columns are numbers.

    Args:
      columns: What was counted of each column.
      delimiter: The file's; it decides where 1,234 may be 1234 or 1.234: files whose
        delimiter is no comma are most often from places where the comma is decimal.

    Returns:
      The format, and why by `thousands` and `decimal`, as phrases; none for plain numbers.
    """
    formats = list(_FORMATS)
    if delimiter != ",":
        formats[0], formats[1] = formats[1], formats[0]
    best, shares = PLAIN, _shares(columns, PLAIN)
    if not any(map(_has_other_numbers, columns.values())):
        return PLAIN, {}
    for found in formats:
        candidate = _shares(columns, found)
        if sum(candidate.values()) > sum(shares.values()) + 1e-9:
            best, shares = found, candidate
    why = {}
    if best.thousands is not None:
        why["thousands"] = _example(columns, shares, best.has_groups)
    if best.decimal != PLAIN.decimal:
        why["decimal"] = _example(columns, shares, lambda text: best.decimal in text)
    other = {_FORMATS[0]: _FORMATS[1], _FORMATS[1]: _FORMATS[0]}.get(best)
    if other is not None and _shares(columns, other) == shares:
        meaning = "decimal" if other.thousands is None else "between thousands"
        why = {key: f"{text}; it could be {meaning} as well" for key, text in why.items()}
    return best, why


def _example(
    columns: Mapping[str, ColumnTexts], names: Iterable[str], shows: Callable[[str], bool]
) -> str:
    """One number of the columns that shows a character of its format."""
    for name in names:
        for text in (*columns[name].texts, *columns[name].points):
            if not is_marker(text) and shows(text):
                return f"{text.strip()!r} is a number of {name!r}"
    return "numbers are written so"


def _has_other_numbers(column: ColumnTexts) -> bool:
    """Whether a column has numbers that are not written as Python writes them."""
    return any(cell_kind(text) == "number" for text in column.texts)


def _shares(columns: Mapping[str, ColumnTexts], number_format: NumberFormat) -> dict[str, float]:
    """The share of numbers in each column of numbers; other columns are left out."""
    shares = {}
    for name, column in columns.items():
        broken = any(number_format.read(text) is None for text in column.points)
        share = column.share(
            lambda text: cell_kind(text) == "number" and number_format.read(text) is not None,
            0 if broken else column.numbers,
        )
        if share >= _MOST_OF:
            shares[name] = share
    return shares
