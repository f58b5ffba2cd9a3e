"""The report that a data gate left of data that it accepted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.data_gate.report import to_html

REPORT_FILE = "data_gate.json"


def read_gate_report(folder: Path) -> Mapping[str, Any]:
    """Reads the report that a gate left in its blessing.

    Args:
      folder: The blessing's folder.

    Raises:
      OSError: If it cannot be read.
      ValueError: If it is not such a report, or one of an earlier version.
    """
    report = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
    try:
        to_html(report)
    except (AttributeError, KeyError, TypeError):
        raise ValueError("the gate's report is of another version") from None
    return dict(report)
