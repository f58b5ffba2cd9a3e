"""Codes that look like whole numbers: ``01970`` is a town, and not the number 1970."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from components.example_gen.conversion import plain_numbers

if TYPE_CHECKING:
    import pyarrow as pa

# A single typing error makes no codes of numbers; one value in twenty is none.
_FEWEST_OF_CODES = 0.05
_ZERO, _NINE = b"09"


@dataclasses.dataclass
class DigitTexts:
    """How the whole numbers of a column of texts are written.

    Attributes:
      rows: How many values there were.
      padded: How many of them are digits only, the first of several a zero.
      only_digits: Whether no value had a sign or anything else.
      widths: The fewest and the most digits of a value.
    """

    rows: int = 0
    padded: int = 0
    only_digits: bool = True
    widths: tuple[int, int] | None = None

    def add(self, distinct: pa.Array, indices: pa.Array, whole: np.ndarray | None = None) -> None:
        """Counts more values.

        Args:
          distinct: string, without nulls, at least one.
          indices: Which of them each row has, null where missing.
          whole: Which of them are whole numbers; None for all.
        """
        import pyarrow.compute as pc

        # With numpy, on the bytes: Arrow's kernels would make each batch noticeably slower.
        places = np.frombuffer(distinct.buffers()[1], np.int32)
        places = places[distinct.offset : distinct.offset + len(distinct) + 1]
        data = np.frombuffer(distinct.buffers()[2], np.uint8)
        widths = np.diff(places)
        first, last = data[places[:-1]], data[places[1:] - 1]
        digits = (first >= _ZERO) & (first <= _NINE) & (last >= _ZERO) & (last <= _NINE)
        padded = digits & (first == _ZERO) & (widths > 1)
        rows = len(indices) - indices.null_count
        if whole is not None:
            digits, padded, widths = digits[whole], padded & whole, widths[whole]
        if whole is not None or padded.any():
            of_rows = plain_numbers(pc.drop_null(indices))
            rows = rows if whole is None else int(whole[of_rows].sum())
            self.padded += int(padded[of_rows].sum())
        if not len(widths):
            return
        self.rows += rows
        self.only_digits = self.only_digits and bool(digits.all())
        fewest, most = self.widths or (int(widths[0]), int(widths[0]))
        self.widths = min(fewest, int(widths.min())), max(most, int(widths.max()))

    @property
    def are_codes(self) -> bool:
        """Whether these are codes: all as long as one another, or many with leading zeros."""
        if not self.padded or not self.only_digits or self.widths is None:
            return False
        fewest, most = self.widths
        return fewest == most or self.padded >= _FEWEST_OF_CODES * self.rows
