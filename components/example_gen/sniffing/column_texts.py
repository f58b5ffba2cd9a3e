"""The texts of CSV columns that are no plain numbers, counted in bounded memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from components.example_gen.sniffing.markers import are_markers, is_marker

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = r"^[ \t]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*$"
_MOST_TEXTS = 2_000
_MOST_NUMBERS = 20


@dataclasses.dataclass
class ColumnTexts:
    """What was counted of one column.

    Attributes:
      numbers: Rows whose field is a number as Python writes it.
      texts: Rows of other texts: of the first ones, and of all usual null markers.
      untold: Rows of texts that are not among `texts`, because there were too many.
      points: Some of the numbers that have a point.
      different: Some of the numbers, each once.
    """

    numbers: int = 0
    texts: dict[str, int] = dataclasses.field(default_factory=dict)
    untold: int = 0
    points: list[str] = dataclasses.field(default_factory=list)
    different: set[str] = dataclasses.field(default_factory=set)

    def add(self, values: pa.Array) -> None:
        """Counts more fields.

        Args:
          values: string, null where the field is empty.
        """
        import pyarrow.compute as pc

        counted = pc.value_counts(pc.drop_null(values))
        distinct, counts = counted.field("values"), counted.field("counts")
        if not len(distinct):
            return
        plain = pc.match_substring_regex(distinct, _PLAIN)
        self.numbers += pc.sum(counts.filter(plain)).as_py() or 0
        if len(self.different) < _MOST_NUMBERS:
            self.different.update(distinct.filter(plain).slice(0, _MOST_NUMBERS).to_pylist())
        if len(self.points) < _MOST_NUMBERS:
            pointed = distinct.filter(pc.and_(plain, pc.match_substring(distinct, ".")))
            self.points += pointed.slice(0, _MOST_NUMBERS).to_pylist()
        texts, rows = distinct.filter(pc.invert(plain)), counts.filter(pc.invert(plain))
        room = max(0, _MOST_TEXTS - len(self.texts))
        self._keep(texts.slice(0, room), rows.slice(0, room))
        if len(texts) > room:
            texts, rows = texts.slice(room), rows.slice(room)
            markers = are_markers(texts)
            self._keep(texts.filter(markers), rows.filter(markers))
            self.untold += pc.sum(rows.filter(pc.invert(markers))).as_py() or 0

    def _keep(self, texts: pa.Array, rows: pa.Array) -> None:
        for text, count in zip(texts.to_pylist(), rows.to_pylist(), strict=True):
            self.texts[text] = self.texts.get(text, 0) + count

    def share(self, fits: Callable[[str], bool], numbers: int) -> float:
        """The share of rows that fit, leaving out usual null markers.

        Args:
          fits: Whether a text fits.
          numbers: How many of the plain numbers do.
        """
        kept = {text: count for text, count in self.texts.items() if not is_marker(text)}
        rows = sum(kept.values())
        good = sum(count for text, count in kept.items() if fits(text))
        # What was not kept is taken to be like what was.
        good += round(self.untold * good / rows) if rows else 0
        return (good + numbers) / max(1, rows + self.untold + self.numbers)
