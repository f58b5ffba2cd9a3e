"""How files with a few odd values can be read all the same, and what that takes."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DataError

if TYPE_CHECKING:
    from components.example_gen.formats.detection import SourceFile
    from components.example_gen.settings import IngestionSettings
    from components.example_gen.writing.planning import IngestionPlan

# One row in a thousand may be broken; a typing error among numbers breaks its value only.
_MOST_REJECTS = {"type-change": 0.01}
_MOST_BROKEN = 0.001
_REPAIRABLE = ("ragged-row", "type-change", "not-utf-8", "unreadable-row", "integer-overflow")
_NEVER = 2**62


@dataclasses.dataclass(frozen=True)
class PlannedReading:
    """The types of a table's columns, and the settings that all of it can be read with.

    Attributes:
      plan: What the first pass over the data learned.
      settings: How the files are read.
      why: Reasons for settings that odd values made necessary.
      remarks: What a person should look at.
    """

    plan: IngestionPlan
    settings: IngestionSettings
    why: Mapping[str, str]
    remarks: tuple[str, ...]


def plan_reading(files: Sequence[SourceFile], settings: IngestionSettings) -> PlannedReading:
    """Reads all files once; again where odd values ask for other settings.

    Columns of numbers with many texts among them become columns of text; a few rows that
    cannot be read are set aside.

    Args:
      files: The files.
      settings: How they are read.

    Raises:
      DataError: If more than a few rows cannot be read.
    """
    try:
        return PlannedReading(_plan(files, settings), settings, {}, ())
    except DataError as error:
        if error.code not in _REPAIRABLE:
            raise
        first = error
    found = _with_rejects(files, settings, first)
    if found is not None:
        return found
    if first.code == "type-change":
        fixed = _with_texts(files, settings)
        if fixed is not None:
            return fixed
    raise first


def codes(plan: IngestionPlan) -> tuple[str, ...]:
    """The columns of digits that are text because they start with zeros, as zip codes do."""
    from components.example_gen.settings import ColumnType

    return tuple(name for name in plan.leading_zeros if plan.types[name] is ColumnType.TEXT)


def leading_zero_remarks(plan: IngestionPlan) -> list[str]:
    """A sentence for each column of numbers that a few values with leading zeros are among."""
    read_as_text = codes(plan)
    return [
        f"{_values(count)} of {name} with a leading zero, as codes have, among numbers: read as"
        f" numbers; `columns: {{{name}: text}}` keeps the zeros."
        for name, count in plan.leading_zeros.items()
        if name not in read_as_text
    ]


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count:,} values"


def _with_rejects(
    files: Sequence[SourceFile], settings: IngestionSettings, first: DataError
) -> PlannedReading | None:
    most = _MOST_REJECTS.get(first.code, _MOST_BROKEN)
    rejects = settings.rejects.model_copy(update={"max_share": most})
    allowing = settings.model_copy(update={"rejects": rejects})
    try:
        plan = _plan(files, allowing)
    except DataError:
        return None
    where = first.evidence[0] if first.evidence else first.headline
    rows = "row" if plan.rejected == 1 else "rows"
    why = f"{plan.rejected:,} {rows} cannot be read"
    return PlannedReading(
        plan,
        allowing,
        {"rejects": why},
        (f"{why} and will be set aside: {first.headline} ({where}).",),
    )


def _with_texts(files: Sequence[SourceFile], settings: IngestionSettings) -> PlannedReading | None:
    """A reading in which columns of numbers and texts are texts."""
    from components.example_gen.settings import ColumnType

    lenient = settings.model_copy(update={"type_evidence": _NEVER})
    try:
        types = _plan(files, lenient).types
        mixed = [name for name, kind in types.items() if kind is ColumnType.TEXT]
        mixed = _with_numbers(files, list(types), mixed, settings)
        fixed = {**settings.columns, **dict.fromkeys(mixed, ColumnType.TEXT)}
        settings = settings.model_copy(update={"columns": fixed})
        plan = _plan(files, settings)
    except DataError:
        return None
    named = ", ".join(mixed)
    return PlannedReading(
        plan,
        settings,
        {"columns": "numbers and texts in one column"},
        (f"numbers and texts stand in one column, which is read as text: {named}.",),
    )


def _with_numbers(
    files: Sequence[SourceFile],
    names: Sequence[str],
    texts: Sequence[str],
    settings: IngestionSettings,
) -> list[str]:
    """Of columns of text those that have numbers, too."""
    import pyarrow.compute as pc

    from components.example_gen.batches import read_batches
    from components.example_gen.number_format import NumberFormat, configured_format

    number_format = configured_format(settings) or NumberFormat(None)
    found: set[str] = set()
    for source in files:
        for raw in read_batches(source, names, settings, only=texts):
            for name in set(texts) - found:
                distinct = pc.unique(pc.drop_null(raw.columns[name])).to_pylist()
                if any(number_format.read(text) is not None for text in distinct):
                    found.add(name)
    return [name for name in texts if name in found]


def _plan(files: Sequence[SourceFile], settings: IngestionSettings) -> IngestionPlan:
    from components.example_gen.writing.planning import make_plan

    with tempfile.TemporaryDirectory() as scratch:
        return make_plan(files, settings, [1], Path(scratch) / "times")
