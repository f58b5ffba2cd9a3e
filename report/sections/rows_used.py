"""How many rows were trained and evaluated on, of how many: those without a label were not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from core import formats
from report.story import Missing, Story


@dataclasses.dataclass(frozen=True)
class RowsUsed:
    """The rows of one split.

    Attributes:
      split: The split.
      used: The rows that have a label.
      total: Of how many.
      sampled: Whether only some of the split's rows were looked at.
    """

    split: str
    used: int
    total: int
    sampled: bool = False

    @property
    def words(self) -> str:
        """Such as ``train 5,412 of 10,010 (54.1 %)``."""
        of = f" of the {self.total:,} looked at" if self.sampled else f" of {self.total:,}"
        share = f" ({formats.percent(self.used / self.total)})" if self.used < self.total else ""
        return f"{self.split} {self.used:,}{of}{share}"


def rows_used(story: Story) -> list[RowsUsed]:
    """The rows of the train split, and of the splits that were evaluated on.

    What a training of the project's own leaves out is not known; of its rows the data gate
    tells how many have a label.

    Args:
      story: What was gathered of the run.
    """
    evaluated = None if isinstance(story.evaluation, Missing) else story.evaluation.beyond.rows
    found = [_trained(story), _of("eval", evaluated)]
    return [one for one in found if one is not None]


def _trained(story: Story) -> RowsUsed | None:
    noted = {} if isinstance(story.training, Missing) else story.training.facts
    read = noted.get("examples", {})
    if read.get("train_read"):
        used = read["train_read"] - read["train_without_label"]
        return RowsUsed("train", used, read["train_read"], read["train"] is None)
    if isinstance(story.gate, Missing):
        return None
    return _of("train", story.gate.get("labelled", {}).get("train"))


def _of(split: str, rows: Mapping[str, Any] | None) -> RowsUsed | None:
    if not rows or not rows["total"]:
        return None
    return RowsUsed(split, rows["used"], rows["total"], bool(rows.get("sampled")))
