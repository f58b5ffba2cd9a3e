"""Question 1 and 5: the new data beside the data accepted before, or beside serving."""

from __future__ import annotations

import dataclasses
import itertools
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import numpy as np

from components.data_gate.distances import (
    Distance,
    jensen_shannon,
    l_infinity,
    share_change_by_chance,
)
from components.data_gate.findings import DATASET, MOST_VALUES, Finding
from components.data_gate.limits import Limits
from components.data_gate.profiles import (
    Categorical,
    FeatureProfile,
    Numeric,
    SplitProfile,
    categorical,
    numeric,
)
from components.data_gate.rows import Column, Selection
from components.data_gate.settings import RatioSettings

Other = Literal["accepted", "serving"]
_WORDS = {"accepted": "the accepted data", "serving": "the serving statistics"}


@dataclasses.dataclass(frozen=True)
class Pair:
    """One feature of one slice, now and before.

    Attributes:
      split: The split's name.
      slice: The slice's name, empty for all examples.
      feature: The feature.
      column: The sampled values.
      chosen: The slice's rows.
      old: What it was before.
      old_examples: How many examples the slice had.
      other: What it is compared with.
    """

    split: str
    slice: str
    feature: str
    column: Column
    chosen: Selection
    old: FeatureProfile
    old_examples: int
    other: Other


def pairs_of(
    split: str,
    columns: Mapping[str, Column],
    slices: Mapping[str, Selection],
    old: SplitProfile,
    other: Other,
    minimum: int,
) -> Iterator[Pair]:
    """Everything of one split that can be compared.

    Args:
      split: The split's name.
      columns: The sampled columns.
      slices: The rows of each slice, the empty name for all.
      old: The profile to compare with.
      other: What that is.
      minimum: Slices with fewer examples, old or new, are left out.
    """
    for name, chosen in slices.items():
        before = old.slices.get(name)
        if before is None or (name and min(before.examples, chosen.count) < minimum):
            continue
        cut_by = name.partition("=")[0]
        for feature, profile in before.features.items():
            column = columns.get(feature)
            if column is not None and feature != cut_by:
                yield Pair(split, name, feature, column, chosen, profile, before.examples, other)


def distance_of(pair: Pair, limits: Limits, alpha: float) -> tuple[Distance, Numeric | None] | None:
    """How far the values are from what they were; None where they cannot be compared.

    Args:
      pair: The feature.
      limits: Says which numbers only stand for something.
      alpha: Probability with which chance may exceed the distance's bound.

    Returns:
      The distance, and the new counts of a numeric feature.
    """
    values = pair.column.of(pair.chosen)
    before = pair.old.distribution
    if before is None or not len(values):
        return None
    if isinstance(before, Numeric):
        if pair.column.vocabulary is not None:
            return None  # Another type; question 4 speaks of it.
        now = numeric(values, before.edges)
        if now is None:
            return None
        return jensen_shannon(before.counts, now.counts, before.bin_names(), alpha), now
    if pair.column.vocabulary is None and not limits.is_category(pair.feature):
        return None
    counted = categorical(values, pair.column.vocabulary)
    return l_infinity(before.counts, counted.counts, before.total, counted.total, alpha), None


def drift(pair: Pair, distance: Distance, now: Numeric | None, limits: Limits) -> Iterator[Finding]:
    """Finds a distance beyond the limit and beyond chance.

    Args:
      pair: The feature.
      distance: What `distance_of` gave.
      now: As well.
      limits: The limits.
    """
    limit = limits.distance(pair.feature, categorical=now is None, other=pair.other)
    if distance.value <= max(limit, distance.chance):
        return
    if not pair.slice and limits.is_judged_by_tfdv(pair.feature, pair.other):
        return
    yield Finding(
        pair.split,
        pair.feature,
        "skew" if pair.other == "serving" else "drift",
        limits.severity(pair.feature),
        headline=f"unlike {_WORDS[pair.other]}: {distance.measure} {distance.value:.3f}",
        expected=f"at most {limit:.3g} (chance alone: {distance.chance:.3f})",
        seen=f"{_shown(distance.where)} had {distance.old:.1%} of the values, "
        f"now {distance.new:.1%}",
        slice=pair.slice,
        values=_examples(pair, distance, now),
        examples=pair.chosen.count,
    )


def proportion(pair: Pair, limit: float | None, limits: Limits, alpha: float) -> Iterator[Finding]:
    """Finds a share of examples with a value that has changed."""
    examples = pair.chosen.count
    if limit is None or not examples or not pair.old_examples:
        return
    present = pair.column.count_present(pair.chosen)
    before, now = pair.old.present / pair.old_examples, present / examples
    chance = share_change_by_chance(pair.old.present, pair.old_examples, present, examples, alpha)
    if abs(now - before) <= max(limit, chance):
        return
    yield Finding(
        pair.split,
        pair.feature,
        "proportion_change",
        limits.severity(pair.feature) if now < before else "warn",
        headline=f"{'fewer' if now < before else 'more'} examples have a value than in "
        f"{_WORDS[pair.other]}",
        expected=f"{before:.1%}, give or take {max(limit, chance):.1%}",
        seen=f"{now:.1%} have one",
        slice=pair.slice,
        count=examples - present,
        present=present,
        examples=examples,
    )


