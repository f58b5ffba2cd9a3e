"""Which marks of currencies and of percent stand around the numbers of a CSV file."""

from __future__ import annotations

import collections
import dataclasses
import re
from collections.abc import Collection, Mapping

from components.example_gen.sniffing.column_texts import ColumnTexts

_MARKS = (
    *("US$", "C$", "A$", "R$", "$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₫", "₴", "%"),
    *("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "kr", "zł"),
)
_ANY = "|".join(map(re.escape, _MARKS))
_BLANKS = "[ \u00a0\u202f]?"
_MARKED = re.compile(
    rf"([+-]?)(?:({_ANY}){_BLANKS})?([+-]?[0-9.,][0-9.,'\u2019 \u00a0\u2009\u202f]*?)"
    rf"(?:{_BLANKS}({_ANY}))?"
)
_MOST_OF = 0.95


def find_marks(columns: Mapping[str, ColumnTexts]) -> dict[str, str]:
    """The marks of columns in which nearly every value is a number with the same mark.

    Args:
      columns: What was counted of each column.

    Returns:
      Reasons by mark.
    """
    found: dict[str, str] = {}
    for name, column in columns.items():
        rows: collections.Counter[str] = collections.Counter()
        for text, count in column.texts.items():
            rows[_mark_of(text)] += count
        del rows[""]
        if not rows:
            continue
        mark = rows.most_common(1)[0][0]
        having = {text for text in column.texts if _mark_of(text) == mark}
        if column.share(having.__contains__, 0) >= _MOST_OF:
            example = next(text for text in column.texts if text in having)
            found.setdefault(mark, f"{example.strip()!r} is a number of {name!r}")
    return found


def without_marks(
    columns: Mapping[str, ColumnTexts], marks: Collection[str]
) -> dict[str, ColumnTexts]:
    """The same columns with the marks taken away from what may be numbers.

    Args:
      columns: What was counted of each column.
      marks: The marks.
    """
    return {name: _without(column, marks) for name, column in columns.items()}


def _without(column: ColumnTexts, marks: Collection[str]) -> ColumnTexts:
    texts: dict[str, int] = {}
    for text, count in column.texts.items():
        if _mark_of(text) in marks and (match := _MARKED.fullmatch(text.strip())):
            text = (match[1] + match[3]).strip()
        texts[text] = texts.get(text, 0) + count
    return dataclasses.replace(column, texts=texts)


def _mark_of(text: str) -> str:
    if text[:1].isdigit() and text[-1:].isdigit():
        return ""
    match = _MARKED.fullmatch(text.strip())
    if match is None or (match[2] and match[4]):
        return ""
    return match[2] or match[4] or ""
