"""The label: its values, whether they can be learned, and the task that they make."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from core.errors import DataError, UserError
from onboarding.column_facts import ObservedColumn, as_text
from onboarding.column_names import closest
from onboarding.model import Choice, LabelFacts
from onboarding.task import Answers, decide_task
from onboarding.verdict import share
from preprocessing.expression import LabelExpression, column_expression, parse_label
from preprocessing.label import Task, label_values

FEWEST_ROWS = 30
MOST_MISSING = 0.2
"""The largest share of rows without a label: the rest of the table is another table."""


@dataclasses.dataclass(frozen=True)
class ReadLabel:
    """The label of the sampled rows.

    Attributes:
      expression: The expression.
      known: bool [rows]: whether the row has a label.
      values: float64 [rows] for a regression; else int64 [rows], places in `names`.
      names: The classes' names, in the order in which the model has them; none for a
        regression.
      facts: What was counted.
      task: The task, with the reason.
      classes: The names where the configuration must have them, else None.
      remarks: What a person should look at.
    """

    expression: LabelExpression
    known: np.ndarray
    values: np.ndarray
    names: tuple[str, ...]
    facts: LabelFacts
    task: Choice
    classes: Choice | None
    remarks: tuple[str, ...]


def label_expression(text: str, columns: list[str]) -> LabelExpression:
    """Reads what a person gave as the label: a column's name, whatever it is, or an expression.

    Args:
      text: What was given.
      columns: The table's columns.

    Raises:
      UserError: If it is neither, with the nearest column.
    """
    for name in (text, text.strip()):
        if name in columns:
            return parse_label(column_expression(name))
    close = closest(text, columns)
    try:
        expression = parse_label(text)
    except UserError:
        if close is None:
            raise
        raise _no_column(text, close, columns) from None
    for name in expression.columns:
        if name not in columns:
            raise _no_column(name, closest(name, columns), columns)
    return expression


def _no_column(name: str, close: str | None, columns: list[str]) -> UserError:
    shown = ", ".join(columns[:30]) + (f", … ({len(columns):,})" if len(columns) > 30 else "")
    return UserError(
        f"no column is called {name!r}",
        evidence=[f"the label names it; columns: {shown}"],
        hint=f"did you mean {close!r}?" if close else "take one of these columns",
        code="unknown-label",
    )


def read_label(
    expression: LabelExpression, columns: Mapping[str, ObservedColumn], asked: Task | None
) -> ReadLabel:
    """Computes the label of the sampled rows and finds out the task.

    Args:
      expression: The label.
      columns: The columns.
      asked: The task that a person asked for, if any.

    Raises:
      UserError: If the task does not fit the label.
      DataError: If the label cannot be learned: it has one value, lacks too often, or is
        another one in each row.
    """
    arrays = {name: _array(columns[name]) for name in expression.columns}
    raw, known = label_values(expression, arrays)
    if raw.dtype.kind == "f":
        known &= np.isfinite(raw)
    rows = len(known)
    _check_known(expression.text, int(known.sum()), rows)
    answers = _answers(expression, raw, known)
    decision = decide_task(answers, asked)
    remarks = list(decision.remarks)
    if not known.all():
        count = rows - int(known.sum())
        remarks.append(
            f"{count:,} of {rows:,} rows ({share(count, rows)}) have no label: they are left out."
        )
    if decision.task.value == "regression":
        numbers = np.where(known, raw.astype(np.float64), np.nan)
        facts = LabelFacts(
            expression.text,
            expression.columns,
            rows - int(known.sum()),
            mean=float(np.nanmean(numbers)),
            deviation=float(np.nanstd(numbers)),
        )
        return ReadLabel(expression, known, numbers, (), facts, decision.task, None, tuple(remarks))
    places = {name: place for place, name in enumerate(decision.names)}
    merged = np.array([places[decision.merged.get(n, n)] for n in answers.names], np.int64)
    values = merged[answers.indices]
    counts = np.bincount(values[known], minlength=len(decision.names))
    order = np.argsort(-counts, kind="stable")
    classes = tuple((decision.names[place], int(counts[place])) for place in order)
    facts = LabelFacts(
        expression.text, expression.columns, rows - int(known.sum()), classes=classes
    )
    return ReadLabel(
        expression,
        known,
        values,
        decision.names,
        facts,
        decision.task,
        decision.classes,
        tuple(remarks),
    )


def _check_known(label: str, known: int, rows: int) -> None:
    if known == 0:
        raise DataError(
            f"the label {label!r} has no value in any row",
            evidence=[f"{rows:,} rows were looked at"],
            hint="choose another label, or check the marks of missing values",
            code="label-empty",
        )
    if rows - known > MOST_MISSING * rows:
        raise DataError(
            f"the label {label!r} is missing in {share(rows - known, rows)} of the rows",
            evidence=[
                f"{rows - known:,} of {rows:,} rows; at most {MOST_MISSING:.0%} are left out"
            ],
            hint="take the rows without a label out of the data, or say what a missing value "
            "means, as in default(column, 0)",
            code="label-missing",
        )
    if known < FEWEST_ROWS:
        raise DataError(
            f"{known} rows with a label are too few to learn from and to judge by",
            evidence=[f"at least {FEWEST_ROWS} are needed, hundreds are better"],
            hint="collect more rows",
            code="too-few-rows",
        )


def _answers(expression: LabelExpression, raw: np.ndarray, known: np.ndarray) -> Answers:
    """The label's different values, their counts, and the place of each row's among them."""
    filler = raw[known][0]
    filled = np.where(known, raw, filler)
    if raw.dtype == object:
        filled = filled.astype(str)
    distinct, indices = np.unique(filled, return_inverse=True)
    counts = np.bincount(indices[known], minlength=len(distinct))
    if expression.is_boolean:
        names = tuple("true" if value else "false" for value in distinct)
    else:
        names = tuple(as_text(value) for value in distinct)
    numbers = None if distinct.dtype.kind in "bUO" else distinct.astype(np.float64)
    return Answers(expression, names, numbers, counts, indices)


def _array(column: ObservedColumn) -> np.ndarray:
    if column.is_text:
        values = np.empty(column.facts.rows, dtype=object)
        values[:] = column.values.to_pylist()
        return values
    if not column.facts.missing and column.is_whole and column.values.type == "int64":
        return column.numbers.astype(np.int64)
    return column.numbers
