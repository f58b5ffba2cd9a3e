"""Whether the rows of a table differ enough to be split by their values.

Rows of equal values stay together. Where a table has a handful of different rows, each of
them many times (answers to a few questions, an hour and a weekday and a zone), that gives
splits of chance sizes which hold different things, and tells how a model does on what it
never saw; yet all that comes later will be like what it saw. There each row may find its
split by itself: equal rows in both splits give nothing away, as what is judged is how the
labels of equal rows vary.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from onboarding.column_facts import ObservedColumn
from onboarding.label import ReadLabel

# So many different rows judge as well as so many independent ones: an accuracy to ±10 points.
_FEWEST_TO_JUDGE = 100
_OFTEN = 4
_COARSE = 0.25
_NOISE = 0.1


@dataclasses.dataclass(frozen=True)
class Variety:
    """How different the rows of a table are.

    Attributes:
      distinct: How many different rows there are.
      effective: The number of different rows that would judge as well if each were as
        frequent as any other (L. Kish, "Survey Sampling", 1965).
      repeated: How often each of those comes.
      is_grid: Whether every column has far fewer values than there are different rows: rows
        are then equal because all columns are coarse, and not because they are copies.
      noise: The share of the label's variance that is left among equal rows.
    """

    distinct: int
    effective: float
    repeated: float
    is_grid: bool
    noise: float

    def suffices(self, judging: float) -> bool:
        """Whether equal rows can stay together in splits that judge fairly.

        Args:
          judging: The share of rows that are to judge.
        """
        if self.repeated < 2:
            return True
        noisy = self.noise >= _NOISE
        few = self.effective * judging < _FEWEST_TO_JUDGE
        if few:
            return not (self.is_grid or noisy)
        return not (self.repeated >= _OFTEN and self.is_grid and noisy)


def variety(
    rows: Sequence[bytes], columns: Mapping[str, ObservedColumn], label: ReadLabel
) -> Variety:
    """Counts the different rows, and how much the label varies among equal ones.

    Args:
      rows: The values of the columns that would be hashed, of the first rows of the sample.
      columns: Those columns.
      label: The label.
    """
    _, groups = np.unique(np.array(rows, object), return_inverse=True)
    counts = np.bincount(groups)
    effective = len(rows) ** 2 / float((counts.astype(np.float64) ** 2).sum())
    most = max((column.facts.distinct for column in columns.values()), default=0)
    return Variety(
        distinct=len(counts),
        effective=effective,
        repeated=len(rows) / effective,
        is_grid=most <= _COARSE * len(counts),
        noise=_noise(groups, label),
    )


def _noise(groups: np.ndarray, label: ReadLabel) -> float:
    known = label.known[: len(groups)]
    groups, values = groups[known], label.values[: len(known)][known]
    repeats = len(groups) - len(np.unique(groups))
    if repeats < 1:
        return 1.0
    parts = np.eye(len(label.names))[values] if label.names else values[:, np.newaxis]
    parts = parts - parts.mean(axis=0)
    whole = float((parts**2).sum()) / max(1, len(groups) - 1)
    sizes = np.maximum(1, np.bincount(groups))
    within = float((parts**2).sum())
    for part in parts.T:
        within -= float((np.bincount(groups, weights=part) ** 2 / sizes).sum())
    return within / repeats / whole if whole else 0.0
