"""Numbers of CSV files as people write them: 1,234.5 or 1.234,5 or 1 234,5.

A text is a number only if its groups are right: up to three digits that do not start with
0, then groups of exactly three. So 1,5 and 0,125 are no numbers where the comma stands
between thousands, and 12.04.2021 is none where the dot does. What is no number stays the
text that it was. Marks such as $ or % may stand before or after a number, with its sign on
either side: -$5, $-5, 1.200 €.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import TYPE_CHECKING

from components.example_gen.settings import IngestionSettings

if TYPE_CHECKING:
    import pyarrow as pa

# Which characters mean the same: a table that comes from a program with no-break spaces
# often has common spaces where a person typed, and both apostrophes occur in Swiss tables.
_SPACES = " \u00a0\u2009\u202f"
_APOSTROPHES = "'\u2019"
# No number for int() or float(), nor for Arrow.
_NO_NUMBER = "?"


@dataclasses.dataclass(frozen=True)
class NumberFormat:
    """How numbers are written.

    Attributes:
      thousands: The character between groups of three digits; None where there is none.
        Any space stands for every kind of space, any apostrophe for both.
      decimal: The character before the fraction, a dot or a comma.
      marks: Texts that may stand before and after a number and mean nothing, such as $.
    """

    thousands: str | None
    decimal: str = "."
    marks: tuple[str, ...] = ()

    def plain(self, texts: pa.Array) -> pa.Array:
        """The same numbers as Python writes them.

        Args:
          texts: string, without nulls.

        Returns:
          string: ``1234.5`` for ``1,234.5``; what is no number in this format is a text
          that is no number for Python either. Texts without a dot, a decimal character, a
          separator or a mark, such as ``12`` or ``nan``, stay as they are.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        signs = "|".join(map(re.escape, (".", self.decimal, *self._separators, *self.marks)))
        # Blanks around a number are none of its separators: Python's int takes them as well.
        trimmed = pc.utf8_trim_whitespace(texts)
        marked = pc.match_substring_regex(trimmed, signs)
        if not pc.any(marked).as_py():
            return texts
        plain = trimmed
        if self.marks:
            plain = pc.replace_substring_regex(plain, f"^{self._pattern}$", r"\1\2\3")
        for separator in self._separators:
            plain = pc.replace_substring(plain, separator, "")
        if self.decimal != ".":
            plain = pc.replace_substring(plain, self.decimal, ".")
        numeric = pc.match_substring_regex(trimmed, f"^(?:{self._pattern})$")
        no_number = pa.scalar(_NO_NUMBER, pa.string())
        return pc.if_else(marked, pc.if_else(numeric, plain, no_number), texts)

    def read(self, text: str) -> float | None:
        """One number; None for any other text.

        Args:
          text: Any text.
        """
        stripped = text.strip()
        signs = {".", self.decimal, *self._separators, *self.marks}
        if not any(sign in stripped for sign in signs):
            plain = stripped
        elif match := self._expression.fullmatch(stripped):
            plain = "".join(group or "" for group in match.groups())
            plain = "".join(c for c in plain if c not in self._separators)
            plain = plain.replace(self.decimal, ".")
        else:
            return None
        try:
            return float(plain)
        except ValueError:
            return None

    def has_groups(self, text: str) -> bool:
        """Whether a text is a number with at least one separator between groups."""
        return any(mark in text.strip() for mark in self._separators) and (
            self._expression.fullmatch(text.strip()) is not None
        )

    @functools.cached_property
    def _separators(self) -> str:
        for group in (_SPACES, _APOSTROPHES):
            if self.thousands is not None and self.thousands in group:
                return group
        return self.thousands or ""

    @functools.cached_property
    def _pattern(self) -> str:
        decimal = re.escape(self.decimal)
        whole = "[0-9]+"
        if self._separators:
            # One kind of separator within one number: 1 234'567 is none.
            groups = [f"(?:{re.escape(mark)}[0-9]{{3}})+" for mark in self._separators]
            whole = f"(?:[1-9][0-9]{{0,2}}(?:{'|'.join(groups)})|[0-9]+)"
        fraction = f"(?:{decimal}[0-9]*)?"
        digits = f"((?:{whole}{fraction}|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?)"
        if not self.marks:
            return f"([+-]?){digits}"
        # The longest first, so that US$ is no U before S$.
        marks = "|".join(map(re.escape, sorted(self.marks, key=len, reverse=True)))
        blanks = f"[\t{_SPACES}]*"
        before = f"(?:{marks}){blanks}"
        # One sign, before the mark or after it.
        return f"(?:([+-]?)(?:{before})?|{before}([+-])){digits}(?:{blanks}(?:{marks}))?"

    @functools.cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(self._pattern)


def configured_format(settings: IngestionSettings) -> NumberFormat | None:
    """How CSV numbers are written; None where they are written as Python writes them.

    Args:
      settings: Their `thousands`, `decimal` and `number_marks`.
    """
    if settings.thousands is None and settings.decimal == "." and not settings.number_marks:
        return None
    return NumberFormat(settings.thousands, settings.decimal, settings.number_marks)
