"""Some rows of a table, read as a run would read them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.proposal.model import Request, SampledTable

if TYPE_CHECKING:
    import pyarrow as pa

    from components.example_gen.batches import TypedRows
    from components.example_gen.detection import SourceFile
    from components.example_gen.planning import IngestionPlan
    from components.example_gen.settings import IngestionSettings

# Of wide tables fewer rows are taken: so many values are enough to judge columns by.
_MOST_VALUES = 10_000_000
_FEWEST_ROWS = 5_000


def read_sample(request: Request) -> SampledTable:
    """Reads a table's types from all of its rows, and keeps some of the rows.

    The rows are drawn at random from all files, the same ones each time; memory holds
    them and a batch.

    Args:
      request: What a person asked for.

    Raises:
      UserError: If there is no data at the path, or the columns' names do not fit.
      DataError: If the files cannot be read as a table, or hold no rows.
    """
    from components.example_gen.planning import make_plan
    from components.example_gen.settings import IngestionSettings
    from components.example_gen.sources import base_and_pattern, find_files

    settings = IngestionSettings()
    files = find_files(*base_and_pattern(request.data, settings), settings)
    settings, why = _detected(files, request, settings)
    with tempfile.TemporaryDirectory() as scratch:
        plan = make_plan(files, settings, [1], Path(scratch) / "times")
    most_rows = min(request.most_rows, max(_FEWEST_ROWS, _MOST_VALUES // len(plan.types)))
    table = _draw(files, plan, settings, most_rows)
    return SampledTable(request.data, len(files), plan.rows, table, dict(plan.types), settings, why)


def _detected(
    files: Sequence[SourceFile], request: Request, settings: IngestionSettings
) -> tuple[IngestionSettings, dict[str, str]]:
    return settings, {}


def _draw(
    files: Sequence[SourceFile],
    plan: IngestionPlan,
    settings: IngestionSettings,
    most_rows: int,
) -> pa.Table:
    """About so many rows of all files, at random, the same ones each time."""
    import numpy as np
    import pyarrow as pa

    from components.example_gen.batches import convert_rows, read_batches

    rate = most_rows / plan.rows
    random = np.random.default_rng(0)
    parts: list[Any] = []
    for source in files:
        for raw in read_batches(source, list(plan.types), settings):
            rows = convert_rows(raw, plan.types, settings)
            chosen = None
            if rate < 1.0:
                chosen = pa.array(random.random(len(rows)) < rate)
            if len(rows):
                parts.append(_as_table(rows, chosen))
    return pa.concat_tables(parts).combine_chunks()


def _as_table(rows: TypedRows, chosen: pa.Array | None) -> pa.Table:
    import pyarrow as pa

    columns = {
        name: (column if chosen is None else column.filter(chosen)).rows()
        for name, column in rows.columns.items()
    }
    return pa.table({name: _readable(values) for name, values in columns.items()})


def _readable(values: pa.Array) -> pa.Array:
    """Texts as strings; bytes that are none with a replacement character."""
    import pyarrow as pa

    if not pa.types.is_large_binary(values.type):
        return values
    try:
        return values.cast(pa.large_string()).cast(pa.string())
    except pa.ArrowInvalid:
        texts = [None if v is None else v.decode("utf-8", "replace") for v in values.to_pylist()]
        return pa.array(texts, pa.string())
