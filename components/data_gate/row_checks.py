"""Checks of the rows themselves: repeated ones, shared ones, columns without a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np

from components.data_gate.findings import DATASET, Finding
from components.data_gate.limits import Limits
from components.data_gate.rows import Column, Rows
from components.data_gate.settings import CheckSettings, LimitedCheckSettings, OverlapSettings

# With fewer rows one value alone says nothing.
_FEWEST_ROWS = 30


def effect(settings: CheckSettings) -> Literal["block", "warn"]:
    """What a finding of a check does, where the check is not off."""
    return "block" if settings.severity == "block" else "warn"


def duplicated_rows(split: str, rows: Rows, settings: LimitedCheckSettings) -> Iterator[Finding]:
    """Finds rows that repeat an earlier row of the split."""
    known = len(rows.hashes)
    if settings.severity == "off" or not known:
        return
    repeated = known - len(np.unique(rows.hashes))
    if repeated / known <= settings.at_most:
        return
    about = "about " if rows.hash_share > 1 else ""
    count = repeated * rows.hash_share
    yield Finding(
        split,
        DATASET,
        "duplicated_rows",
        effect(settings),
        headline=f"{repeated / known:.1%} of the rows repeat another one",
        expected=f"at most {settings.at_most:.2%}",
        seen=f"{about}{count:,} of {rows.total:,} rows",
        count=count,
        examples=rows.total,
    )


def split_overlap(splits: Mapping[str, Rows], settings: OverlapSettings) -> Iterator[Finding]:
    """Finds examples of a later split that stand in an earlier one, such as eval in train."""
    if settings.severity == "off":
        return
    seen: dict[str, np.ndarray] = {}
    for split, rows in splits.items():
        hashes = rows.hashes if rows.keys is None else rows.keys
        for other, others in seen.items():
            shared = int(np.isin(hashes, others).sum())
            if not len(hashes) or shared / len(hashes) <= settings.at_most:
                continue
            what = " and ".join(settings.key) if settings.key else "the whole row"
            yield Finding(
                split,
                DATASET,
                "split_overlap",
                effect(settings),
                headline=f"{shared / len(hashes):.1%} of the examples stand in {other} as well",
                expected=f"at most {settings.at_most:.2%}",
                seen=f"compared by {what}",
                count=shared * rows.hash_share,
                examples=rows.total,
            )
        seen[split] = np.unique(hashes)


def constant_columns(
    split: str, columns: Mapping[str, Column], limits: Limits, settings: CheckSettings
) -> Iterator[Finding]:
    """Finds columns of the model that hold one value only, and no gaps."""
    if settings.severity == "off":
        return
    for name, column in columns.items():
        values = column.values
        if column.row_count < _FEWEST_ROWS or not len(values) or not limits.is_used(name):
            continue
        if (values != values[0]).any() or not column.present.all():
            continue
        value = values[0] if column.vocabulary is None else column.vocabulary[int(values[0])]
        text = f"{value:g}" if column.vocabulary is None else str(value)
        yield Finding(
            split,
            name,
            "constant_columns",
            effect(settings),
            headline="every example has the same value",
            values=(text,),
            count=column.row_count,
            examples=column.row_count,
        )
