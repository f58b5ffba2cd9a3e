"""What the pictures of a multiclass model are drawn from; many classes are folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.evaluator.metrics.class_metrics import ClassCounts, count_classes

# A confusion matrix beyond this is a carpet: the rarer classes become one.
MOST_IN_MATRIX = 20
MOST_IN_TABLE = 200
# One curve a class, beyond which none can be told from the others.
MOST_CURVES = 8


def class_plots(
    entries: Mapping[tuple[int, int], float], names: Sequence[str], classes: int
) -> dict[str, Any]:
    """The confusion matrix and the rates of each class.

    Args:
      entries: The weight of each pair of actual and predicted class.
      names: The names of the classes by their numbers; a number stands for itself beyond.
      classes: How many classes the model knows.

    Returns:
      ``matrix``: the names of rows and columns and the weights, rows are actual classes; the
      last is for all others where classes were folded. ``classes``: name, examples, how often
      it was predicted, precision, recall and F1, those with most examples first.
      ``class_count`` counts all of them.
    """
    counts = count_classes(entries)
    known = sorted({*counts, *range(classes)})
    by_examples = sorted(known, key=lambda k: (-counts[k].actual if k in counts else 0.0, k))
    shown = by_examples if len(known) <= MOST_IN_MATRIX else by_examples[: MOST_IN_MATRIX - 1]
    # Few classes stand in their own order, which means something to people.
    shown = sorted(shown)
    labels = [name_of(k, names) for k in shown]
    folded = len(known) - len(shown)
    if folded:
        labels.append(f"{folded:,} others")
    places = {number: place for place, number in enumerate(shown)}
    matrix = [[0.0] * len(labels) for _ in labels]
    for (actual, predicted), weight in entries.items():
        row, column = (places.get(k, len(shown)) for k in (actual, predicted))
        matrix[row][column] += weight
    rows = []
    for number in by_examples[:MOST_IN_TABLE]:
        # A class without examples has no rates, which are written as null.
        found = counts.get(number, ClassCounts())
        rates = [found.rate("precision"), found.rate("recall"), found.rate("f1_score")]
        rows.append([name_of(number, names), found.actual, found.predicted, *rates])
    return {
        "matrix": {"names": labels, "rows": matrix, "folded": folded},
        "classes": rows,
        "class_count": len(known),
    }


def name_of(number: int, names: Sequence[str]) -> str:
    """A class's name."""
    return names[number] if 0 <= number < len(names) else str(number)
