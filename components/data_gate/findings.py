"""What the gate found, with the numbers behind it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from typing import Any, Literal

from components.data_gate.questions import Question, question_of

DATASET = "dataset"
"""Stands for the feature in findings about a split as a whole."""
LABEL = "label"
"""Stands for the feature in findings about the label."""
MOST_VALUES = 5


@dataclasses.dataclass(frozen=True)
class Finding:
    """One answer that is not as it should be.

    Attributes:
      split: The split's name.
      feature: The feature's path, or `DATASET`, or `LABEL`.
      check: TFDV's name of the anomaly, or the gate's own such as ``drift``.
      severity: Whether it stops the run.
      headline: What is wrong in a few words.
      expected: What was expected.
      seen: What was seen.
      slice: Which examples it is about, such as ``currency=JPY``; empty for all.
      values: Up to `MOST_VALUES` of the offending values.
      count: How many examples offend; None where that is not known.
      present: How many examples have the feature; None where that is not known.
      examples: How many examples were looked at; None where that is not known.
      allowed: Whether the configuration allows what would stop the run.
    """

    split: str
    feature: str
    check: str
    severity: Literal["block", "warn"]
    headline: str
    expected: str = ""
    seen: str = ""
    slice: str = ""
    values: tuple[str, ...] = ()
    count: int | None = None
    present: int | None = None
    examples: int | None = None
    allowed: bool = False

    @property
    def question(self) -> Question:
        """The question that it answers."""
        return question_of(self.check)

    @property
    def blocks(self) -> bool:
        """Whether it stops the run."""
        return self.severity == "block" and not self.allowed

    def describe(self) -> str:
        """Writes the finding as one line."""
        where = f"{self.feature} ({self.slice})" if self.slice else self.feature
        text = f"{self.split}: {where}: {self.headline}"
        if self.seen and self.seen != self.headline:
            text += f". {self.seen}"
        if self.expected:
            text += f"; expected: {self.expected}"
        facts = [f"question {self.question.number}, {self.question.short_name}"]
        if self.examples is not None and self.count is not None:
            facts.append(f"{self.count:,} of {self.examples:,} examples")
        elif self.examples is not None and self.present is not None:
            facts.append(f"in {self.present:,} of {self.examples:,} examples")
        return f"{text} [{'; '.join(facts)}]"

    def to_json(self) -> dict[str, Any]:
        """The finding as plain values, its question by number and name."""
        plain = dataclasses.asdict(self)
        plain["values"] = list(self.values)
        plain["question"] = self.question.number
        plain["question_name"] = self.question.short_name
        return plain


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Orders findings: what stops the run, then what is allowed, then warnings."""
    return sorted(
        findings,
        key=lambda found: (
            not found.blocks,
            not found.allowed,
            found.question.number,
            found.feature,
            found.slice,
            found.split,
        ),
    )


def count_features(findings: Collection[Finding]) -> int:
    """How many different features the findings are about."""
    return len({finding.feature for finding in findings})
