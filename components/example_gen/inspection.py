"""A quick look at the data: files, columns, types, first rows; nothing of TensorFlow.

It reads headers and the first rows only, so it is for refusing a wrong path, a wrong
label or a broken header within milliseconds; ExampleGen itself reads everything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from components.example_gen import csv_reader, parquet_reader
from components.example_gen.planning import check_named_columns
from components.example_gen.settings import ColumnType, IngestionSettings, SourceFormat
from components.example_gen.sources import SourceFile, base_and_pattern, find_files
from components.example_gen.type_inference import ColumnInference
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_LOOKED_AT_BYTES = 1024**2
_FIRST_ROWS = 5


@dataclasses.dataclass(frozen=True)
class ColumnSummary:
    """One column.

    Attributes:
      name: Its name.
      type: What its first values are; None where they are all missing.
      fixed: Whether the configuration fixed the type.
    """

    name: str
    type: ColumnType | None
    fixed: bool


@dataclasses.dataclass(frozen=True)
class SourceSummary:
    """What a path holds.

    Attributes:
      files: The files, in the order in which they are read.
      columns: The columns of the first file.
      first_rows: A few rows as texts; None for a missing value.
    """

    files: tuple[SourceFile, ...]
    columns: tuple[ColumnSummary, ...]
    first_rows: tuple[dict[str, str | None], ...]

    @property
    def size(self) -> int:
        """Bytes on disk of all files."""
        return sum(source.size for source in self.files)


def inspect_source(
    path: str | Path, settings: IngestionSettings | None = None, pattern: str | None = None
) -> SourceSummary:
    """Looks at the head of each file that a path stands for.

    Args:
      path: A file, a folder or a pattern.
      settings: How the data is read.
      pattern: A pattern below the folder; span placeholders in it match anything.

    Raises:
      UserError: If there is nothing there, or the settings name columns that are not.
      DataError: If a file is empty, is no table, or has other columns than the first.
    """
    settings = settings or IngestionSettings()
    files = find_files(*base_and_pattern(path, settings, pattern), settings)
    names: Sequence[str] | None = None
    for source in files:
        if source.format is SourceFormat.PARQUET:
            found: Sequence[str] = list(parquet_reader.read_schema(source))
        else:
            found = csv_reader.read_header(source, settings)
        csv_reader.check_same_columns(source, names, found)
        names = found if names is None else names
    assert names is not None
    check_named_columns(names, settings)
    types, rows = _look_at(files[0], names, settings)
    columns = tuple(
        ColumnSummary(name, settings.columns.get(name, types[name]), name in settings.columns)
        for name in names
    )
    return SourceSummary(files, columns, rows)


def _look_at(
    source: SourceFile, names: Sequence[str], settings: IngestionSettings
) -> tuple[dict[str, ColumnType | None], tuple[dict[str, str | None], ...]]:
    if source.format is SourceFormat.PARQUET:
        small = settings.model_copy(update={"batch_rows": _FIRST_ROWS})
        typed = next(parquet_reader.read_parquet(source, names, small))
        return parquet_reader.read_schema(source), _first_rows(typed.columns)
    for batch in csv_reader.read_csv(source, names, settings, block_bytes=_LOOKED_AT_BYTES):
        if not batch.num_rows:
            continue
        types = {}
        for name in names:
            inference = ColumnInference(settings.type_evidence)
            inference.add(batch.columns[name])
            types[name] = inference.kind
        return types, _first_rows(batch.columns)
    raise DataError(
        f"no row of {Path(source.path).name} can be read",
        evidence=[source.path],
        hint="check `delimiter` and `quote`",
        code="no-rows",
    )


def _first_rows(columns: dict[str, pa.Array]) -> tuple[dict[str, str | None], ...]:
    heads = {name: column.slice(0, _FIRST_ROWS).to_pylist() for name, column in columns.items()}
    count = len(next(iter(heads.values())))
    return tuple(
        {name: None if held[row] is None else str(held[row]) for name, held in heads.items()}
        for row in range(count)
    )
