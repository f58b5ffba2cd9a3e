"""How a node ended, as plain values between processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.nodes.launch import NodeOutcome


def outcome_record(outcome: NodeOutcome) -> dict[str, Any]:
    """The outcome as plain values."""
    return {
        "state": outcome.state,
        "result": outcome.result,
        "blessed": outcome.blessed,
        "error": outcome.error.to_json() if outcome.error else None,
    }