def extrapolation(pair: Pair, at_most: float, alpha: float) -> Iterator[Finding]:
    """Finds numbers outside the range of what there was before.

    The range of n values leaves out a share of the population that exceeds s at either
    end with the probability (1 - s) to the n-th (Wilks 1941), so small samples
    get that much more.
    """
    before = pair.old.distribution
    if not isinstance(before, Numeric) or pair.column.vocabulary is not None or pair.slice:
        return
    values = pair.column.of(pair.chosen)
    values = values[np.isfinite(values)]
    outside = values[(values < before.low) | (values > before.high)]
    known = sum(before.counts)
    if not len(outside) or not known:
        return
    distinct = np.unique(outside)
    farthest = distinct[np.argsort(-np.maximum(before.low - distinct, distinct - before.high))]
    share = len(outside) / len(values)
    chance = -2 * math.log(alpha / 2) / known
    chance += share_change_by_chance(0, known, len(outside), len(values), alpha)
    if share <= at_most + chance:
        return
    yield Finding(
        pair.split,
        pair.feature,
        "extrapolation",
        "warn",
        headline=f"values outside the range of {_WORDS[pair.other]}",
        expected=f"{before.low:.6g} to {before.high:.6g} but for {at_most:.2%}",
        seen=f"{share:.1%} are outside",
        values=_some(f"{value:.6g}" for value in farthest),
        count=len(outside),
        examples=len(values),
    )


def unknown_categories(pair: Pair, at_most: float, alpha: float) -> Iterator[Finding]:
    """Finds categories that there were not before.

    How much of a population a sample has not seen is estimated by the share of values
    seen once (Good, Biometrika 40, 1953), with the variance of that estimate (Esty,
    Annals of Statistics 11, 1983); a single value of the share s stays unseen in n
    draws with the probability (1 - s) to the n-th.
    """
    before = pair.old.distribution
    if not isinstance(before, Categorical) or not before.is_complete or pair.slice:
        return
    values = pair.column.of(pair.chosen)
    if not len(values) or not before.total:
        return
    now = categorical(values, pair.column.vocabulary)
    unknown = {name: n for name, n in now.counts.items() if name not in before.counts}
    share = sum(unknown.values()) / now.total
    if share <= at_most + _unseen(before, alpha):
        return
    yield Finding(
        pair.split,
        pair.feature,
        "unknown_categories",
        "warn",
        headline=f"values that {_WORDS[pair.other]} do not have",
        expected=f"at most {at_most:.2%}",
        seen=f"{share:.1%} are unknown",
        values=_some(unknown),
        count=sum(unknown.values()),
        examples=now.total,
    )


def _unseen(before: Categorical, alpha: float) -> float:
    """The largest share of values that a sample of this kind does not know."""
    total = before.total
    counts = list(before.counts.values())
    once, twice = counts.count(1), counts.count(2)
    variance = max(once + 2 * twice - once**2 / total, 0.0) / total**2
    quantile = statistics.NormalDist().inv_cdf(1 - alpha)
    return once / total + quantile * math.sqrt(variance) - math.log(alpha) / total


def example_count(
    split: str, total: int, old: SplitProfile, settings: RatioSettings
) -> Iterator[Finding]:
    """Finds too few or too many examples."""
    if not old.total:
        return
    ratio = total / old.total
    low, high = settings.at_least, settings.at_most
    if (low is None or ratio >= low) and (high is None or ratio <= high):
        return
    bounds = [f"at least {low:g}"] if low is not None else []
    bounds += [f"at most {high:g}"] if high is not None else []
    yield Finding(
        split,
        DATASET,
        "example_count_ratio",
        "warn",
        headline=f"{total:,} examples, {ratio:.3g} times as many as the {old.total:,} before",
        expected=" and ".join(bounds) + " times as many",
        examples=total,
    )


def _examples(pair: Pair, distance: Distance, now: Numeric | None) -> tuple[str, ...]:
    if now is None or not isinstance(pair.old.distribution, Numeric):
        return (distance.where,)
    if distance.new <= distance.old:
        return ()
    values = pair.column.of(pair.chosen)
    edges = np.asarray(now.edges)
    positions = np.searchsorted(edges, values, side="right")
    bins = distance.bins or range(0)
    inside = values[(positions >= bins.start) & (positions < bins.stop)]
    distinct, counts = np.unique(inside, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return _some(f"{value:.6g}" for value in distinct[order])


def _some(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(itertools.islice(values, MOST_VALUES))


def _shown(where: str) -> str:
    return repr(where) if len(where) <= 60 else repr(where[:57] + "...")
