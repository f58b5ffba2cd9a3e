"""Texts that stand for a missing value, as far as a table itself can tell.

Among numbers or times any usual marker is one. Among texts only those are that hardly
mean anything else: "None", "-" or "missing" may well be the name of a category.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.example_gen.number_format import NumberFormat
from components.example_gen.sniffing.cell_kinds import cell_kind
from components.example_gen.sniffing.column_texts import ColumnTexts
from components.example_gen.sniffing.markers import AMONG_TEXTS, is_marker

_MOST_OF = 0.95
_MOST_MARKERS = 20
_CODE_LETTERS = 2
# An unknown text is a marker where it is the only one among so many different numbers.
_FEWEST_NUMBERS = 20
_FEWEST_TIMES = 3
_MOST_UNKNOWN = 0.3


def find_null_markers(
    columns: Mapping[str, ColumnTexts], number_format: NumberFormat
) -> dict[str, str]:
    """The markers that occur and make sense, each with the reason.

    Args:
      columns: What was counted of each column.
      number_format: How numbers are written.

    Returns:
      Reasons by marker, exactly as the markers are written; the most frequent first.
    """
    counts: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for name, column in columns.items():
        among, found = _markers_of(column, number_format)
        for text in found:
            counts[text] = counts.get(text, 0) + column.texts[text]
            times = f"{column.texts[text]:,} time{'s' if column.texts[text] > 1 else ''}"
            shown = repr(text) if text.strip() else "a blank"
            reasons.setdefault(text, f"{shown} stands {times} among the {among} of {name!r}")
    for name, text in _only_texts(columns, number_format).items():
        counts[text] = counts.get(text, 0) + columns[name].texts[text]
        times = f"{columns[name].texts[text]:,} times"
        reasons.setdefault(text, f"{text!r} stands {times}, the only text among {name!r}'s numbers")
    kept = sorted(counts, key=lambda text: (-counts[text], text))[:_MOST_MARKERS]
    return {text: reasons[text] for text in kept}


def _markers_of(column: ColumnTexts, number_format: NumberFormat) -> tuple[str, Sequence[str]]:
    markers = [text for text in column.texts if is_marker(text)]
    others = [text for text in column.texts if not is_marker(text)]
    if markers and (column.numbers or others):
        numbers = column.share(lambda text: number_format.read(text) is not None, column.numbers)
        if numbers >= _MOST_OF:
            return "numbers", markers
        if column.share(lambda text: cell_kind(text) == "time", 0) >= _MOST_OF:
            return "times", markers
    sure = [text for text in markers if text.strip() in AMONG_TEXTS or not text.strip()]
    # NA is Namibia among the codes of countries.
    if others and all(len(t.strip()) == _CODE_LETTERS and t.strip().isupper() for t in others):
        sure = [text for text in sure if text.strip() != "NA"]
    # What stands in every row tells nothing, whatever it is called.
    return "texts", sure if len(sure) < len(column.texts) or column.numbers else ()


def _only_texts(columns: Mapping[str, ColumnTexts], number_format: NumberFormat) -> dict[str, str]:
    """Unknown texts of columns of numbers that have one such text, again and again, by column."""
    found = {}
    for name, column in columns.items():
        text = _only_text(column, number_format)
        # In another column the same text may be a category.
        if text is not None and not any(
            text in other.texts and _only_text(other, number_format) != text
            for other in columns.values()
        ):
            found[name] = text
    return found


def _only_text(column: ColumnTexts, number_format: NumberFormat) -> str | None:
    """The only text that is neither a usual marker nor a number, among many numbers."""
    if column.untold:
        return None
    others = [text for text in column.texts if not is_marker(text)]
    unknown = (text for text in others if number_format.read(text) is None)
    text, second = next(unknown, None), next(unknown, None)
    if text is None or second is not None:
        return None
    numbers = len(column.different) + len(others) - 1
    return text if numbers >= _FEWEST_NUMBERS and _is_seldom(column, text) else None


def _is_seldom(column: ColumnTexts, text: str) -> bool:
    count, rows = column.texts[text], column.numbers + sum(column.texts.values())
    return _FEWEST_TIMES <= count <= _MOST_UNKNOWN * rows
