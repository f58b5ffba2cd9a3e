"""A proposal in words: sentences that stand in the configuration and on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from onboarding.model import Proposal

if TYPE_CHECKING:
    from onboarding.thresholds import Measured

_MOST_CLASSES = 5


def task_sentence(proposal: Proposal) -> str:
    """What the model says, in a sentence."""
    from preprocessing.expression import parse_label

    label = proposal.label
    is_column = parse_label(label.expression).is_column
    name = label.columns[0] if is_column else label.expression
    if proposal.task.value == "regression":
        return f"Predicts the number {name}."
    if proposal.task.value == "multiclass":
        return f"Predicts {name}, one of {len(label.classes)} classes."
    return f"Predicts {name}, one of two classes." if is_column else f"Predicts whether {name}."


def label_words(proposal: Proposal) -> str:
    """What the label is like: its classes and their shares, or its mean."""
    label = proposal.label
    if label.classes:
        text = class_shares(label.classes)
    elif label.mean is not None and label.deviation is not None:
        text = f"mean {label.mean:.4g}, standard deviation {label.deviation:.4g}"
    else:
        text = ""
    if label.missing:
        gap = f"{label.missing:,} sampled rows without one are left out"
        text = f"{text}; {gap}" if text else gap
    return text


def class_shares(classes: Sequence[tuple[str, int]]) -> str:
    """Class names with their shares, the most frequent first, cut where they are many."""
    total = sum(count for _, count in classes) or 1
    named = [f"{name} {percent(count / total)}" for name, count in classes[:_MOST_CLASSES]]
    more = len(classes) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def percent(share: float) -> str:
    """A share with as many digits as tell it from nothing and from all."""
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    for digits in range(3):
        text = f"{share:.{digits}%}"
        if 0.1 <= share <= 0.9 or float(text[:-1]) not in (0.0, 100.0):
            return text
    return "<0.01%" if share < 0.5 else ">99.99%"


def dropped_by_reason(proposal: Proposal) -> Iterator[tuple[str, list[str]]]:
    """The columns that are no features, those of one reason together.

    Yields:
      The reason, and the columns.
    """
    groups: dict[str, list[str]] = {}
    for column in proposal.columns:
        if column.use in ("dropped", "key") or (column.use == "time" and column.feature is None):
            groups.setdefault(column.why, []).append(column.facts.name)
    yield from groups.items()


def summary_lines(proposal: Proposal, measured: Measured) -> Iterator[tuple[str, str]]:
    """What was decided beside the columns, a line each.

    Args:
      proposal: The proposal, thresholds included.
      measured: What plain models reach.

    Yields:
      What it is about, and the words.
    """
    data = proposal.sections.get("data", {})
    for key, choice in data.items():
        if not key.startswith("split") and key not in ("path", "columns") and choice.why:
            yield key.replace("_", " "), _with_reason(_plain(choice.value), choice.why)
    yield "label", _with_reason(proposal.label.expression, label_words(proposal))
    yield "task", _with_reason(str(proposal.task.value), proposal.task.why)
    rows = ", ".join(f"{count:,} {name}" for name, count in measured.split_rows.items())
    why = next((c.why for key, c in data.items() if key.startswith("split") and c.why), "")
    yield "split", _with_reason(rows, why)
    metric = next(iter(next(iter(measured.scores.values()), {})), "")
    scores = [f"{kind} {score[metric]:.4g}" for kind, score in measured.scores.items()]
    if scores:
        yield "baselines", f"{metric}: {', '.join(scores)}"
    bounds = {
        key.removeprefix("metrics."): choice.value
        for key, choice in proposal.sections.get("evaluation", {}).items()
        if key.startswith("metrics.") and choice.value
    }
    for place, (name, bound) in enumerate(bounds.items()):
        told = ", ".join(f"{kind.replace('_', ' ')} {value:g}" for kind, value in bound.items())
        yield ("" if place else "to be met"), f"{name} {told}"


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _with_reason(text: str, why: str) -> str:
    return f"{text}: {why}" if why else text
