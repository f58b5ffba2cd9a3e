"""Models plain enough for the gate: array operations over codes, a fraction of a second."""

from __future__ import annotations

import numpy as np

_MOST_PARTS = 50
# So many rows of the average answer are added to each value's own rows.
_PRIOR_ROWS = 5.0


def by_row(trained: np.ndarray, judged: np.ndarray, learned: np.ndarray) -> np.ndarray:
    """Remembers the mean answer of each different row.

    Args:
      trained: int64 [train rows], a number for each different row.
      judged: int64 [rows], in the same numbers.
      learned: float64 [train rows], the answers.

    Returns:
      float64 [rows].
    """
    size = int(max(trained.max(), judged.max())) + 1
    return _means(trained, learned, size)[judged]


def additive(trained: np.ndarray, judged: np.ndarray, learned: np.ndarray) -> np.ndarray:
    """Adds up how far the mean answer of each column's value is from that of all rows.

    Args:
      trained: int64 [train rows, columns], codes in the order of the values.
      judged: int64 [rows, columns], in the same codes.
      learned: float64 [train rows], the answers.

    Returns:
      float64 [rows].
    """
    scores = np.zeros(len(judged))
    for column in range(trained.shape[1]):
        parts, asked = trained[:, column], judged[:, column]
        if len(np.unique(parts)) > _MOST_PARTS:
            cuts = np.unique(np.quantile(parts, np.arange(1, _MOST_PARTS) / _MOST_PARTS))
            parts, asked = (np.searchsorted(cuts, codes, "right") for codes in (parts, asked))
        size = int(max(parts.max(), asked.max())) + 1
        scores += _means(parts, learned, size)[asked]
    return scores


def _means(parts: np.ndarray, learned: np.ndarray, size: int) -> np.ndarray:
    counts = np.bincount(parts, minlength=size)
    sums = np.bincount(parts, weights=learned - learned.mean(), minlength=size)
    means: np.ndarray = sums / (counts + _PRIOR_ROWS)
    return means


def area_under_curve(scores: np.ndarray, wanted: np.ndarray) -> float:
    """How often a row that is wanted has the higher score; ties count half.

    Args:
      scores: float64 [rows].
      wanted: bool [rows], some true and some false.
    """
    _, places = np.unique(np.round(scores, 12), return_inverse=True)
    yes = np.bincount(places, weights=wanted)
    no = np.bincount(places, weights=~wanted)
    below = np.cumsum(no) - no
    return float((yes * (below + no / 2)).sum() / (yes.sum() * no.sum()))
