"""Rows without a label: left out of training and evaluation, so counted and bounded here."""

from __future__ import annotations

from collections.abc import Iterator

from components.data_gate.findings import LABEL, Finding
from components.data_gate.labels import Label
from components.data_gate.row_checks import effect
from components.data_gate.rows import Rows
from components.data_gate.settings import LimitedCheckSettings


def missing_label(
    split: str, label: Label, rows: Rows, settings: LimitedCheckSettings
) -> Iterator[Finding]:
    """Finds a split of which too many rows have no label."""
    missing, share = _missing(label)
    if settings.severity == "off" or share <= settings.at_most:
        return
    yield Finding(
        split,
        LABEL,
        "missing_label",
        effect(settings),
        headline=f"{share:.1%} of the rows have no label",
        expected=f"at most {settings.at_most:.2%}",
        seen="Such rows are left out of training and evaluation",
        count=_of_all(missing, rows),
        examples=rows.total,
    )


def missing_label_note(split: str, label: Label, rows: Rows) -> str | None:
    """How many rows have no label, whether or not these are too many; None where all have one."""
    missing, share = _missing(label)
    if not missing:
        return None
    about = "about " if rows.sampled < rows.total else ""
    return (
        f"{split}: {about}{_of_all(missing, rows):,} of {rows.total:,} rows ({share:.1%}) have no "
        "label and are left out of training and evaluation"
    )


def _missing(label: Label) -> tuple[int, float]:
    missing = len(label.known) - int(label.known.sum())
    return missing, missing / max(1, len(label.known))


def _of_all(missing: int, rows: Rows) -> int:
    """The sampled rows' count, as one of all rows."""
    return round(missing * rows.total / max(1, rows.sampled))
