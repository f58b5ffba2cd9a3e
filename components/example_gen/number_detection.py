"""How the numbers of a CSV file are written, as far as its columns tell."""

from __future__ import annotations

from collections.abc import Mapping

from components.example_gen.column_texts import ColumnTexts
from components.example_gen.number_format import NumberFormat

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
) -> tuple[NumberFormat, str]:
    """Takes the format in which the most columns are numbers.

    Args:
      columns: What was counted of each column.
      delimiter: The file's; it decides where 1,234 may be 1234 or 1.234: files whose
        delimiter is no comma are most often from places where the comma is decimal.

    Returns:
      The format, and why, as a phrase; empty for plain numbers.
    """
    formats = list(_FORMATS)
    if delimiter != ",":
        formats[0], formats[1] = formats[1], formats[0]
    best, shares = PLAIN, _shares(columns, PLAIN)
    for found in formats:
        candidate = _shares(columns, found)
        if sum(candidate.values()) > sum(shares.values()) + 1e-9:
            best, shares = found, candidate
    if best is PLAIN:
        return PLAIN, ""
    name, text = next(
        (name, text)
        for name in shares
        for text in columns[name].texts
        if PLAIN.read(text) is None and best.read(text) is not None
    )
    why = f"{text!r} in {name!r} is a number then"
    other = NumberFormat(",") if best == NumberFormat(None, ",") else NumberFormat(None, ",")
    if best in formats[:2] and _shares(columns, other) == shares:
        why += "; the other meaning of its comma fits as well"
    return best, why


def _shares(columns: Mapping[str, ColumnTexts], number_format: NumberFormat) -> dict[str, float]:
    """The share of numbers in each column of numbers; other columns are left out."""
    shares = {}
    for name, column in columns.items():
        broken = any(number_format.read(text) is None for text in column.points)
        share = column.share(
            lambda text: number_format.read(text) is not None, 0 if broken else column.numbers
        )
        if share >= _MOST_OF:
            shares[name] = share
    return shares
