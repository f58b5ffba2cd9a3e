"""What a cleaning did or would do, in words."""

from __future__ import annotations

from collections.abc import Iterator

from core import formats
from pipeline.cleaning.plan import Kind, Plan

_NOUNS: dict[Kind, tuple[str, str]] = {
    "run": ("run folder", "run folders"),
    "artifact": ("artifact folder", "artifact folders"),
    "abandoned": ("abandoned attempt", "abandoned attempts"),
    "compiled": ("compiled pipeline", "compiled pipelines"),
}


def in_a_line(plan: Plan) -> str:
    """What went in a few words: ``removed 3 runs, 12.4 MB``."""
    count = formats.plural(len(plan.runs), "run")
    return f"removed {count}, {formats.size(plan.bytes)}; {_kept(plan)}"


def lines(plan: Plan, *, dry_run: bool) -> Iterator[str]:
    """What went or would go, a line each.

    Args:
      plan: The plan.
      dry_run: Whether nothing was removed.
    """
    for pipeline in plan.in_use:
        yield f"{pipeline}: a run is under way, so nothing of it goes"
    if not plan.removals:
        yield f"nothing to remove; {_kept(plan)}"
        return
    for run_id in plan.runs:
        yield f"{'would remove' if dry_run else 'removed'} {run_id}"
    for kind, (one, many) in _NOUNS.items():
        found = plan.of(kind)
        if found:
            count = formats.plural(len(found), one, many)
            yield f"  {count:<26} {formats.size(sum(item.bytes for item in found)):>10}"
    yield f"{'would free' if dry_run else 'freed'} {formats.size(plan.bytes)}; {_kept(plan)}"


def _kept(plan: Plan) -> str:
    return f"{formats.plural(plan.kept, 'run')} kept"
