"""The tables of the comparison of quality, and what a model must reach on them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from models.baselines import BOOSTING, CONSTANT, HIGHER_IS_BETTER, METRICS, Score
from preprocessing.label import Task

MILLRACE = "millrace"


@dataclasses.dataclass(frozen=True)
class Table:
    """A table and what `millrace init` is told of it.

    Attributes:
      folder: The folder's name below the folder of data.
      label: The label.
      arguments: Further arguments of `millrace init`.
    """

    folder: str
    label: str
    arguments: tuple[str, ...] = ()


TABLES = (
    Table("chicago_taxi", "tips > 0.2 * fare"),
    Table("babyweight", "weight_pounds", ("--key", "hashmonth")),
    Table("penguins", "species"),
)

# How much worse than gradient boosting a model may be, by metric. A root mean squared
# error may be larger by this share of it.
MARGINS = {"auc": 0.02, "accuracy": 0.02, "root_mean_squared_error": 0.03}
# Of the way from a constant guess to gradient boosting, how much must be covered.
_CLEARLY = 0.5


def verdict(task: Task, scores: Mapping[str, Score]) -> str:
    """Whether the model keeps up with gradient boosting and beats a constant guess.

    Args:
      task: The task.
      scores: By model.

    Returns:
      "reached", or what is missing.
    """
    telling = METRICS[task][0]
    ours, boosting, constant = (
        scores[model].get(telling) for model in (MILLRACE, BOOSTING, CONSTANT)
    )
    if ours is None or boosting is None or constant is None:
        return f"no {telling}: the eval split has one class"
    sign = 1.0 if telling in HIGHER_IS_BETTER else -1.0
    behind = sign * (boosting - ours)
    margin = MARGINS[telling] * (1.0 if sign > 0 else boosting)
    if behind > margin:
        return f"{telling} is {behind:.3g} behind gradient boosting, more than {margin:.3g}"
    if sign * (ours - constant) < _CLEARLY * sign * (boosting - constant):
        return f"{telling} is hardly better than a constant guess"
    return "reached"


def markdown(task: Task, title: str, scores: Mapping[str, Score]) -> str:
    """The scores of one table as Markdown, with the verdict."""
    names = METRICS[task]
    lines = [
        f"### {title}\n",
        f"| model | {' | '.join(name.replace('_', ' ') for name in names)} |",
        f"|---|{'---:|' * len(names)}",
    ]
    for model, found in scores.items():
        values = (f"{found[name]:.4f}" if name in found else "" for name in names)
        lines.append(f"| {model} | {' | '.join(values)} |")
    return "\n".join([*lines, f"\nVerdict: {verdict(task, scores)}.\n"])
