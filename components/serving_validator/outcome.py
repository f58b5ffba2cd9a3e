"""What a model did in its trial before it was pushed, from the InfraBlessing's report."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from components.serving_validator.artifacts import REPORT_FILE


@dataclasses.dataclass(frozen=True)
class ServingCheck:
    """One check.

    Attributes:
      name: Its id.
      title: What it asks for.
      state: ``passed``, ``failed``, ``not applicable`` or ``not reached``.
      bound: What the figure has to keep, in words; empty where there is none.
      figure: What was found, with its unit; empty where there is none.
      words: What was found, in a few words.
      evidence: Further lines.
      value: The figure as a number, None where there is none.
    """

    name: str
    title: str
    state: str
    bound: str
    figure: str
    words: str
    evidence: tuple[str, ...]
    value: float | None


@dataclasses.dataclass(frozen=True)
class UnexpectedInput:
    """What happened to one unexpected input."""

    name: str
    state: str
    words: str


@dataclasses.dataclass(frozen=True)
class Serving:
    """A model's trial.

    Attributes:
      blessed: Whether it is safe to serve.
      rows: How many rows of the data it had to answer.
      checks: What each check says.
      inputs: What happened to each unexpected input.
    """

    blessed: bool
    rows: int
    checks: tuple[ServingCheck, ...]
    inputs: tuple[UnexpectedInput, ...]

    @property
    def failed(self) -> tuple[ServingCheck, ...]:
        """The checks that the model did not pass."""
        return tuple(check for check in self.checks if check.state == "failed")


def read_serving(folder: Path) -> Serving:
    """Reads the report in the folder of an InfraBlessing artifact.

    Args:
      folder: The artifact's folder.

    Raises:
      OSError: If the file cannot be read.
      ValueError: If it is not JSON.
      KeyError: If it is not such a report.
    """
    report = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
    return Serving(
        blessed=bool(report["blessed"]),
        rows=int(report["rows"]),
        checks=tuple(_check(check) for check in report["checks"]),
        inputs=tuple(UnexpectedInput(**given) for given in report["unexpected_inputs"]),
    )


def _check(given: dict[str, Any]) -> ServingCheck:
    unit = f" {given['unit']}" if given["unit"] and given["unit"] != "difference" else ""
    value, limit = given["value"], given["limit"]
    return ServingCheck(
        name=given["name"],
        title=given["title"],
        state=given["state"],
        bound="" if limit is None else f"{given['direction']} {limit:,g}{unit}",
        figure="" if value is None else f"{_short(value)}{unit}",
        words=given["words"],
        evidence=tuple(given["evidence"]),
        value=value,
    )


def _short(value: float) -> str:
    """Three significant digits, and no exponent for large numbers."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
