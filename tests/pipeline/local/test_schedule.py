"""A node starts when everything upstream has ended well, and only then."""

from __future__ import annotations

import random

import hypothesis
from hypothesis import strategies

from metadata.run_file import NodeRecord, NodeState, RunRecord
from pipeline.local.schedule import is_finished, ready_nodes


def _run(*nodes: NodeRecord) -> RunRecord:
    return RunRecord("r", "p", "running", "2026-01-01T00:00:00+00:00", nodes=nodes)


def test_independent_nodes_are_ready_together() -> None:
    record = _run(NodeRecord("a", (), "done"), NodeRecord("b", ("a",)), NodeRecord("c", ("a",)))
    assert ready_nodes(record) == ["b", "c"]


def test_a_node_after_a_failure_never_starts() -> None:
    record = _run(NodeRecord("a", (), "failed"), NodeRecord("b", ("a",)))
    assert ready_nodes(record) == []
    assert not is_finished(record)


def test_cached_and_skipped_nodes_let_others_go_on() -> None:
    states: tuple[NodeState, ...] = ("cached", "skipped")
    record = _run(
        *(NodeRecord(state, (), state) for state in states), NodeRecord("b", tuple(states))
    )
    assert ready_nodes(record) == ["b"]


@hypothesis.given(strategies.integers(1, 12), strategies.randoms(use_true_random=False))
def test_any_graph_is_run_whole_and_in_order(size: int, chance: random.Random) -> None:
    record = _run(
        *(
            NodeRecord(str(index), tuple(str(i) for i in range(index) if chance.random() < 0.4))
            for index in range(size)
        )
    )
    ended: list[str] = []
    while ready := ready_nodes(record):
        node = record.node(chance.choice(ready))
        assert node is not None
        assert set(node.upstream) <= set(ended)
        ended.append(node.id)
        record = record.with_node(NodeRecord(node.id, node.upstream, "done"))
    assert is_finished(record)
