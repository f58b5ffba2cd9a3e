"""Checks of the label: leaked, one-sided, or distributed unlike before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from components.data_gate.distances import jensen_shannon, l_infinity
from components.data_gate.findings import LABEL, Finding
from components.data_gate.profiles import Categorical, Numeric, categorical, numeric
from components.data_gate.row_checks import effect
from components.data_gate.rows import Column, Rows
from components.data_gate.settings import LeakageSettings, LimitedCheckSettings
from core.errors import UserError
from preprocessing.expression import parse_label
from preprocessing.label import Task, read_labels

_BINS = 200
_FEWEST_ROWS = 200
_MOST_ROWS = 100_000
# A value of which so many are expected in a sample is in it.
_SURELY_SEEN = 20


@dataclasses.dataclass(frozen=True)
class Label:
    """The label of the sampled rows.

    Attributes:
      values: float64 numbers, or int64 indices into `classes`.
      known: bool [rows]: whether the row has one that the model is taught.
      classes: The different values as texts; None for a regression.
      present: bool [rows]: whether the row has a value, be it that of a class or not.
      known_classes: The classes that the model is taught; none for a regression.
      outside: How often each text occurs that is none of them, the commonest first.
    """

    values: np.ndarray
    known: np.ndarray
    classes: tuple[str, ...] | None
    present: np.ndarray
    known_classes: tuple[str, ...] = ()
    outside: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def profile(self) -> Categorical | Numeric | None:
        """The label's distribution."""
        values = self.values[self.known]
        if not len(values):
            return None
        return numeric(values) if self.classes is None else categorical(values, self.classes)


def label_columns(label: str) -> tuple[str, ...]:
    """The columns that a label's expression reads."""
    return tuple(parse_label(label).columns) if label else ()


def label_of(
    label: str, task: Task, classes: Sequence[str] | None, columns: Mapping[str, Column]
) -> Label | None:
    """Computes the label of the sampled rows, as the model is taught it.

    Args:
      label: The label's expression; empty for none.
      task: The task.
      classes: The classes' names, see `preprocessing.label.read_labels`.
      columns: The sampled columns.

    Returns:
      None if a column is missing or has a type that does not fit: other checks say so.
    """
    needed = label_columns(label)
    if not needed or any(name not in columns for name in needed):
        return None
    try:
        arrays = {name: _as_array(columns[name]) for name in needed}
        read = read_labels(label, task, classes, arrays)
    except UserError:
        return None
    if task == "regression":
        return Label(read.transformed, read.known, None, read.present)
    if classes is None and task == "binary":
        classes = ("a word for yes or no",)
    taught = read.texts if classes is None else tuple(classes)
    return Label(read.places, read.known, read.texts, read.present, taught, read.outside())


def labels_by_split(
    label: str, task: Task, classes: Sequence[str] | None, splits: Mapping[str, Rows]
) -> dict[str, Label]:
    """Computes the label of every split; the classes of none given are those of `train`.

    Args:
      label: The label's expression; empty for none.
      task: The task.
      classes: The configured classes.
      splits: What was read of the splits.

    Returns:
      The labels of the splits in which there is one to compute.
    """
    found: dict[str, Label] = {}
    rare = 0.0
    for name in sorted(splits, key=lambda split: split != "train"):
        rows = splits[name]
        made = label_of(label, task, classes, rows.columns)
        if made is None:
            continue
        if rare:
            made = _without_rare(made, rare)
        found[name] = made
        if name == "train" and task == "multiclass" and classes is None:
            classes = made.known_classes
            if rows.sampled < rows.total:
                rare = _SURELY_SEEN / max(1, int(made.known.sum()))
    return found


def _without_rare(label: Label, rare: float) -> Label:
    """Leaves out what a sample of the train split may have missed though it is there."""
    least = rare * max(1, int(label.present.sum()))
    outside = {text: count for text, count in label.outside.items() if count > least}
    return dataclasses.replace(label, outside=outside)


