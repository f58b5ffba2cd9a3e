"""Data that the run refused, or passed over because an earlier one had refused them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from components.quarantine.entry import Entry
from metadata.quarantine_words import happened, in_run, next_step, rows
from report.templating import render

_TONES = {"quarantined": "bad", "released": "good", "discarded": "warn"}


def fragment(entries: Sequence[Entry], run_id: str) -> Markup:
    """Renders the entries as a table.

    Args:
      entries: At least one.
      run_id: The run that the report is about.
    """
    shown = [
        {
            "id": entry.id,
            "did": in_run(entry, run_id),
            "status": entry.status,
            "tone": _TONES[entry.status],
            "words": entry.data.words,
            "places": entry.data.places,
            "rows": rows(entry),
            "reason": entry.reason,
            "history": [(change.when, happened(change)) for change in entry.history],
            "report": entry.report,
            "next": next_step(entry),
        }
        for entry in entries
    ]
    return render("quarantine.html.jinja", entries=shown)
