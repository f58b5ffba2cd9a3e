"""Every node of a graph gets its place, above what follows it."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from report.layered import STANDARD_SIZE, lay_out, without_shortcuts

Graph = dict[str, list[str]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Acyclic graphs of up to twelve nodes."""
    count = draw(st.integers(min_value=0, max_value=12))
    return {f"n{i}": [f"n{j}" for j in range(i) if draw(st.booleans())] for i in range(count)}


def reachable(graph: Graph) -> set[tuple[str, str]]:
    """All pairs of a node and one before it."""
    found: set[tuple[str, str]] = set()
    for node in graph:  # Nodes come after those before them.
        for parent in graph[node]:
            found |= {(node, parent)} | {(node, far) for near, far in found if near == parent}
    return found


@given(graphs())
def test_nodes_lie_below_those_before_them_and_do_not_overlap(graph: Graph) -> None:
    layout = lay_out(graph)

    assert set(layout.places) == set(graph)
    for node, parents in graph.items():
        assert all(layout.places[p][1] < layout.places[node][1] for p in parents)
    places = sorted(layout.places.values(), key=lambda place: (place[1], place[0]))
    for (left, top), (next_left, next_top) in itertools.pairwise(places):
        assert top != next_top or next_left - left >= STANDARD_SIZE.width
    for left, top in places:
        assert -1e-6 <= left <= layout.width - STANDARD_SIZE.width + 1e-6
        assert 0 <= top <= layout.height - STANDARD_SIZE.height


@given(graphs())
def test_leaving_out_shortcuts_keeps_what_depends_on_what(graph: Graph) -> None:
    reduced = without_shortcuts(graph)

    assert reachable(reduced) == reachable(graph)
    for node, parents in reduced.items():
        for parent in parents:
            fewer = {**reduced, node: [p for p in parents if p != parent]}
            assert reachable(fewer) != reachable(graph)


def test_a_source_stands_just_above_the_one_who_needs_it() -> None:
    graph: Graph = {"a": [], "b": ["a"], "c": ["b"], "resolver": [], "d": ["c", "resolver"]}

    layout = lay_out(graph)

    assert layout.places["resolver"][1] == layout.places["c"][1]


def test_unknown_parents_and_cycles_do_no_harm() -> None:
    layout = lay_out(without_shortcuts({"a": ["b", "nowhere", "a"], "b": ["a"]}))

    assert set(layout.places) == {"a", "b"}
