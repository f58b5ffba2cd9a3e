"""Which nodes may start now: those whose upstream nodes have all ended well."""

from __future__ import annotations

from metadata.run_file import RunRecord

ENDED_WELL = frozenset({"done", "cached", "skipped"})


def ready_nodes(record: RunRecord) -> list[str]:
    """Waiting nodes whose upstream nodes have all ended well, in the pipeline's order.

    Args:
      record: The run's account.
    """
    states = {node.id: node.state for node in record.nodes}
    return [
        node.id
        for node in record.nodes
        if node.state == "waiting"
        and all(states.get(upstream, "done") in ENDED_WELL for upstream in node.upstream)
    ]


def is_finished(record: RunRecord) -> bool:
    """Whether every node has ended well."""
    return all(node.state in ENDED_WELL for node in record.nodes)
