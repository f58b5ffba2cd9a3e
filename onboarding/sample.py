"""Some rows of a table, read as a run would read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from onboarding.model import Request, SampledTable
from onboarding.reading import PlannedReading, codes, leading_zero_remarks, plan_reading

if TYPE_CHECKING:
    import pyarrow as pa

    from components.example_gen.batches import TypedRows
    from components.example_gen.formats.detection import SourceFile
    from components.example_gen.settings import IngestionSettings

# Of wide tables fewer rows are taken: so many values are enough to judge columns by.
_MOST_VALUES = 10_000_000
_FEWEST_ROWS = 5_000
# Made data often come from a generator with the seed 0: the draw must not follow theirs.
_SEED = 794_025_316
# A class that no sampled row has would be no class of the model.
_ROWS_OF_CLASSES = 0.02


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
    from components.example_gen.settings import IngestionSettings
    from components.example_gen.sources import base_and_pattern, find_files

    settings = IngestionSettings()
    files = find_files(*base_and_pattern(request.data, settings), settings)
    settings, why = _detected(files, request)
    reading = plan_reading(files, settings)
    columns = max(1, len(reading.plan.types))
    most_rows = min(request.most_rows, max(_FEWEST_ROWS, _MOST_VALUES // columns))
    table = _draw(files, reading, most_rows, request.label.strip())
    return SampledTable(
        request.data,
        len(files),
        reading.plan.rows,
        table,
        dict(reading.plan.types),
        reading.settings,
        {**why, **reading.why},
        (*reading.remarks, *leading_zero_remarks(reading.plan)),
        codes(reading.plan),
    )


def _detected(
    files: Sequence[SourceFile], request: Request
) -> tuple[IngestionSettings, dict[str, str]]:
    """How CSV files are written, and why that is thought."""
    from components.example_gen.settings import IngestionSettings, SourceFormat
    from components.example_gen.sniffing.dialect import detect_dialect

    if not any(source.format is SourceFormat.CSV for source in files):
        if request.column_names is not None:
            raise UserError(
                "--columns names the columns of CSV files, and these files name their own",
                evidence=[f"{files[0].path} is {files[0].format.value}"],
                hint="leave out --columns",
                code="columns-of-no-csv",
            )
        return IngestionSettings(), {}
    dialect = detect_dialect(files, column_names=request.column_names)
    found = dialect.settings()
    why = dict(dialect.why)
    if request.column_names is not None:
        found["column_names"] = request.column_names
        why["column_names"] = "the files have no header line"
    elif not dialect.has_header and not _names_label(files[0], found, request.label):
        raise UserError(
            f"{files[0].name} has no header line",
            evidence=[f"{files[0].path}, row 1: {dialect.why.get('has_header', '')}"],
            hint="name the columns with --columns a,b,c, or write a header line",
            code="no-header",
        )
    why.pop("has_header", None)
    return IngestionSettings(**found), why


def _names_label(source: SourceFile, found: dict[str, Any], label: str) -> bool:
    """Whether the first line has the label's columns, and so is a header after all."""
    from components.example_gen.formats.csv_reader import read_header
    from components.example_gen.settings import IngestionSettings
    from core.errors import MillraceError
    from preprocessing.expression import parse_label

    try:
        names = read_header(source, IngestionSettings(**found))
        return label.strip() in names or set(parse_label(label).columns) <= set(names)
    except MillraceError:
        return False


def _draw(
    files: Sequence[SourceFile], reading: PlannedReading, most_rows: int, label: str
) -> pa.Table:
    """About so many rows of all files, at random, the same ones each time.

    Where the label is a column of classes, each class is among them.
    """
    import numpy as np
    import pyarrow as pa

    from components.example_gen.batches import convert_rows, read_batches

    plan, settings = reading.plan, reading.settings
    rate = most_rows / plan.rows
    random = np.random.default_rng(_SEED)
    parts: list[Any] = []
    classes: set[Any] = set()
    most = int(_ROWS_OF_CLASSES * most_rows)
    for source in files:
        for raw in read_batches(source, list(plan.types), settings):
            rows = convert_rows(raw, plan.types, settings)
            chosen = None
            if rate < 1.0:
                drawn = random.random(len(rows)) < rate
                if label in rows.columns:
                    drawn[_first_of_classes(rows.columns[label].rows(), classes, most)] = True
                chosen = pa.array(drawn)
            if len(rows):
                parts.append(_as_table(rows, chosen))
    return pa.concat_tables(parts).combine_chunks()


def _first_of_classes(values: pa.Array, seen: set[Any], most: int) -> list[int]:
    """The first row of each value that was not seen yet; none once there were too many."""
    import pyarrow.compute as pc

    if len(seen) > most:
        return []
    new = [value for value in pc.unique(pc.drop_null(values)) if value.as_py() not in seen]
    seen.update(value.as_py() for value in new)
    return [pc.index(values, value).as_py() for value in new] if len(seen) <= most else []


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
