"""Sums of columns that are another column: ``count = casual + registered``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

_MOST_COLUMNS = 60
_MOST_ROWS = 5_000
_CLOSE = 1e-3


@dataclasses.dataclass(frozen=True)
class Identity:
    """A column that is a sum of others.

    Attributes:
      text: The equation.
      giving_away: The columns without which the sum is not known.
    """

    text: str
    giving_away: tuple[str, ...]


def find_identity(
    name: str, target: np.ndarray, columns: Mapping[str, np.ndarray]
) -> Identity | None:
    """Looks for a sum or difference of columns that is the target, as in an account.

    Only sums with weights of one count: a label that is some other combination of its
    columns may well be what there is to learn.

    Args:
      name: The target's name.
      target: float64 [rows], not-a-number where missing.
      columns: Other columns of numbers, the same way.

    Returns:
      The sum of at least two columns, None where there is none.
    """
    usable = [other for other, numbers in columns.items() if np.isfinite(numbers).mean() >= 0.8]
    if not 2 <= len(usable) <= _MOST_COLUMNS:
        return None
    table = np.stack([columns[other] for other in usable], axis=1)
    complete = np.flatnonzero(np.isfinite(target) & np.isfinite(table).all(axis=1))[:_MOST_ROWS]
    if len(complete) < 30 + 5 * len(usable):
        return None
    centered = table[complete] - table[complete].mean(axis=0)
    wanted = target[complete] - target[complete].mean()
    spread = centered.std(axis=0)
    if not wanted.std() > 0 or not (spread > 0).all():
        return None
    scaled, *_ = np.linalg.lstsq(centered / spread, wanted, rcond=None)
    weights = scaled / spread
    if (wanted - centered @ weights).std() > _CLOSE * wanted.std():
        return None
    counts = np.abs(scaled) > _CLOSE * wanted.std()
    if counts.sum() < 2 or (np.abs(np.abs(weights[counts]) - 1) > 0.01).any():
        return None
    added = [usable[i] for i in np.flatnonzero(counts & (weights > 0))]
    taken = [usable[i] for i in np.flatnonzero(counts & (weights < 0))]
    text = f"{name} = {' + '.join(added)}" + "".join(f" - {other}" for other in taken)
    return Identity(text, tuple(added) if added else tuple(taken))
