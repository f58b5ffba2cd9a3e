"""Distances against their definitions, and their chance bounds against random samples."""

from __future__ import annotations

import numpy as np
import pytest

from components.data_gate.distances import (
    jensen_shannon,
    l_infinity,
    share_change_by_chance,
)

_ALPHA = 0.001


def _names(count: int) -> list[str]:
    return [str(index) for index in range(count)]


def test_the_divergence_is_the_square_of_scipys_distance() -> None:
    from scipy.spatial.distance import jensenshannon

    old, new = [100, 0, 50, 850], [200, 300, 0, 500]

    found = jensen_shannon(old, new, _names(4), _ALPHA)

    assert found.value == pytest.approx(jensenshannon(old, new, base=2) ** 2)
    assert (found.where, found.old, found.new) == ("1", 0.0, 0.3)


@pytest.mark.parametrize(
    ("old", "new", "expected"), [([5, 5], [9, 9], 0.0), ([700, 0], [0, 300], 1.0)]
)
def test_equal_shares_are_no_distance_and_separate_ones_the_whole(
    old: list[int], new: list[int], expected: float
) -> None:
    assert jensen_shannon(old, new, _names(2), _ALPHA).value == pytest.approx(expected)


def test_the_largest_difference_of_shares_is_found_also_among_new_values() -> None:
    found = l_infinity({"a": 50, "b": 50}, {"a": 45, "c": 55}, 100, 100, _ALPHA)

    assert (found.where, found.value) == ("c", pytest.approx(0.55))


@pytest.mark.parametrize(("old", "new"), [(100, 100), (100, 5_000), (20_000, 20_000)])
@pytest.mark.parametrize("kinds", [2, 5, 22])
def test_chance_stays_below_the_bound_and_not_far_below(old: int, new: int, kinds: int) -> None:
    draw = np.random.default_rng(old + new + kinds)
    shares = draw.dirichlet(np.full(kinds, 5.0))
    beyond = {"Jensen-Shannon": 0, "L-infinity": 0}
    nearest = dict.fromkeys(beyond, 0.0)
    trials = 1_000
    for _ in range(trials):
        before, now = draw.multinomial(old, shares), draw.multinomial(new, shares)
        for found in (
            jensen_shannon(before.tolist(), now.tolist(), _names(kinds), _ALPHA),
            l_infinity(
                dict(zip(_names(kinds), before.tolist(), strict=True)),
                dict(zip(_names(kinds), now.tolist(), strict=True)),
                old,
                new,
                _ALPHA,
            ),
        ):
            beyond[found.measure] += found.value > found.chance
            nearest[found.measure] = max(
                nearest[found.measure], found.value / (found.chance or 1.0)
            )

    # Expected is one in a thousand.
    assert max(beyond.values()) <= 6
    assert min(nearest.values()) > 0.6


def test_bins_with_few_values_are_joined_so_that_chance_can_be_told() -> None:
    found = jensen_shannon([900, 3, 2, 95], [700, 0, 2, 298], _names(4), _ALPHA)

    assert found.where == "1 ... 3"
    assert found.bins == range(1, 4)
    assert found.new == pytest.approx(0.3)


def test_a_share_of_a_small_sample_may_change_more() -> None:
    small = share_change_by_chance(50, 100, 50, 100, _ALPHA)
    large = share_change_by_chance(50_000, 100_000, 50_000, 100_000, _ALPHA)

    assert 0.2 < small < 0.3
    assert large < 0.01
