"""The line of a refusal that names the folder of the whole report."""

from __future__ import annotations

from core.errors import DataError

REPORT_LINE = "the whole report: "
"""How the line of the error's evidence starts that names the report's folder."""


def report_folder_of(error: DataError) -> str | None:
    """The folder with ``data_gate.json`` and ``data_gate.html`` that a refusal names."""
    for line in error.evidence:
        if line.startswith(REPORT_LINE):
            return line.removeprefix(REPORT_LINE)
    return None
