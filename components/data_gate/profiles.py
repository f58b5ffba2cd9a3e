"""Profiles: how the values of a split are distributed, in few numbers.

A profile is kept with the accepted data. The next data are counted into its bins, so
that two data sets are compared without reading the older one again.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from components.data_gate.rows import Column, Selection

# Quantiles of the accepted data that bound the bins of a numeric feature.
_QUANTILES = np.array([0.01, *(np.arange(1, 20) / 20), 0.99])
_MOST_VALUES = 2_000
VERSION = 1


@dataclasses.dataclass(frozen=True)
class Categorical:
    """Counts of the most frequent values.

    Attributes:
      counts: Count by value.
      total: How many values there are, also of those not in `counts`.
    """

    counts: dict[str, int]
    total: int

    @property
    def is_complete(self) -> bool:
        """Whether every value is counted."""
        return sum(self.counts.values()) >= self.total


@dataclasses.dataclass(frozen=True)
class Numeric:
    """Counts between edges.

    Attributes:
      edges: Ascending; a bin holds its lower edge, the first and the last are open.
      counts: One more than there are edges.
      low: The smallest value.
      high: The largest value.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    low: float
    high: float

    def bin_names(self) -> list[str]:
        """What to call the bins."""
        if not self.edges:
            return ["all values"]
        shown = _distinct_texts(self.edges)
        inner = [f"{low} to {high}" for low, high in itertools.pairwise(shown)]
        return [f"below {shown[0]}", *inner, f"{shown[-1]} and above"]


def _distinct_texts(numbers: Sequence[float]) -> list[str]:
    """Numbers with as few digits as tell them apart."""
    for digits in range(4, 17):
        texts = [f"{number:.{digits}g}" for number in numbers]
        if len(set(texts)) == len(texts):
            break
    return texts


@dataclasses.dataclass(frozen=True)
class FeatureProfile:
    """One feature in one slice.

    Attributes:
      present: Examples that have a value.
      distribution: Of the values; None where there is none.
    """

    present: int
    distribution: Categorical | Numeric | None


@dataclasses.dataclass(frozen=True)
class SliceProfile:
    """One slice of a split.

    Attributes:
      examples: How many examples were looked at.
      features: By name.
    """

    examples: int
    features: dict[str, FeatureProfile]


@dataclasses.dataclass(frozen=True)
class SplitProfile:
    """One split.

    Attributes:
      total: How many examples it has.
      slices: By name such as ``currency=JPY``; the empty name stands for all.
      label: The label's distribution; None where it is not known.
    """

    total: int
    slices: dict[str, SliceProfile]
    label: Categorical | Numeric | None = None


def categorical(values: np.ndarray, vocabulary: tuple[str, ...] | None) -> Categorical:
    """Counts texts, or numbers that stand for categories."""
    if vocabulary is None:
        distinct, counted = np.unique(values, return_counts=True)
        names = [
            (_short(value) if abs(value) < 1e5 else None) or repr(float(value))
            for value in distinct
        ]
    else:
        counted = np.bincount(values.astype(np.int64), minlength=len(vocabulary))
        names = list(vocabulary)
    order = np.argsort(-counted, kind="stable")[:_MOST_VALUES]
    counts = {names[i]: int(counted[i]) for i in order if counted[i]}
    return Categorical(counts, len(values))


def _short(value: float) -> str | None:
    """A number in six digits; None where they do not tell it from its neighbours.

    Six digits of a float32 may be fewer than those of the double that it became here.
    """
    text = f"{value:g}"
    return text if abs(value) < 1e6 and np.float32(text) == np.float32(value) else None


def numeric(values: np.ndarray, edges: tuple[float, ...] | None = None) -> Numeric | None:
    """Counts numbers between quantiles of their own, or between given edges."""
    ordered = np.sort(values)
    # Not-a-number is sorted to the end, infinities to both ends.
    low, high = np.searchsorted(ordered, [-np.inf, np.inf], side="right")
    ordered = ordered[low : np.searchsorted(ordered[:high], np.inf)]
    if not len(ordered):
        return None
    if edges is None:
        at = np.rint(_QUANTILES * (len(ordered) - 1)).astype(np.int64)
        edges = tuple(float(edge) for edge in np.unique(ordered[at]))
    below = np.searchsorted(ordered, edges, side="left")
    counts = np.diff(below, prepend=0, append=len(ordered))
    return Numeric(edges, tuple(int(c) for c in counts), float(ordered[0]), float(ordered[-1]))


def slice_profile(
    columns: Mapping[str, Column], chosen: Selection, as_categories: frozenset[str]
) -> SliceProfile:
    """Profiles some rows.

    Args:
      columns: The sampled columns.
      chosen: The rows.
      as_categories: Numeric columns whose numbers only stand for something.
    """
    features = {}
    for name, column in columns.items():
        values = column.of(chosen)
        distribution: Categorical | Numeric | None = None
        if len(values):
            distribution = (
                categorical(values, column.vocabulary)
                if column.vocabulary is not None or name in as_categories
                else numeric(values)
            )
        features[name] = FeatureProfile(column.count_present(chosen), distribution)
    return SliceProfile(chosen.count, features)


def slices_of(
    columns: Mapping[str, Column], by: tuple[str, ...], minimum: int, most: int = 100
) -> dict[str, Selection]:
    """The rows of each slice, the largest slices first.

    Args:
      columns: The sampled columns.
      by: The columns that cut.
      minimum: Fewest rows of a slice.
      most: Most slices of one column.

    Returns:
      The rows by the slice's name, such as ``currency=JPY``.
    """
    found: dict[str, Selection] = {}
    for name in by:
        column = columns.get(name)
        if column is None or not len(column.values):
            continue
        rows = np.flatnonzero(column.present)
        values = column.first[rows]
        order = np.argsort(values, kind="stable")
        distinct, starts = np.unique(values[order], return_index=True)
        parts = np.split(rows[order], starts[1:])
        for index in sorted(range(len(parts)), key=lambda i: -len(parts[i]))[:most]:
            if len(parts[index]) < minimum:
                break
            value = distinct[index]
            if column.vocabulary is None:
                text = _short(value) or f"{value:.17g}"
            else:
                text = column.vocabulary[int(value)]
            found[f"{name}={text}"] = Selection(len(parts[index]), parts[index])
    return found


def dump_profiles(splits: Mapping[str, SplitProfile]) -> str:
    """Writes profiles as JSON."""
    return json.dumps(
        {
            "version": VERSION,
            "splits": {name: dataclasses.asdict(split) for name, split in splits.items()},
        }
    )


def load_profiles(text: str) -> dict[str, SplitProfile]:
    """Reads what `dump_profiles` wrote.

    Raises:
      ValueError: If it is not such a text, or of another version.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ValueError("a profile of another version")
    try:
        return {
            name: SplitProfile(
                int(split["total"]),
                {key: _slice(value) for key, value in split["slices"].items()},
                _distribution(split["label"]),
            )
            for name, split in document["splits"].items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a profile: {error!r}") from None


def _slice(value: Mapping[str, Any]) -> SliceProfile:
    return SliceProfile(
        int(value["examples"]),
        {
            name: FeatureProfile(int(item["present"]), _distribution(item["distribution"]))
            for name, item in value["features"].items()
        },
    )


def _distribution(value: Mapping[str, Any] | None) -> Categorical | Numeric | None:
    if value is None:
        return None
    if "edges" in value:
        return Numeric(tuple(value["edges"]), tuple(value["counts"]), value["low"], value["high"])
    return Categorical(dict(value["counts"]), int(value["total"]))
