"""The verdict as plain values, for the artifact, the report and programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from components.serving_validator.validation import Verdict


def report_of(verdict: Verdict, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The report of one trial.

    Args:
      verdict: What the checks say.
      facts: Which model, which rows and which bounds.
    """
    return {
        "blessed": verdict.blessed,
        **facts,
        "rows": verdict.rows,
        "import_seconds": verdict.import_seconds,
        "checks": [check.document() for check in verdict.checks],
        "unexpected_inputs": [
            {"name": case.name, "state": case.state, "words": case.words} for case in verdict.inputs
        ],
    }


def to_json(report: Mapping[str, Any]) -> str:
    """Writes a report as JSON; numbers that it has no sign for become null."""
    return json.dumps(_finite(report), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
