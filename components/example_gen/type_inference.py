"""What type a column has, learned from all of its values in bounded memory.

The rule is CsvExampleGen's: integer if all values are whole numbers that int64 holds,
float if all are numbers, else text; missing values say nothing. One thing is
stricter: CsvExampleGen silently makes a whole column text when a text turns up among
its numbers, however late. Here, once a column has shown `evidence` numbers, a text
is a bad value of that row, unless the configuration fixes the column's type. And one thing
is kept that CsvExampleGen loses: whole numbers with leading zeros are codes, which are text
(`leading_zeros.py` tells them from a typing error).

That is for CSV, where everything is text. Where values carry their types, the first one
decides whether a column holds texts or numbers.

Where a schema is known, whole numbers are of its type, however a file writes them: pandas
writes a column of integers as 7.0 as soon as one value is missing.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from components.example_gen.conversion import (
    fast_floats,
    fast_integers,
    plain_numbers,
    text_type,
    whole_numbers,
)
from components.example_gen.leading_zeros import DigitTexts
from components.example_gen.number_format import NumberFormat, configured_format
from components.example_gen.settings import ColumnType, IngestionSettings

if TYPE_CHECKING:
    import pyarrow as pa

_RANK = {None: 0, ColumnType.INTEGER: 1, ColumnType.FLOAT: 2, ColumnType.TEXT: 3}


def wider(first: ColumnType | None, second: ColumnType | None) -> ColumnType | None:
    """The type that holds the values of both."""
    return max(first, second, key=_RANK.__getitem__)


def fits(kind: ColumnType | None, values: pa.Array) -> bool:
    """Whether values that carry their types are texts for texts, or numbers for numbers.

    Args:
      kind: The column's type so far; None where nothing is known.
      values: string, int64, double or null.
    """
    import pyarrow as pa

    if kind is None or values.null_count == len(values):
        return True
    return pa.types.is_string(values.type) is (kind is ColumnType.TEXT)


@dataclasses.dataclass
class ColumnInference:
    """What the values of one column have told so far.

    Attributes:
      evidence: How many numbers make it a column of numbers.
      number_format: How numbers are written in texts, where not as Python writes them.
      schema_type: What the schema says that it is; None where it says nothing.
      kind: The type so far, None while every value was missing.
      numbers: How many numbers were seen; counted only up to `evidence` or a little over.
      digits: How whole numbers are written in texts.
      fractions: Whether a number was seen that no integer is.
    """

    evidence: int
    number_format: NumberFormat | None = None
    schema_type: ColumnType | None = None
    kind: ColumnType | None = None
    numbers: int = 0
    fractions: bool = False
    digits: DigitTexts = dataclasses.field(default_factory=DigitTexts)

    @property
    def decided(self) -> ColumnType | None:
        """The type once all values were seen: `kind`, but for the schema's and for codes.

        The schema's where all values are such; text where whole numbers are codes.
        """
        if self.kind is ColumnType.FLOAT and self.is_doubtful and not self.fractions:
            return ColumnType.INTEGER
        if self.kind is not ColumnType.INTEGER or self.is_doubtful:
            return self.kind
        if self.schema_type is ColumnType.FLOAT:
            return ColumnType.FLOAT
        return ColumnType.TEXT if self.digits.are_codes else self.kind

    @property
    def is_doubtful(self) -> bool:
        """Whether only its values tell if floats are the schema's integers."""
        return self.schema_type is ColumnType.INTEGER

    @classmethod
    def configured(cls, settings: IngestionSettings, name: str) -> ColumnInference:
        """One that knows nothing yet, with what the settings say of the column `name`."""
        schema_type = settings.schema_types.get(name)
        return cls(settings.type_evidence, configured_format(settings), schema_type)

    def add(self, texts: pa.Array) -> np.ndarray | None:
        """Learns from more values.

        Args:
          texts: string, null where missing.

        Returns:
          A boolean mask of the rows whose text does not belong into this column of
          numbers; None where there is none.
        """
        if self.kind is ColumnType.TEXT:
            return None
        # Not the arrays' own methods: their first use imports pandas, and a quick look at
        # the data has no half second to spare for that.
        import pyarrow.compute as pc

        encoded = pc.dictionary_encode(texts)
        distinct = encoded.dictionary
        if not len(distinct):
            return None
        if self.schema_type is ColumnType.TEXT:
            self.kind = ColumnType.TEXT
            return None
        if self.number_format is not None:
            distinct = self.number_format.plain(distinct)
        if fast_integers(distinct) is not None:
            self.digits.add(encoded.dictionary, encoded.indices)
            self._only_numbers(ColumnType.INTEGER, texts)
            return None
        if (floats := fast_floats(distinct)) is not None:
            self._only_numbers(ColumnType.FLOAT, texts)
            self._look_for_fractions(floats)
            return None
        kinds = [text_type(text) for text in distinct.to_pylist()]
        numeric = [kind for kind in kinds if kind is not ColumnType.TEXT]
        whole = np.array([kind is ColumnType.INTEGER for kind in kinds])
        self.digits.add(encoded.dictionary, encoded.indices, whole)
        widest = ColumnType.FLOAT if ColumnType.FLOAT in numeric else ColumnType.INTEGER
        if self.is_doubtful:
            self._look_for_fractions(_floats(distinct, kinds))
        if len(numeric) == len(kinds):
            self._only_numbers(widest, texts)
            return None
        return self._some_texts(kinds, encoded.indices, widest if numeric else None)

    def add_typed(self, values: pa.Array) -> None:
        """Learns from values that carry their types and fit what was learned so far.

        Args:
          values: string, int64, double or null, null where missing.
        """
        import pyarrow as pa

        if values.null_count == len(values):
            return
        if pa.types.is_string(values.type):
            self.kind = ColumnType.TEXT
        else:
            whole = pa.types.is_int64(values.type)
            self._only_numbers(ColumnType.INTEGER if whole else ColumnType.FLOAT, values)
            if not whole:
                self._look_for_fractions(values)

    def _look_for_fractions(self, floats: pa.Array) -> None:
        if self.is_doubtful and not self.fractions:
            self.fractions = whole_numbers(floats)[1] is not None

    def _only_numbers(self, kind: ColumnType, values: pa.Array) -> None:
        self.kind = wider(self.kind, kind)
        self.numbers += len(values) - values.null_count

    def _some_texts(
        self, kinds: list[ColumnType], indices: pa.Array, widest: ColumnType | None
    ) -> np.ndarray | None:
        is_text = np.array([kind is ColumnType.TEXT for kind in kinds] + [False])
        places = plain_numbers(indices, missing=len(kinds))
        rows = is_text[places]
        first = int(rows.argmax())
        before = self.numbers + int((places[:first] < len(kinds)).sum())
        if before < self.evidence or (self.decided is ColumnType.TEXT):
            self.kind = ColumnType.TEXT
            return None
        self.kind = wider(self.kind, widest)
        self.numbers = before
        return rows


def _floats(texts: pa.Array, kinds: list[ColumnType]) -> pa.Array:
    """The values of those texts that are floats."""
    import pyarrow as pa

    found = zip(texts.to_pylist(), kinds, strict=True)
    return pa.array(
        [float(text.encode()) for text, kind in found if kind is ColumnType.FLOAT], pa.float64()
    )
