"""Columns that give the label away: known only with it, or made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow.compute as pc

from components.data_gate import labels
from components.data_gate.rows import Column
from components.example_gen.conversion import plain_numbers
from onboarding.column_facts import ObservedColumn
from onboarding.column_names import words_of
from onboarding.identities import Identity, find_identity
from onboarding.label import ReadLabel
from preprocessing import expression_tree

_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "in", "missing")
_SAME = 0.9999
_FEW_ROWS = 200


@dataclasses.dataclass(frozen=True)
class _Limits:
    """From which share of the label known on a column is dropped, or remarked on."""

    drop: float
    drop_named: float
    remark: float


# A single honest column may tell much: petals tell irises apart (94%), smells mushrooms (97%).
_CLASSES = _Limits(drop=0.98, drop_named=0.8, remark=0.9)
_NUMBERS = _Limits(drop=0.99, drop_named=0.9, remark=0.95)


@dataclasses.dataclass(frozen=True)
class Leaks:
    """The columns that give the label away.

    Attributes:
      dropped: Columns that may be no features, with the reason.
      remarks: Columns that are features but look suspicious, a sentence each.
    """

    dropped: Mapping[str, str]
    remarks: Mapping[str, str]


def find_leaks(
    label: ReadLabel, columns: Mapping[str, ObservedColumn], candidates: Iterable[str]
) -> Leaks:
    """Measures every candidate against the label.

    Args:
      label: The label.
      columns: All columns.
      candidates: The columns that would be features, the label's own among them where it
        is an expression.
    """
    candidates = [name for name in candidates if columns[name].facts.distinct]
    known = {share.name: share for share in _shares(label, columns, candidates)}
    limits = _NUMBERS if not label.names else _CLASSES
    dropped = _own_columns(label, {name: share.worst for name, share in known.items()})
    remarks: dict[str, str] = {}
    parts = [name for name in dropped if not columns[name].is_text]
    others = [name for name in candidates if name not in dropped]
    for name in others:
        reason = _copy(label, columns[name], [columns[part] for part in parts])
        if reason is not None:
            dropped[name] = reason
    others = [name for name in others if name not in dropped]
    for identity in _identities(label, columns, parts, others):
        for name in identity.giving_away:
            dropped[name] = f"gives the label away: {identity.text}"
    names = _label_words(label)
    for name in others:
        share = known.get(name)
        if share is None or name in dropped:
            continue
        named = bool(names) and names <= set(words_of(name))
        what = f"{share.worst:.1%} of the label is known from it alone"
        if share.by_gaps >= limits.drop:
            dropped[name] = f"gives the label away: where it is missing tells it ({what})"
        elif share.worst >= limits.drop:
            dropped[name] = f"gives the label away: {what}"
        elif named and share.worst >= limits.drop_named:
            dropped[name] = f"gives the label away: it is named like it, and {what}"
        elif share.worst >= limits.remark or (named and share.worst >= 0.5):
            remarks[name] = (
                f"{name} alone tells {share.worst:.1%} of the label: is it known when a prediction"
                f" is wanted? If not, leave it out with --drop {name}."
            )
    return Leaks(dropped, remarks)


def _shares(
    label: ReadLabel, columns: Mapping[str, ObservedColumn], names: Sequence[str]
) -> Iterable[labels.KnownShare]:
    values = np.where(label.known, label.values, 0)
    read = labels.Label(values, label.known, label.names or None, label.known)
    return labels.known_shares(read, {name: gate_column(columns[name]) for name in names}, names)


def gate_column(column: ObservedColumn) -> Column:
    """A column as the data gate reads it: finite numbers, or codes of texts.

    Args:
      column: The column.
    """
    rows = np.flatnonzero(column.present)
    if not column.is_text:
        numbers = column.numbers[rows]
        finite = np.isfinite(numbers)
        return Column(numbers[finite], rows[finite], column.facts.rows)
    encoded = pc.dictionary_encode(column.values)
    codes = plain_numbers(encoded.indices, missing=-1).astype(np.int64)[rows]
    return Column(codes, rows, column.facts.rows, tuple(encoded.dictionary.to_pylist()))


def _own_columns(label: ReadLabel, known: Mapping[str, float]) -> dict[str, str]:
    """Of the columns that a label's expression reads those that must not be features."""
    tree = label.expression
    if len(tree.columns) == 1:
        why = "the label" if tree.is_column else "the label is made of it"
        return dict.fromkeys(tree.columns, why)
    dropped = dict.fromkeys(_compared_with_constants(tree.root), "a part of the label by itself")
    rest = [name for name in _in_order(tree.root) if name not in dropped]
    if rest:
        first = max(rest, key=lambda name: known.get(name, 0.0))
        figure = f", and tells most of it ({known[first]:.1%} alone)" if first in known else ""
        dropped[first] = f"the label is made of it{figure}"
    return dropped


