"""What single CSV fields look like, before anything is known of their file."""

from __future__ import annotations

import functools
import re
from typing import Literal

Kind = Literal["empty", "number", "time", "text", "unknown"]

_NUMBER = re.compile(
    r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?"
    r"|[+-]?[1-9]\d{0,2}(?:([,.'\u2019 \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?"
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAY = (
    r"\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2})"
    rf"|\d{{1,2}}[ -](?:{_MONTHS})[a-z]*[ -,]+\d{{2,4}}"
    rf"|(?:{_MONTHS})[a-z]* \d{{1,2}},? \d{{4}}"
)
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?"
_ZONE = r"(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?"
_TIME = re.compile(
    rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?(?:{_DAY})(?:[t ,]+{_CLOCK}{_ZONE})?"
    rf"|{_CLOCK}{_ZONE}",
    re.IGNORECASE,
)
# Words, codes, addresses: whatever has none of the characters that delimit and enclose.
_TEXT = re.compile(r"[^,;\t|^~\x01\x1f\"']*")


@functools.lru_cache(maxsize=100_000)
def cell_kind(text: str) -> Kind:
    """What a field looks like; unknown is a text that may be two fields or half of one.

    Args:
      text: The field as the csv module gives it.
    """
    stripped = text.strip()
    if not stripped:
        return "empty"
    if _NUMBER.fullmatch(stripped):
        return "number"
    if _TIME.fullmatch(stripped):
        return "time"
    return "text" if _TEXT.fullmatch(stripped) else "unknown"
