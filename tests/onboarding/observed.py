"""Columns and samples out of Python lists, as reading a file would give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from components.example_gen.settings import ColumnType, IngestionSettings
from onboarding.column_facts import ObservedColumn, observe_column
from onboarding.model import Proposal, Request, SampledTable
from onboarding.propose import propose
from onboarding.roles import judge_column
from onboarding.verdict import Table, Verdict


def column(name: str, values: Sequence[Any]) -> ObservedColumn:
    """One column; None is a missing value."""
    kind, array = _typed(values)
    return observe_column(name, kind, array)


def judged(name: str, values: Sequence[Any], rows: int | None = None) -> Verdict:
    """The verdict on one column of a table."""
    return judge_column(column(name, values), Table(rows or len(values), len(values), 10))


def sample_of(columns: Mapping[str, Sequence[Any]]) -> SampledTable:
    """A table of which every row was looked at."""
    typed = {name: _typed(values) for name, values in columns.items()}
    table = pa.table({name: array for name, (_, array) in typed.items()})
    types = {name: kind for name, (kind, _) in typed.items()}
    return SampledTable("table.csv", 1, table.num_rows, table, types, IngestionSettings(), {})


def proposed(columns: Mapping[str, Sequence[Any]], label: str, **asked: Any) -> Proposal:
    """The proposal for a table."""
    return propose(sample_of(columns), Request("table.csv", label, **asked))


def uses(proposal: Proposal) -> dict[str, str]:
    """What becomes of each column."""
    return {decision.facts.name: decision.use for decision in proposal.columns}


def reasons(proposal: Proposal) -> dict[str, str]:
    """Why that becomes of each column."""
    return {decision.facts.name: decision.why for decision in proposal.columns}


def _typed(values: Sequence[Any]) -> tuple[ColumnType | None, pa.Array]:
    present = [value for value in values if value is not None]
    if not present:
        return None, pa.nulls(len(values))
    if isinstance(present[0], str):
        return ColumnType.TEXT, pa.array(values, pa.string())
    if all(isinstance(value, int) for value in present):
        return ColumnType.INTEGER, pa.array(values, pa.int64())
    return ColumnType.FLOAT, pa.array([None if v is None else float(v) for v in values]).cast(
        pa.float32(), safe=False
    )