def _compared_with_constants(node: expression_tree.Node) -> set[str]:
    """Columns of which a comparison with constants is a part of the expression."""
    if not isinstance(node, expression_tree.Operation):
        return set()
    found = {name for operand in node.operands for name in _compared_with_constants(operand)}
    if node.name in _COMPARISONS:
        columns = set(_in_order(node))
        if len(columns) == 1:
            found |= columns
    return found


def _in_order(node: expression_tree.Node) -> list[str]:
    if isinstance(node, expression_tree.Column):
        return [node.name]
    if isinstance(node, expression_tree.Operation):
        names = [name for operand in node.operands for name in _in_order(operand)]
        return list(dict.fromkeys(names))
    return []


def _label_words(label: ReadLabel) -> set[str]:
    if not label.expression.is_column:
        return set()
    generic = {"label", "target", "class", "y", "outcome", "is", "has", "result"}
    return set(words_of(label.expression.columns[0])) - generic


def _identities(
    label: ReadLabel,
    columns: Mapping[str, ObservedColumn],
    parts: Sequence[str],
    others: Sequence[str],
) -> Iterable[Identity]:
    """Sums of other columns that are the label, or a column that it is made of."""
    numbers = {
        name: columns[name].numbers
        for name in others
        if not columns[name].is_text and columns[name].facts.distinct > 2
    }
    targets = {name: columns[name].numbers for name in parts}
    if not label.names:
        targets[label.expression.text] = np.where(label.known, label.values, np.nan)
    for name, target in targets.items():
        identity = find_identity(name, target, numbers)
        if identity is not None:
            yield identity


def _copy(label: ReadLabel, column: ObservedColumn, parts: Sequence[ObservedColumn]) -> str | None:
    """Why a column is the label, or a part of it, written in another way; None if not."""
    if not column.is_text:
        for part in parts:
            if _correlation(column.numbers, part.numbers) >= _SAME:
                return f"gives the label away: it is {part.name} in another unit"
        if not label.names:
            numbers = np.where(label.known, label.values, np.nan)
            if _correlation(column.numbers, numbers) >= _SAME:
                return "gives the label away: it is the label in another unit"
            if _correlation(_ranks(column.numbers), _ranks(numbers)) >= _SAME:
                return "gives the label away: it rises and falls with the label exactly"
    if label.names and label.known.sum() < _FEW_ROWS and _stands_for_classes(label, column):
        return "gives the label away: each of its values has one class only"
    return None


def _stands_for_classes(label: ReadLabel, column: ObservedColumn) -> bool:
    """Whether a column of few values determines the class, in a table too small to measure."""
    if column.facts.distinct > 2 * len(label.names):
        return False
    gate = gate_column(column)
    both = label.known & gate.present
    if both.sum() < 0.9 * label.known.sum():
        return False
    _, codes = np.unique(gate.first[both], return_inverse=True)
    table = np.zeros((codes.max() + 1, len(label.names)))
    np.add.at(table, (codes, label.values[both]), 1)
    return bool((table.max(axis=1) == table.sum(axis=1)).all())


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """The absolute correlation of two columns where both have a value; 0 for few rows."""
    both = np.isfinite(first) & np.isfinite(second)
    count = int(both.sum())
    if count < 30 or count < 0.5 * len(first):
        return 0.0
    one, other = first[both] - first[both].mean(), second[both] - second[both].mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return abs(float((one * other).sum())) / size if size > 0 else 0.0


def _ranks(numbers: np.ndarray) -> np.ndarray:
    """The place of each number among the different ones; not-a-number where missing."""
    ranks = np.full(len(numbers), np.nan)
    finite = np.isfinite(numbers)
    # Two values are always in order: a rank says nothing where there are only a few.
    distinct, places = np.unique(numbers[finite], return_inverse=True)
    if len(distinct) >= 20:
        ranks[finite] = places
    return ranks
