"""What the data gate said about data that it accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from components.data_gate.report import to_html


def fragment(report: Mapping[str, Any]) -> Markup:
    """Renders the report; its values are escaped again.

    Args:
      report: What `report.gate_report.read_gate_report` gave.
    """
    return Markup(to_html(report))
