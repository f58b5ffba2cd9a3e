"""How a training went, from the record that the Trainer leaves beside its logs."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE_NAME = "training.json"

# The record names a metric by the split that it was measured on.
_SPLITS = {"train_": "train", "eval_": "eval"}


@dataclasses.dataclass(frozen=True)
class Training:
    """How the training went.

    Attributes:
      steps: Numbers of the steps at which it was measured.
      metrics: Values at those steps by metric and split; NaN where not measured.
      best_step: The step whose weights became the model, None where not recorded.
      facts: Everything else that the Trainer noted.
    """

    steps: tuple[int, ...]
    metrics: Mapping[str, Mapping[str, Sequence[float]]]
    best_step: int | None
    facts: Mapping[str, Any]

    @property
    def hyperparameters(self) -> Mapping[str, Any]:
        """What it was trained with, tuned or configured; empty where not noted."""
        found = self.facts.get("hyperparameters")
        return found if isinstance(found, dict) else {}


def read_training(folder: Path) -> Training:
    """Reads the record in the folder of a ModelRun artifact.

    Args:
      folder: The artifact's folder.

    Raises:
      OSError: If the file cannot be read.
      ValueError: If it is not such a record.
    """
    document = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    history = document.get("history") if isinstance(document, dict) else None
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        raise ValueError(f"{FILE_NAME} has no list of measurements under `history`")
    names = dict.fromkeys(name for entry in history for name in entry)
    metrics: dict[str, dict[str, list[float]]] = {}
    for name in names:
        for prefix, split in _SPLITS.items():
            if name.startswith(prefix):
                values = [_number(entry.get(name)) for entry in history]
                metrics.setdefault(name.removeprefix(prefix), {})[split] = values
    best = document.get("best_step")
    return Training(
        steps=tuple(int(entry.get("step", i + 1)) for i, entry in enumerate(history)),
        metrics=metrics,
        best_step=best if isinstance(best, int) else None,
        facts={k: v for k, v in document.items() if k not in ("history", "best_step")},
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan
