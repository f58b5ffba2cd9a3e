"""An entry of the quarantine in words, and as a document for programs."""

from __future__ import annotations

import dataclasses
from typing import Any

from components.example_gen.spans.source_state import source_state
from components.quarantine.entry import Change, Entry


def document(entry: Entry) -> dict[str, Any]:
    """All that is known of an entry, as plain values.

    Args:
      entry: The entry.
    """
    return {
        "id": entry.id,
        "status": entry.status,
        **dataclasses.asdict(entry.data),
        "rows": dict(entry.rows),
        "reason": entry.reason,
        "evidence": list(entry.evidence),
        "code": entry.code,
        "report": entry.report,
        "history": [dataclasses.asdict(change) for change in entry.history],
        "next": next_step(entry),
    }


def next_step(entry: Entry) -> str:
    """What happens to these data in the next runs, in a sentence or two.

    Looks at the files where they are on this machine.

    Args:
      entry: The entry.
    """
    data = entry.data.words
    state = source_state(entry.data)
    if state == "changed":
        return (
            f"The files of {data} were changed since: they are other data now, which runs take "
            "and the gate judges whatever becomes of this entry."
        )
    if state == "gone":
        return f"The files of {data} are no longer there, so no run can take them."
    if entry.status == "released":
        return (
            f"The next run that comes to {data} takes it without --force, and the gate judges "
            "it anew: it is refused again unless the schema or the gate's settings were changed."
        )
    if not entry.data.fingerprint:
        return f"Runs do not skip {data}: without a fingerprint it cannot be recognised."
    if entry.status == "discarded":
        return f"No run ever takes {data} again; corrected files are other data and are taken."
    return (
        f"Runs skip {data} until it is released; corrected files are other data and are taken "
        "without any other step."
    )


def happened(change: Change) -> str:
    """One line of an entry's history, without its time."""
    where = f" in run {change.run_id}" if change.run_id else ""
    why = f": {change.why}" if change.why else ""
    return f"{change.action} by {change.who}{where}{why}"


def in_run(entry: Entry, run_id: str) -> str:
    """What a run did with the data of an entry: ``refused`` or ``skipped``."""
    return "refused" if entry.was_refused_in(run_id) else "skipped"


def rows(entry: Entry) -> str:
    """The rows by split, such as ``20 train, 10 eval``."""
    return ", ".join(f"{count:,} {split}" for split, count in entry.rows.items())
