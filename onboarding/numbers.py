"""What a column of numbers is: an amount, a code, a moment, yes or no, or a running number."""

from __future__ import annotations

from typing import Any

import numpy as np

from onboarding.column_facts import ObservedColumn
from onboarding.column_names import AMOUNTS, CALENDAR, CODES, IDENTIFIERS, words_of
from onboarding.moments import epoch_verdict
from onboarding.verdict import Table, Verdict, categorical_role, share

_LONG_TAIL = 2.0
_FEW = 12


def number_verdict(column: ObservedColumn, table: Table) -> Verdict:
    """Judges a column of numbers with at least two different values.

    Args:
      column: The column.
      table: The table that it stands in.
    """
    if column.is_whole:
        if set(column.distinct.tolist()) == {0.0, 1.0}:
            return Verdict("boolean", "0 or 1", {"role": "boolean"})
        verdict = (
            epoch_verdict(column)
            or _calendar(column, table)
            or _identifier(column, table)
            or _code(column, table)
        )
        if verdict is not None:
            return verdict
    elif (moment := epoch_verdict(column)) is not None:
        return moment
    return _amount(column, table)


def _calendar(column: ObservedColumn, table: Table) -> Verdict | None:
    for word in reversed(words_of(column.name)):
        if word in CALENDAR:
            low, high = CALENDAR[word]
            facts = column.facts
            assert facts.lowest is not None
            assert facts.highest is not None
            if low <= facts.lowest and facts.highest <= high:
                why = f"whole numbers {_range(column)} that repeat with the calendar"
                return Verdict("categorical", why, categorical_role(facts.distinct, table.rows))
    return None


def _identifier(column: ObservedColumn, table: Table) -> Verdict | None:
    facts = column.facts
    words = words_of(column.name)
    named = not IDENTIFIERS.isdisjoint(words)
    fallback = categorical_role(facts.distinct, table.rows)
    assert facts.lowest is not None
    assert facts.highest is not None
    if "hash" in words or (facts.highest > 1e15 and not AMOUNTS.intersection(words)):
        why = f"{facts.distinct:,} different numbers of {len(f'{facts.highest:.0f}')} digits"
        remark = ""
        if column.repeats >= 5:
            remark = (
                f"{column.name} has {facts.distinct:,} values that look like hashes: with"
                f" --key {column.name} rows of one value stay in one split."
            )
        return Verdict(
            "identifier", f"{why}: a hash says nothing by its size", None, fallback, remark
        )
    unique = facts.distinct >= 0.98 * facts.present and facts.present >= 20
    if unique:
        spread = facts.highest - facts.lowest + 1
        if spread <= 1.5 * table.rows and not AMOUNTS.intersection(words):
            return Verdict("identifier", "a running number: all different, without gaps")
        if named or "code" in words:
            return Verdict("identifier", "by its name, and every row has another", None, fallback)
        return None
    if not named or facts.distinct <= _FEW or AMOUNTS.intersection(words[-1:]):
        return None
    if column.repeats < 10 and facts.distinct > 50:
        why = (
            f"by its name, and only {column.repeats:.1f} rows for each of {facts.distinct:,} values"
        )
        remark = (
            f"{column.name} stands in several rows each: with --key {column.name} they stay"
            " in one split."
        )
        return Verdict("identifier", why, None, fallback, remark)
    return None


def _code(column: ObservedColumn, table: Table) -> Verdict | None:
    facts = column.facts
    words = words_of(column.name)
    if facts.distinct > 0.5 * facts.present or not CODES.intersection(words):
        return None
    if AMOUNTS.intersection(words):
        return None
    if words[-1] == "area" and not _dense(column):
        return None
    role = categorical_role(facts.distinct, table.rows)
    return Verdict("categorical", f"{facts.distinct:,} codes, by its name", role)


def _dense(column: ObservedColumn) -> bool:
    """Whether a column's whole numbers are few and close together, as those of a list are."""
    facts = column.facts
    assert facts.lowest is not None
    assert facts.highest is not None
    return facts.distinct <= 300 and facts.highest - facts.lowest < 4 * facts.distinct


def _amount(column: ObservedColumn, table: Table) -> Verdict:
    facts = column.facts
    role: dict[str, Any] = {"role": "numeric"}
    reasons = [f"numbers {_range(column)}"]
    if facts.lowest is not None and facts.lowest >= 0 and _has_long_tail(column):
        role["log1p"] = True
        reasons.append(f"a long tail: half of them up to {_median(column):.4g}")
    if buckets := _buckets(column, table):
        role["buckets"] = buckets
    if facts.missing:
        reasons.append(f"{share(facts.missing, facts.rows)} missing")
    return Verdict("numeric", "; ".join(reasons), role, remark=_mark_of_missing(column))


def _mark_of_missing(column: ObservedColumn) -> str:
    """What to say of a number such as -999 that stands far from all others."""
    if len(column.distinct) < 10:
        return ""
    ordered = np.sort(column.distinct)
    reach = float(ordered[-2] - ordered[1])
    for end, next_one in ((0, 1), (-1, -2)):
        value = float(ordered[end])
        text = f"{value:g}".lstrip("-")
        count = int(column.counts[column.distinct == value][0])
        alone = abs(value - ordered[next_one]) > max(reach, 1.0)
        if len(text) >= 2 and set(text) == {"9"} and alone and count >= max(3, column.repeats):
            return (
                f"{column.name} is {value:g} in {count:,} rows, far from all other numbers: if"
                " that means missing, write it under `data.null_markers`."
            )
    return ""


def _buckets(column: ObservedColumn, table: Table) -> int:
    if table.columns > 100 or table.rows < 2_000 or column.facts.distinct < 3:
        return 0
    return min(10 if table.rows < 10_000 else 20, column.facts.distinct)


def _has_long_tail(column: ObservedColumn) -> bool:
    numbers = column.numbers[np.isfinite(column.numbers)]
    before = _skewness(numbers)
    return before > _LONG_TAIL and abs(_skewness(np.log1p(numbers))) < 0.6 * before


def _skewness(numbers: np.ndarray) -> float:
    deviation = numbers.std()
    if not deviation > 0:
        return 0.0
    return float((((numbers - numbers.mean()) / deviation) ** 3).mean())


def _median(column: ObservedColumn) -> float:
    return float(np.nanmedian(column.numbers))


def _range(column: ObservedColumn) -> str:
    return f"from {column.facts.lowest:.6g} to {column.facts.highest:.6g}"
