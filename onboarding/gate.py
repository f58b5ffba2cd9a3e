"""What the data gate is told of the rows that have no label now."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from onboarding.label import ReadLabel
from onboarding.model import Choice
from onboarding.verdict import share

_BOUNDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8)


def gate_section(label: ReadLabel, places: np.ndarray, rows: int) -> dict[str, Choice]:
    """The gate's bound of rows without a label; nothing where every row has one.

    Args:
      label: The label of the sampled rows.
      places: int64, the split of the first rows of the sample; -1 for none.
      rows: Rows of the table.
    """
    if not label.facts.missing:
        return {}
    known = label.known[: len(places)]
    worst = label.facts.missing / len(label.known)
    smallest = 1.0
    for place in np.unique(places[places >= 0]):
        chosen = places == place
        worst = max(worst, float((~known[chosen]).mean()))
        smallest = min(smallest, float(chosen.mean()))
    # The gate judges each split by itself, and a small one holds more than its part by chance.
    chance = 4 * math.sqrt(worst * (1 - worst) / max(1.0, rows * smallest))
    needed = worst + max(worst / 4, chance)
    bound = next((bound for bound in _BOUNDS if bound >= needed), 1.0)
    value: dict[str, Any] = {"severity": "block", "at_most": bound}
    part = share(label.facts.missing, len(label.known))
    why = f"{part} of the rows have no label now; they are left out"
    return {"checks.missing_label": Choice(value, why)}