def _as_array(column: Column) -> np.ndarray:
    first, present = column.first, column.present
    if column.vocabulary is None:
        return np.where(present, first, np.nan)
    texts = np.array([*column.vocabulary, None], dtype=object)
    return texts[np.where(present, first, len(column.vocabulary)).astype(np.int64)]


def majority_label(split: str, label: Label, settings: LimitedCheckSettings) -> Iterator[Finding]:
    """Finds a label that is nearly always the same."""
    values = label.values[label.known]
    if settings.severity == "off" or label.classes is None or not len(values):
        return
    counts = np.bincount(values)
    commonest = int(counts.argmax())
    share = counts[commonest] / len(values)
    if share <= settings.at_most:
        return
    yield Finding(
        split,
        LABEL,
        "majority_label",
        effect(settings),
        headline=f"{share:.2%} of the labels are {label.classes[commonest]!r}",
        expected=f"at most {settings.at_most:.2%}",
        values=(label.classes[commonest],),
        count=int(counts[commonest]),
        examples=len(values),
    )


def label_drift(
    split: str,
    label: Label,
    old: Categorical | Numeric | None,
    settings: LimitedCheckSettings,
    alpha: float,
) -> Iterator[Finding]:
    """Finds a label distributed unlike that of the accepted data, beyond chance."""
    values = label.values[label.known]
    if settings.severity == "off" or old is None or not len(values):
        return
    if isinstance(old, Numeric) != (label.classes is None):
        return
    if isinstance(old, Numeric):
        now = numeric(values, old.edges)
        if now is None:
            return
        distance = jensen_shannon(old.counts, now.counts, old.bin_names(), alpha)
    else:
        counted = categorical(values, label.classes)
        distance = l_infinity(old.counts, counted.counts, old.total, counted.total, alpha)
    if distance.value <= max(settings.at_most, distance.chance):
        return
    yield Finding(
        split,
        LABEL,
        "label_drift",
        effect(settings),
        headline=f"unlike the accepted data: {distance.measure} {distance.value:.3f}",
        expected=f"at most {settings.at_most:.3g} (chance alone: {distance.chance:.3f})",
        seen=f"{distance.where!r} had {distance.old:.1%} of the labels, now {distance.new:.1%}",
        values=(distance.where,),
        examples=len(values),
    )


def label_leakage(
    split: str,
    label: Label,
    columns: Mapping[str, Column],
    inputs: list[str],
    settings: LeakageSettings,
) -> Iterator[Finding]:
    """Finds features that alone predict the label almost perfectly.

    For each feature the commonest label (for a regression: the mean) of each value or
    of each of `_BINS` quantile bins is learned on one half of the rows and tried on the
    other, so that names and numbers that never repeat predict nothing.

    Args:
      split: The split's name.
      label: The label.
      columns: The sampled columns.
      inputs: The columns that the model reads.
      settings: The check's settings.
    """
    if settings.severity == "off":
        return
    for known in known_shares(label, columns, inputs):
        if known.worst < settings.at_least:
            continue
        by_gaps = known.by_gaps >= settings.at_least
        yield Finding(
            split,
            known.name,
            "label_leakage",
            effect(settings),
            headline="its gaps give the label away" if by_gaps else "alone predicts the label",
            expected=f"less than {settings.at_least:.0%} of the label known from one feature",
            seen=f"{known.worst:.1%} known",
            examples=known.examples,
        )


@dataclasses.dataclass(frozen=True)
class KnownShare:
    """How much of the label is known from one column.

    Attributes:
      name: The column.
      by_value: The share of the mistakes of always guessing the commonest label (for a
        regression: of the variance) that its values avoid.
      by_gaps: The same of where it has a value and where it has none, or how much more
        often it has none with one class than with the others.
      examples: The rows that were looked at.
    """

    name: str
    by_value: float
    by_gaps: float
    examples: int

    @property
    def worst(self) -> float:
        """The larger of the two."""
        return max(self.by_value, self.by_gaps)


