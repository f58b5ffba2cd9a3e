"""Columns of a wide table that tell nothing of the label, as far as its few rows show.

With more columns than rows can judge, a network learns the noise of those that mean nothing.
Each column is tested by itself: a chi-squared test of its values, or of fifths of its numbers,
against the classes, or fifths of the label. Those whose result chance explains are left out;
the share of noise among those kept is bounded (Y. Benjamini and Y. Hochberg, "Controlling the
False Discovery Rate", Journal of the Royal Statistical Society B 57, 1995).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from onboarding.column_facts import ObservedColumn
from onboarding.label import ReadLabel
from onboarding.leakage import gate_column
from onboarding.verdict import Verdict

_FEWEST_COLUMNS = 50
_FEWEST_ROWS_A_COLUMN = 10
_PARTS = 5
_MOST_VALUES = 10
# A column that is kept for nothing costs less than one that is lost.
_NOISE_AMONG_KEPT = 0.2


def screen(
    label: ReadLabel,
    columns: Mapping[str, ObservedColumn],
    verdicts: Mapping[str, Verdict],
    learns: np.ndarray,
) -> dict[str, str]:
    """Columns to leave out, with the reason; none where there are rows enough for all.

    Nothing is left out either where no column tells anything by itself.

    Args:
      label: The label.
      columns: The columns that would be features.
      verdicts: What each of them is; only numbers, categories and booleans are judged.
      learns: bool [rows], the rows of the train split: those that judge the model must have
        no say in what it reads.
    """
    rows = np.flatnonzero(learns & label.known)
    few = len(columns) > _FEWEST_COLUMNS and len(rows) < _FEWEST_ROWS_A_COLUMN * len(columns)
    if not few or not len(rows):
        return {}
    judged = [
        name
        for name in columns
        if (role := verdicts[name].role) is not None
        and role["role"] in ("numeric", "categorical", "boolean")
    ]
    target = _parts(label.values[rows], np.ones(len(rows), bool), is_code=bool(label.names))
    chances = np.array([_chance(columns[name], rows, target) for name in judged])
    kept = _expected_noise(chances) <= _NOISE_AMONG_KEPT
    if not kept.any():
        return {}
    why = f"tells nothing of the label by itself, and {len(rows):,} rows are few for"
    return {
        name: f"{why} {len(columns)} features"
        for name, keeps in zip(judged, kept, strict=True)
        if not keeps
    }


def _expected_noise(chances: np.ndarray) -> np.ndarray:
    """The share of noise among the columns up to each one, float64 [columns]."""
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(chances)) if len(chances) else chances


def _chance(column: ObservedColumn, rows: np.ndarray, target: np.ndarray) -> float:
    """The probability of a table as uneven as the column's against the label, by chance."""
    from scipy.stats import chi2_contingency

    read = gate_column(column)
    is_code = read.vocabulary is not None or len(column.distinct) <= _MOST_VALUES
    parts = _parts(read.first[rows], read.present[rows], is_code=is_code)
    table = np.zeros((parts.max() + 1, target.max() + 1))
    np.add.at(table, (parts, target), 1)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return float(chi2_contingency(table).pvalue) if min(table.shape) > 1 else 1.0


def _parts(values: np.ndarray, present: np.ndarray, *, is_code: bool) -> np.ndarray:
    """The part of each row, int64 [rows]; rows without a value are a part of their own."""
    parts = np.zeros(len(values), np.int64)
    if not present.any():
        return parts
    if is_code:
        distinct, codes, counts = np.unique(
            values[present], return_inverse=True, return_counts=True
        )
        # The commonest values, and one part for all others.
        places = np.empty(len(distinct), np.int64)
        places[np.argsort(-counts, kind="stable")] = np.arange(len(distinct))
        parts[present] = 1 + np.minimum(places[codes], _MOST_VALUES)
    else:
        cuts = np.unique(np.quantile(values[present], np.linspace(0, 1, _PARTS + 1)[1:-1]))
        parts[present] = 1 + np.searchsorted(cuts, values[present], side="right")
    return parts
