"""Places the nodes of a small directed graph in layers, top to bottom.

The method of Sugiyama, Tagawa and Toda (1981) in its plainest form: layers by
longest path, a point in every layer that an edge crosses, and an order within
layers by the mean place of the neighbours.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

_SWEEPS = 8


@dataclasses.dataclass(frozen=True)
class Size:
    """Sizes in pixels.

    Attributes:
      width: Of a node.
      height: Of a node.
      gap_x: Between neighbours in a layer.
      gap_y: Between layers.
    """

    width: float = 222
    height: float = 54
    gap_x: float = 20
    gap_y: float = 30


STANDARD_SIZE = Size()


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where everything goes, in pixels.

    Attributes:
      width: Of the whole drawing.
      height: Of the whole drawing.
      places: Left and top of each node.
      edges: A path (SVG path data) for each drawn edge.
    """

    width: float
    height: float
    places: Mapping[str, tuple[float, float]]
    edges: tuple[str, ...]


def without_shortcuts(upstream: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Leaves out edges that follow from others (the transitive reduction).

    Args:
      upstream: Nodes by id, each with the nodes before it; ids that are not nodes
        are passed over.
    """
    known = {
        node: [p for p in dict.fromkeys(before) if p in upstream and p != node]
        for node, before in upstream.items()
    }
    ancestors: dict[str, set[str]] = {}

    def above(node: str, path: frozenset[str]) -> set[str]:
        if node not in ancestors:
            found: set[str] = set()
            for parent in known[node]:
                if parent not in path:
                    found |= {parent} | above(parent, path | {node})
            ancestors[node] = found
        return ancestors[node]

    for node in known:
        above(node, frozenset())
    return {
        node: [p for p in before if not any(p in ancestors[q] for q in before if q != p)]
        for node, before in known.items()
    }


def lay_out(upstream: Mapping[str, Iterable[str]], size: Size = STANDARD_SIZE) -> Layout:
    """Places nodes and edges.

    Args:
      upstream: An acyclic graph: nodes by id, each with the nodes before it.
      size: Of nodes and gaps.

    Returns:
      Places for every node; edges go from a node's bottom to the next one's top.
    """
    before = {
        node: [p for p in dict.fromkeys(ups) if p in upstream] for node, ups in upstream.items()
    }
    if not before:
        return Layout(0, 0, {}, ())
    layer = _layers(before)
    rows, chains = _with_points(before, layer)
    _order(rows, chains)
    return _coordinates(rows, chains, set(before), size)


def _layers(before: Mapping[str, Sequence[str]]) -> dict[str, int]:
    layer: dict[str, int] = {}

    def place(node: str, path: frozenset[str]) -> int:
        if node not in layer:
            parents = [p for p in before[node] if p not in path]
            layer[node] = 1 + max((place(p, path | {node}) for p in parents), default=-1)
        return layer[node]

    for node in before:
        place(node, frozenset())
    after = defaultdict(list)
    for node, parents in before.items():
        for parent in parents:
            after[parent].append(node)
    # A source with a distant consumer (a resolver) belongs just above that one.
    for node, parents in before.items():
        if not parents and after[node]:
            layer[node] = min(layer[child] for child in after[node]) - 1
    return layer


def _with_points(
    before: Mapping[str, Sequence[str]], layer: Mapping[str, int]
) -> tuple[list[list[str]], list[list[str]]]:
    rows: list[list[str]] = [[] for _ in range(max(layer.values()) + 1)]
    for node in before:
        rows[layer[node]].append(node)
    chains = []
    for node, parents in before.items():
        for parent in parents:
            chain = [parent]
            for level in range(layer[parent] + 1, layer[node]):
                point = f"\0{parent}\0{node}\0{level}"
                rows[level].append(point)
                chain.append(point)
            chains.append([*chain, node])
    return rows, chains


def _order(rows: list[list[str]], chains: Iterable[Sequence[str]]) -> None:
    neighbours: dict[str, set[str]] = defaultdict(set)
    for chain in chains:
        for upper, lower in itertools.pairwise(chain):
            neighbours[upper].add(lower)
            neighbours[lower].add(upper)
    for sweep in range(_SWEEPS):
        place = {node: i - (len(row) - 1) / 2 for row in rows for i, node in enumerate(row)}
        down = sweep % 2 == 0
        indices = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for index in indices:
            fixed_row = set(rows[index - 1] if down else rows[index + 1])

            means = {}
            for node in rows[index]:
                near = [place[n] for n in neighbours[node] if n in fixed_row]
                means[node] = sum(near) / len(near) if near else place[node]
            rows[index].sort(key=means.__getitem__)
            for i, node in enumerate(rows[index]):
                place[node] = i - (len(rows[index]) - 1) / 2


def _coordinates(
    rows: Sequence[Sequence[str]],
    chains: Iterable[Sequence[str]],
    nodes: set[str],
    size: Size,
) -> Layout:
    def wide(item: str) -> float:
        return size.width if item in nodes else 8.0

    widths = [sum(map(wide, row)) + size.gap_x * (len(row) - 1) for row in rows]
    total = max(widths)
    centre: dict[str, float] = {}
    top: dict[str, float] = {}
    for level, row in enumerate(rows):
        x = (total - widths[level]) / 2
        for item in row:
            centre[item] = x + wide(item) / 2
            top[item] = level * (size.height + size.gap_y)
            x += wide(item) + size.gap_x
    edges = tuple(_path(chain, centre, top, nodes, size) for chain in chains)
    places = {node: (centre[node] - size.width / 2, top[node]) for node in nodes}
    height = len(rows) * (size.height + size.gap_y) - size.gap_y
    return Layout(total, height, places, edges)


def _path(
    chain: Sequence[str],
    centre: Mapping[str, float],
    top: Mapping[str, float],
    nodes: set[str],
    size: Size,
) -> str:
    x, y = centre[chain[0]], top[chain[0]] + size.height
    parts = [f"M{x:.1f} {y:.1f}"]
    for item in chain[1:]:
        next_x, next_y = centre[item], top[item]
        bend = (next_y - y) / 2
        parts.append(
            f"C{x:.1f} {y + bend:.1f} {next_x:.1f} {next_y - bend:.1f} {next_x:.1f} {next_y:.1f}"
        )
        x, y = next_x, next_y
        if item not in nodes:
            y += size.height
            parts.append(f"L{x:.1f} {y:.1f}")
    return "".join(parts)