def known_shares(
    label: Label, columns: Mapping[str, Column], inputs: Iterable[str]
) -> Iterator[KnownShare]:
    """Measures how much of the label each column alone tells (see `label_leakage`).

    Args:
      label: The label.
      columns: The sampled columns.
      inputs: The columns to measure.

    Yields:
      One record for each of `inputs` that has values; none if there are too few examples.
    """
    known = np.flatnonzero(label.known)
    if len(known) > _MOST_ROWS:
        known = np.random.default_rng(0).choice(known, _MOST_ROWS, replace=False)
    if len(known) < _FEWEST_ROWS:
        return
    target = label.values[known]
    if len(np.unique(target)) < 2:
        return
    learns = np.random.default_rng(1).random(len(known)) < 0.5
    for name in inputs:
        column = columns.get(name)
        if column is None or not len(column.values):
            continue
        first, present = column.first[known], column.present[known]
        codes = _codes(first, present, learns, column.vocabulary is not None)
        by_value = _score(codes, target, learns, label.classes)
        gaps = _score(present.astype(np.int64), target, learns, label.classes)
        by_class = _missing_by_class(present, target, label.classes)
        yield KnownShare(name, by_value, max(gaps, by_class), len(known))


def _codes(
    values: np.ndarray, present: np.ndarray, learns: np.ndarray, is_text: bool
) -> np.ndarray:
    if is_text:
        return np.where(present, values.astype(np.int64) + 1, 0)
    sample = values[present & learns]
    if not len(sample):
        return np.zeros(len(values), np.int64)
    distinct = np.unique(sample)
    if len(distinct) > _BINS:
        distinct = np.unique(np.quantile(sample, np.arange(1, _BINS) / _BINS, method="nearest"))
    return np.where(present, np.searchsorted(distinct, values, side="right") + 1, 0)


def _score(
    codes: np.ndarray, target: np.ndarray, learns: np.ndarray, classes: tuple[str, ...] | None
) -> float:
    """The share of the mistakes (regression: of the variance) that the codes avoid."""
    size = int(codes.max()) + 1
    tries = ~learns
    if classes is None:
        mean = target[learns].mean()
        counts = np.bincount(codes[learns], minlength=size)
        sums = np.bincount(codes[learns], weights=target[learns], minlength=size)
        predicted = np.where(counts, sums / np.maximum(counts, 1), mean)[codes[tries]]
        spread = ((target[tries] - mean) ** 2).sum()
        return float(1 - ((target[tries] - predicted) ** 2).sum() / spread) if spread else 0.0
    kinds = len(classes)
    if size * kinds > 20_000_000:
        return 0.0
    table = np.bincount(codes[learns] * kinds + target[learns], minlength=size * kinds)
    table = table.reshape(size, kinds)
    commonest = int(table.sum(axis=0).argmax())
    guess = np.where(table.sum(axis=1) > 0, table.argmax(axis=1), commonest)
    wrong = (target[tries] != commonest).sum()
    still_wrong = (target[tries] != guess[codes[tries]]).sum()
    return float(1 - still_wrong / wrong) if wrong else 0.0


def _missing_by_class(
    present: np.ndarray, target: np.ndarray, classes: tuple[str, ...] | None
) -> float:
    """The largest difference between the shares of gaps with and without one class."""
    if classes is None or present.all():
        return 0.0
    counts = np.bincount(target, minlength=len(classes))
    gaps = np.bincount(target, weights=~present, minlength=len(classes))
    others = len(target) - counts
    # With a handful of examples of a class anything may happen.
    usable = (counts >= 20) & (others >= 20)
    if not usable.any():
        return 0.0
    within = gaps[usable] / counts[usable]
    beside = (gaps.sum() - gaps[usable]) / others[usable]
    return float(np.abs(within - beside).max())
