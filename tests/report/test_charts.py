"""Charts are well-formed SVG, escaped, and drawn to scale."""

from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report import charts
from report.graph import Box, draw
from report.histograms import Histogram
from report.matrix import confusion_matrix
from report.segments import segment_chart
from report.squares import Curve, Mark, square
from tests.made_run import HOSTILE


def parse(svg: str) -> ElementTree.Element:
    """Parses SVG, which fails where it is not well-formed."""
    return ElementTree.fromstring(svg)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_are_even_and_cover_the_range(low: float, width: float) -> None:
    ticks = charts.nice_ticks(low, low + width)

    steps = [b - a for a, b in itertools.pairwise(ticks)]
    margin = 1e-6 * (abs(low) + width + 1)
    assert 2 <= len(ticks) <= 12
    assert ticks[0] <= low + margin
    assert ticks[-1] >= low + width - margin
    assert max(steps) - min(steps) <= margin


def test_a_histogram_s_bars_are_as_high_as_their_shares() -> None:
    data = Histogram((0.0, 1.0, 2.0), {"train": (0.75, 0.25)}, {"train": 0.0})

    drawn = parse(charts.histogram(data, "fare"))

    first, second = (
        float(r.attrib["height"]) for r in drawn.iter("rect") if r.attrib["class"] == "fill s0"
    )
    assert first / second == pytest.approx(3.0, rel=0.01)


def test_a_cut_tail_is_marked() -> None:
    data = Histogram((0.0, 1.0), {"train": (0.9,)}, {"train": 0.1})

    assert "1 …" in charts.histogram(data, "fare")


@given(
    st.dictionaries(
        st.sampled_from(["train", "eval"]), st.lists(st.floats(), max_size=6), min_size=1
    )
)
def test_lines_can_be_drawn_from_any_numbers(series: dict[str, list[float]]) -> None:
    drawn = charts.lines([10, 20, 30, 40, 50, 60], series, "loss", mark=20)

    parse(drawn)
    assert not re.search(r'="[^"]*(nan|inf)', drawn)


def test_nothing_finite_is_said_and_not_drawn() -> None:
    assert "No finite values" in charts.lines([1, 2], {"train": [math.nan, math.inf]}, "loss")


def test_a_curve_stays_in_its_square() -> None:
    drawn = parse(square([Curve([(-1, 2), (0.5, 0.5)], weights=[0.5, 0.5])], "x", ("a", "b")))

    centres = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in drawn.iter("circle")]
    assert centres == [(48.0, 8.0), (145.0, 109.0)]


def test_charts_and_graphs_escape_what_they_are_told() -> None:
    data = Histogram((0.0, 1.0), {HOSTILE: (1.0,)}, {HOSTILE: 0.0})
    drawn = [
        charts.histogram(data, HOSTILE),
        charts.lines([1, 2], {HOSTILE: [1.0, 2.0]}, HOSTILE),
        square(
            [Curve([(0, 0)], HOSTILE, [1])],
            HOSTILE,
            (HOSTILE, HOSTILE),
            marks=[Mark(0, 0, HOSTILE)],
        ),
        confusion_matrix([HOSTILE, "b"], [[1, 2], [0, 0]], HOSTILE),
        segment_chart(
            [{"bucket": HOSTILE, "count": 3, "mean": 0.1, "spread": 0.2}], 0, (-1, 1), HOSTILE
        ),
        draw([Box("a", HOSTILE, (HOSTILE,), (), "done", HOSTILE)], "g", HOSTILE),
    ]

    for svg in drawn:
        parse(svg)
        assert "<script" not in svg
        assert "<img" not in svg


def test_a_graph_has_a_box_for_each_node_and_an_arrow_for_each_edge() -> None:
    boxes = [Box("a", "A"), Box("b", "B", upstream=("a",)), Box("c", "C", upstream=("a", "b"))]

    drawn = parse(draw(boxes, "g", "graph"))

    classes = [element.attrib.get("class", "") for element in drawn.iter()]
    assert sum(name.startswith("box ") for name in classes) == 3
    assert classes.count("edge") == 2
