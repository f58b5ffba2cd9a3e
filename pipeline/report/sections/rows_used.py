"""How many rows were trained and evaluated on, of how many: those without a label were not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pipeline.report import formats
from pipeline.report.story import Missing, Story


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
        """Such as ``train 5,412 of 10,010 (54.1%)``."""
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
    found = []
    trained = None if isinstance(story.training, Missing) else story.training.facts.get("rows")
    if trained:
        found.append(_of("train", trained["train"]))
    elif not isinstance(story.gate, Missing) and "train" in story.gate.get("labelled", {}):
        found.append(_of("train", story.gate["labelled"]["train"]))
    if not isinstance(story.evaluation, Missing) and story.evaluation.beyond.rows:
        found.append(_of("eval", story.evaluation.beyond.rows))
    return [one for one in found if one is not None]


def _of(split: str, rows: Mapping[str, Any]) -> RowsUsed | None:
    if not rows.get("total"):
        return None
    return RowsUsed(split, rows["used"], rows["total"], bool(rows.get("sampled")))
