"""Which task a label's values make: yes or no, one of several classes, or a number."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from components.data_gate.unknown_classes import plain_spelling
from core.errors import DataError, UserError
from onboarding.column_names import AMOUNTS, CODES, words, words_of
from onboarding.model import Choice
from onboarding.texts import NO, YES
from preprocessing.expression import LabelExpression
from preprocessing.label import Task

_MOST_NUMBERS = 10
_MOST_CLASSES = 1_000
_FEWEST_OF_A_CLASS = 5
_MOST_NAMED = 100
_FEW = 30
_ORDERED = words("rating ratings stars score grade level quality rank")
_POSITIVE = words(
    "positive pos good bad_loan default defaulted fraud fraudulent spam churn churned churner "
    "malignant m sick ill disease diseased died dead event click clicked converted bought "
    "purchased won win winner pass passed approved accepted granted subscribed attack anomaly "
    "abnormal failure failed late delayed left returned high above survived present >50k "
    ">50k. yes true"
)
_NEGATIVE = words(
    "negative neg normal benign healthy ham genuine legit legitimate alive none no_event stayed "
    "retained existing lost loss fail rejected denied declined ok paid on_time low below absent "
    "<=50k <=50k. no false other rest"
)


@dataclasses.dataclass(frozen=True)
class Answers:
    """The different values of a label.

    Attributes:
      expression: The label.
      names: The values as texts, in the order of the values.
      numbers: float64, the values where they are numbers; else None.
      counts: int64, the rows of each.
      indices: int64 [rows], the place of each row's value.
    """

    expression: LabelExpression
    names: tuple[str, ...]
    numbers: np.ndarray | None
    counts: np.ndarray
    indices: np.ndarray


@dataclasses.dataclass(frozen=True)
class TaskDecision:
    """The task of a label.

    Attributes:
      task: The task, with the reason.
      names: The classes' names in the model's order; none for a regression.
      classes: The names where the configuration must have them, else None.
      merged: Spellings of yes and no, each with the class that it means.
      remarks: What a person should look at.
    """

    task: Choice
    names: tuple[str, ...] = ()
    classes: Choice | None = None
    merged: Mapping[str, str] = dataclasses.field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def decide_task(answers: Answers, asked: Task | None) -> TaskDecision:
    """Finds out the task, or checks the one that was asked for.

    Args:
      answers: The label's values.
      asked: The task that a person wants, None for what the values tell.

    Raises:
      UserError: If that task does not fit.
      DataError: If the label has one value, or nearly as many as there are rows.
    """
    label = answers.expression.text
    if len(answers.names) < 2:
        raise DataError(
            f"the label {label!r} has one value: {answers.names[0]!r} in every row",
            hint="there is nothing to tell apart; choose another label or other data",
            code="label-constant",
        )
    if asked == "regression":
        return _asked_regression(answers)
    spellings = _yes_and_no(answers)
    if asked == "binary" and len(answers.names) != 2 and not spellings:
        raise UserError(
            f"a binary task needs two values, but the label {label!r} has {len(answers.names):,}",
            evidence=[_shown(answers)],
            hint=_instead(answers),
            code="label-task",
        )
    if asked == "multiclass" and answers.expression.is_boolean:
        raise UserError(
            f"a multiclass task needs classes, but the label {label!r} says yes or no",
            hint="use --task binary",
            code="label-task",
        )
    if asked == "multiclass":
        return _multiclass(answers, "as asked for")
    if len(answers.names) == 2 or spellings:
        return _binary(answers, spellings)
    if answers.numbers is None:
        return _multiclass(answers, f"{len(answers.names)} different texts")
    return _of_numbers(answers)


def _binary(answers: Answers, spellings: Mapping[str, str]) -> TaskDecision:
    names = answers.names
    rare = () if len(names) > 2 else _rare(answers)
    if len(names) == 2 and answers.counts.min() < _FEWEST_OF_A_CLASS:
        raise DataError(
            f"the label {answers.expression.text!r} is nearly always the same",
            evidence=[_shown(answers)],
            hint=f"{_FEWEST_OF_A_CLASS} rows of each value are the least; hundreds are better",
            code="label-rare",
        )
    if answers.expression.is_boolean:
        task = Choice("binary", "the label says yes or no")
        return TaskDecision(task, ("false", "true"), remarks=rare)
    if answers.numbers is not None and answers.numbers.tolist() == [0, 1]:
        return TaskDecision(Choice("binary", "the label is 0 or 1"), ("0", "1"), remarks=rare)
    if spellings and len(names) > 2:
        why = "the label says yes or no: " + ", ".join(map(repr, names))
        return TaskDecision(Choice("binary", why), ("0", "1"), merged=spellings)
    pair, why = _ordered_pair(answers, spellings)
    task = Choice("binary", f"the label is {pair[0]!r} or {pair[1]!r}")
    chosen = Choice(list(pair), f"the second is the one to find: {why}")
    remark = "" if spellings else f"{pair[1]!r} counts as yes ({why}); `classes` turns it round."
    return TaskDecision(task, pair, chosen, remarks=(*filter(None, (remark,)), *rare))


def _ordered_pair(answers: Answers, spellings: Mapping[str, str]) -> tuple[tuple[str, str], str]:
    """The two classes, no first, and how that is known."""
    first, second = answers.names
    if spellings:
        pair = (first, second) if spellings[second] == "1" else (second, first)
        return pair, "it says yes"
    if answers.numbers is not None:
        return (first, second), "the larger number"
    plain = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in (first, second)]
    for place, word in enumerate(plain):
        other = plain[1 - place]
        if (other in _NEGATIVE and word not in _NEGATIVE) or other in (f"no_{word}", f"not_{word}"):
            return _turned(
                first, second, place
            ), f"{(first, second)[1 - place]!r} is the usual case"
        if word in _POSITIVE and other not in _POSITIVE:
            return _turned(first, second, place), "by its name"
    rarer = int(np.argmin(answers.counts)) if answers.counts[0] != answers.counts[1] else 1
    return _turned(first, second, rarer), "the rarer one"


def _turned(first: str, second: str, yes: int) -> tuple[str, str]:
    return (first, second) if yes == 1 else (second, first)


def _yes_and_no(answers: Answers) -> dict[str, str]:
    """What each text means, "0" or "1", if all are words for yes and no."""
    if answers.numbers is not None or len(answers.names) > 12:
        return {}
    lower = {name: name.strip().lower() for name in answers.names}
    meaning = {n: "1" if w in YES else "0" for n, w in lower.items() if w in YES | NO}
    complete = len(meaning) == len(lower) and len(set(meaning.values())) == 2
    return meaning if complete else {}


def _multiclass(answers: Answers, why: str) -> TaskDecision:
    count, rows = len(answers.names), int(answers.counts.sum())
    label = answers.expression.text
    if count > 0.5 * rows:
        what = "each row has another one" if count == rows else f"{rows:,} rows have {count:,}"
        raise DataError(
            f"the label {label!r} cannot be learned as a class: {what}",
            evidence=[_shown(answers)],
            hint=_instead(answers),
            code="label-unique",
        )
    if count > _MOST_CLASSES or count * _FEWEST_OF_A_CLASS > rows:
        raise DataError(
            f"the label {label!r} has {count:,} classes in {rows:,} rows: too few rows for each",
            evidence=[_shown(answers)],
            hint=_instead(answers),
            code="label-classes",
        )
    remarks = (*_alike(answers), *_rare(answers))
    classes = None
    if count <= _MOST_NAMED:
        classes = Choice(list(answers.names), "as the data write them")
    return TaskDecision(Choice("multiclass", why), answers.names, classes, remarks=remarks)


def _alike(answers: Answers) -> tuple[str, ...]:
    """Classes that are probably one, written in several ways."""
    spellings: dict[str, list[str]] = {}
    for name in answers.names:
        spellings.setdefault(plain_spelling(name), []).append(name)
    alike = [" and ".join(map(repr, names)) for names in spellings.values() if len(names) > 1]
    if not alike:
        return ()
    more = f", and {len(alike) - 5} more" if len(alike) > 5 else ""
    return (
        f"classes that differ by capitals or blanks alone: {', '.join(alike[:5])}{more}; each"
        " counts as a class of its own until the data spell them alike.",
    )


def _rare(answers: Answers) -> tuple[str, ...]:
    rare = [
        f"{name!r} ({count})"
        for name, count in zip(answers.names, answers.counts, strict=True)
        if count < _FEW
    ]
    if not rare:
        return ()
    more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
    return (
        f"few rows to learn or judge these classes by: {', '.join(rare[:5])}{more}; more rows,"
        " or fewer classes, would help.",
    )


def _of_numbers(answers: Answers) -> TaskDecision:
    assert answers.numbers is not None
    count = len(answers.numbers)
    low, high = answers.numbers[0], answers.numbers[-1]
    whole = bool((answers.numbers == np.floor(answers.numbers)).all())
    if count > _MOST_NUMBERS or not whole:
        return _regression(answers, f"the label is a number with {count:,} different values")
    named = set(words_of(answers.expression.text))
    of_codes = bool(named & CODES)
    if named & (AMOUNTS | _ORDERED) and not of_codes:
        return _regression(
            answers,
            f"whole numbers from {low:g} to {high:g} that count or grade, by the name",
            (
                f"the label has only {count} values; with --task multiclass they would be classes,"
                " each as far from every other.",
            ),
        )
    if of_codes or high - low < 2 * count:
        decision = _multiclass(answers, f"{count} whole numbers, taken as codes of classes")
        remark = (
            f"the numbers from {low:g} to {high:g} were taken as classes; if their distance"
            " means something, use --task regression."
        )
        return dataclasses.replace(decision, remarks=(remark, *decision.remarks))
    return _regression(answers, f"numbers from {low:g} to {high:g}, wide apart")


def _regression(answers: Answers, why: str, remarks: tuple[str, ...] = ()) -> TaskDecision:
    return TaskDecision(Choice("regression", why), remarks=remarks)


def _asked_regression(answers: Answers) -> TaskDecision:
    label = answers.expression.text
    if answers.expression.is_boolean:
        raise UserError(
            f"a regression needs a number, but the label {label!r} says yes or no",
            hint="use --task binary",
            code="label-task",
        )
    if answers.numbers is None:
        raise UserError(
            f"a regression needs a number, but the label {label!r} is text",
            evidence=[_shown(answers)],
            hint=_instead(answers),
            code="label-task",
        )
    remarks = ("the label has two values: --task binary would give probabilities.",)
    return _regression(answers, "as asked for", remarks if len(answers.names) == 2 else ())


def _instead(answers: Answers) -> str:
    if len(answers.names) == 2:
        return "use --task binary"
    if answers.numbers is not None and len(answers.names) > _MOST_NUMBERS:
        return "use --task regression, or a comparison as the label, such as column > 10"
    rows = int(answers.counts.sum())
    if len(answers.names) * _FEWEST_OF_A_CLASS <= rows and len(answers.names) <= _MOST_CLASSES:
        return 'use --task multiclass, or a comparison as the label, such as column == "value"'
    return 'choose another label, or a comparison, such as column == "value"'


def _shown(answers: Answers) -> str:
    order = np.argsort(-answers.counts, kind="stable")[:5]
    parts = [f"{answers.names[place]!r} ({answers.counts[place]:,})" for place in order]
    more = len(answers.names) - len(parts)
    return "values: " + ", ".join(parts) + (f" and {more:,} more" if more else "")
