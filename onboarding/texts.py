"""What a column of texts is: categories, yes or no, moments, prose, or names of single rows."""

from __future__ import annotations

import re

import numpy as np

from onboarding.column_facts import ObservedColumn
from onboarding.column_names import IDENTIFIERS, PERSONS, words_of
from onboarding.moments import text_moment_verdict
from onboarding.verdict import Table, Verdict, categorical_role, share
from preprocessing import yes_or_no

YES = frozenset(yes_or_no.YES)
NO = frozenset(yes_or_no.NO)
"""The words that the role `boolean` reads."""

_UUID = re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")
_HASH = re.compile(r"(?=.*\d)(?:0x)?[0-9a-fA-F]{16,128}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ADDRESS = re.compile(r"(?:https?|ftp|s3|gs)://\S+|www\.\S+")
_IDENTIFIERS = {
    "UUIDs": _UUID, "hashes": _HASH, "mail addresses": _MAIL, "web addresses": _ADDRESS
}  # fmt: skip
_MEASURE = re.compile(r"([$€£¥]|[A-Z]{3} )?[-+]?[\d.,]*\d\s?([^\d.,]{0,12})")
_WORD = re.compile(r"\w+")
_LOOKED_AT = 2_000
# Stands in the sample for bytes that are no text; some texts have a few of them, too.
_REPLACED = "\ufffd"


def text_verdict(column: ObservedColumn, table: Table) -> Verdict:
    """Judges a column of texts with at least two different values.

    Args:
      column: The column.
      table: The table that it stands in.
    """
    facts = column.facts
    broken = sum(_REPLACED in str(text) for text in column.distinct)
    if broken >= facts.distinct / 2:
        return Verdict("bytes", f"{broken:,} of {facts.distinct:,} values are no text in UTF-8")
    if facts.distinct <= 12 and (verdict := _boolean(column)) is not None:
        return verdict
    moment = text_moment_verdict(column)
    if moment is not None:
        return moment
    texts = [str(text) for text in column.spread(_LOOKED_AT)]
    fallback = categorical_role(facts.distinct, table.rows)
    different = facts.distinct / facts.present
    for what, pattern in _IDENTIFIERS.items():
        if all(pattern.fullmatch(text.strip()) for text in texts):
            if column.repeats < 10:
                return Verdict("identifier", what, None, fallback, _key_remark(column))
            break
    words = [_WORD.findall(text.lower()) for text in texts]
    length = float(np.mean([len(each) for each in words]))
    named = set(words_of(column.name))
    if _is_prose(column, words, length, named):
        return Verdict("text", f"{length:.0f} words on the average", {"role": "text"}, fallback)
    if different >= 0.5 and facts.present >= 50:
        if named & IDENTIFIERS or _looks_coded(texts):
            why = f"codes that name single rows: {facts.distinct:,} in {facts.present:,} rows"
            return Verdict("identifier", why, None, fallback, _key_remark(column))
        why = f"{facts.distinct:,} different texts in {facts.present:,} rows: nothing to learn from"
        return Verdict("near_unique", why, None, fallback, _unit_remark(column, texts))
    if named & IDENTIFIERS and facts.distinct > 50 and column.repeats < 10:
        why = (
            f"by its name, and only {column.repeats:.1f} rows for each of {facts.distinct:,} values"
        )
        return Verdict("identifier", why, None, fallback, _key_remark(column))
    why = f"{facts.distinct:,} different texts"
    if facts.missing:
        why += f"; {share(facts.missing, facts.rows)} missing"
    return Verdict("categorical", why, fallback, remark=_unit_remark(column, texts))


def _boolean(column: ObservedColumn) -> Verdict | None:
    values = {str(text).strip().lower() for text in column.distinct}
    if not values <= YES | NO or not values & YES or not values & NO:
        return None
    shown = " or ".join(repr(text) for text, _ in column.facts.common[:2])
    return Verdict("boolean", shown, {"role": "boolean"})


def _is_prose(
    column: ObservedColumn, words: list[list[str]], length: float, named: set[str]
) -> bool:
    facts = column.facts
    different = facts.distinct / facts.present
    if facts.distinct < 30 or length < 2 or different < 0.2:
        return length >= 8 and facts.distinct > 100
    used = sum(len(each) for each in words)
    known = len({word for each in words for word in each})
    reused = used / max(1, known)
    if length >= 4:
        return reused >= 1.5
    return reused >= 3 and different >= 0.3 and not named & (PERSONS | IDENTIFIERS)


def _looks_coded(texts: list[str]) -> bool:
    """Whether nearly all texts are one run of letters and digits, with digits."""
    coded = [t for t in texts if " " not in t.strip() and any(c.isdigit() for c in t)]
    return len(coded) >= 0.95 * len(texts)


def _unit_remark(column: ObservedColumn, texts: list[str]) -> str:
    """What to say of texts such as 12.5 kg, which are numbers to people alone."""
    if column.facts.distinct <= 20:
        return ""
    found = [match for text in texts if (match := _MEASURE.fullmatch(text.strip()))]
    units = {match.groups() for match in found}
    if len(found) < 0.95 * len(texts) or len(units) > 3 or (None, "") in units:
        return ""
    # 229xx is a code: all as long as each other, the letters right behind the digits.
    if len({len(text) for text in texts}) == 1 and all(text.strip().isalnum() for text in texts):
        return ""
    return (
        f"{column.name} looks like numbers with a unit ({texts[0]!r}): written as plain numbers"
        " its size would tell something."
    )


def _key_remark(column: ObservedColumn) -> str:
    if column.repeats < 1.2 or IDENTIFIERS.isdisjoint(words_of(column.name)):
        return ""
    return (
        f"{column.name} stands in several rows each: with --key {column.name} they stay in one"
        " split."
    )
