"""What the Evaluator found beyond TFMA's files: ``gates.json`` beside them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

GATES_FILE = "gates.json"
RESIDUALS_FILE = "residuals.json"
PLOT_DATA_FILE = "plot_data.json"


@dataclasses.dataclass(frozen=True)
class Gates:
    """Facts that TFMA's files have no place for.

    Attributes:
      confidence: The level of the confidence intervals; None where a value beyond its
        bound is a missed bound whatever its error.
      undecided: Slice key, metric and what is bounded (``value`` or ``change``) of bounds
        that are not kept, though not significantly.
      fairness: The verdict of each fairness gate.
      baseline_refused: Why the blessed model was not compared with; empty where it was,
        or where there was none.
      allow_no_comparison: Whether the model may be blessed all the same.
      guessing: How a model that was compared with no other does beside guessing; None
        where that does not count.
      rows: How many rows were ``used`` of the ``total``, and how many were left out because
        they are ``unknown_to_baseline`` only; None where that is not known.
      empty_slices: Slices that were asked for and have no examples.
      residuals: Residuals by feature; None where they were not computed.
      plots: What pictures of the model are drawn from (`components.evaluator.plots.plot_data`);
        None where it was not written.
    """

    confidence: float | None = None
    undecided: frozenset[tuple[tuple[tuple[str, str], ...], str, str]] = frozenset()
    fairness: tuple[Mapping[str, Any], ...] = ()
    baseline_refused: str = ""
    allow_no_comparison: bool = True
    guessing: Mapping[str, Any] | None = None
    rows: Mapping[str, int] | None = None
    empty_slices: tuple[str, ...] = ()
    residuals: Mapping[str, Any] | None = None
    plots: Mapping[str, Any] | None = None

    @property
    def lacks_comparison(self) -> bool:
        """Whether a comparison that was not made stands in the way of a blessing."""
        return bool(self.baseline_refused) and not self.allow_no_comparison


def read_gates(folder: Path) -> Gates:
    """Reads what there is of it in an evaluation's folder.

    Args:
      folder: Of a ModelEvaluation artifact.

    Raises:
      OSError: If a file cannot be read.
      ValueError: If it is not JSON.
    """
    found = _read(folder / GATES_FILE) or {}
    return Gates(
        confidence=found.get("confidence"),
        undecided=frozenset(
            (
                tuple((column, str(value)) for column, value in entry["slice"]),
                entry["metric"],
                entry["on"],
            )
            for entry in found.get("undecided", ())
        ),
        fairness=tuple(found.get("fairness", ())),
        baseline_refused=found.get("baseline_refused") or "",
        # Evaluations of earlier versions were blessed without.
        allow_no_comparison=found.get("allow_no_comparison", True),
        guessing=found.get("guessing"),
        rows=found.get("rows"),
        empty_slices=tuple(found.get("empty_slices", ())),
        residuals=_read(folder / RESIDUALS_FILE),
        plots=_read(folder / PLOT_DATA_FILE),
    )


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
