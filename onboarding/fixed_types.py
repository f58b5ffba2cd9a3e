"""Types that a configuration fixes, so that the next file cannot change them.

A CSV says nothing of types; ExampleGen learns them from the whole of it. A file of the
next day in which all lengths happen to be whole numbers would have another type than the
schema, and a run would stop for nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from onboarding.model import Choice, ColumnDecision, Proposal

_WHY = "fixed, so that a file of whole numbers only is no other type"


def with_fixed_types(proposal: Proposal) -> Proposal:
    """The proposal with the types of the columns that a model uses.

    Numbers that measure are floats, whatever this table holds; texts that may look like
    numbers are texts. Nothing is fixed where the files themselves declare types; the names of
    folders declare none.

    Args:
      proposal: The proposal.
    """
    data = dict(proposal.sections.get("data", {}))
    chosen = data.get("columns")
    already = dict(chosen.value) if chosen is not None else {}
    # A column of classes keeps its type: a class that is called 1 is not called 1.0.
    is_number = proposal.task.value == "regression" or not _is_column(proposal)
    guessed = _guessed_columns(proposal.sample.path, proposal.columns)
    fixed = {**_types(guessed, label_is_number=is_number), **already}
    if not fixed:
        return proposal
    codes = [name for name in proposal.sample.codes if name in fixed]
    kept = f"{', '.join(codes)}: text, since a number has no leading zeros" if codes else ""
    why = "; ".join(filter(None, (_WHY, kept, chosen.why if chosen is not None else "")))
    data = {name: choice for name, choice in data.items() if name != "columns"}
    split = {name: data.pop(name) for name in list(data) if name.startswith("split")}
    data = {**data, "columns": Choice(fixed, why), **split}
    return dataclasses.replace(proposal, sections={**proposal.sections, "data": data})


def _guessed_columns(path: str, columns: Sequence[ColumnDecision]) -> Sequence[ColumnDecision]:
    """The columns whose types no file declares."""
    from components.example_gen.partitions import partition_types
    from components.example_gen.settings import IngestionSettings, SourceFormat
    from components.example_gen.sources import base_and_pattern, find_files

    settings = IngestionSettings()
    files = find_files(*base_and_pattern(path, settings), settings)
    if any(file.format in (SourceFormat.CSV, SourceFormat.JSONL) for file in files):
        return columns
    folders = partition_types(files)
    return [column for column in columns if column.facts.name in folders]


def _is_column(proposal: Proposal) -> bool:
    from preprocessing.expression import parse_label

    return parse_label(proposal.label.expression).is_column


def _types(columns: Sequence[ColumnDecision], *, label_is_number: bool) -> dict[str, str]:
    fixed = {}
    for column in columns:
        if column.use not in ("feature", "label") or column.facts.type is None:
            continue
        measures = column.kind in ("numeric", "latitude", "longitude")
        if column.use == "label":
            measures = measures and label_is_number
        if measures and column.facts.type.value != "text":
            fixed[column.facts.name] = "float"
        elif column.facts.type.value == "text" and _may_look_like_numbers(column):
            fixed[column.facts.name] = "text"
    return fixed


def _may_look_like_numbers(column: ColumnDecision) -> bool:
    return any(text.strip().replace(".", "", 1).isdigit() for text, _ in column.facts.common)
