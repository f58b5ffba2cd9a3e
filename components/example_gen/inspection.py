"""A quick look at the data: files, columns, types, first rows; nothing of TensorFlow.

It reads headers and the first rows only, as far as that can do, so it is for refusing a
wrong path, a wrong label or a broken header within milliseconds; ExampleGen itself reads
everything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.reader import (
    RawBatch,
    check_same_columns,
    reader_of,
    refusing_damage,
)
from components.example_gen.partitions import partition_types
from components.example_gen.settings import ColumnType, IngestionSettings
from components.example_gen.sources import base_and_pattern, find_files
from components.example_gen.type_agreement import TypeAgreement
from components.example_gen.type_inference import ColumnInference, fits
from components.example_gen.width import check_width
from components.example_gen.writing.planning import (
    check_column_names,
    check_named_columns,
    named_columns,
)
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST_ROWS = 5
_Head = tuple[dict[str, ColumnType | None], tuple[dict[str, str | None], ...]]


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
    path: str | Path,
    settings: IngestionSettings | None = None,
    pattern: str | None = None,
    columns: Iterable[str] = (),
    span: int | None = None,
) -> SourceSummary:
    """Looks at the head of each file that a path stands for.

    Args:
      path: A file, a folder or a pattern.
      settings: How the data is read.
      pattern: A pattern below the folder, which may have places for spans.
      columns: Columns that the caller means to use. Where rows bring their own names (JSON
        lines, TFRecord) and the heads do not show these, the files are read until they do.
      span: The span to look at; the newest finished one where it is None.

    Raises:
      UserError: If there is nothing there, the settings name columns that are not, or
        `column_names` do not fit the files.
      DataError: If a file is empty, is no table, or has other columns than the first.
    """
    settings = settings or IngestionSettings()
    files = find_files(*base_and_pattern(path, settings, pattern), settings, span)
    check_column_names(files, settings)
    names: Sequence[str] | None = None
    agreement = TypeAgreement(settings)
    for source in files:
        declared = reader_of(source).types(source)
        agreement.add(source, declared or {})
        found = tuple(declared) if declared else reader_of(source).columns(source, settings)
        if found is not None:
            check_width(source, len(found), settings)
            check_same_columns(source, names, found)
            names = found if names is None else names
    if names is not None:
        check_named_columns(names, settings)
        with refusing_damage(files[0]):
            types, rows = _look_at(files[0], names, settings)
    else:
        types, rows = _look_at_rows(files, settings, {*columns, *named_columns(settings).values()})
        check_named_columns(list(types), settings)
    types = {**types, **partition_types(files)}
    summaries = tuple(
        ColumnSummary(name, settings.columns.get(name, types[name]), name in settings.columns)
        for name in names or types
    )
    return SourceSummary(files, summaries, rows)


def _look_at(source: SourceFile, names: Sequence[str], settings: IngestionSettings) -> _Head:
    """The types and first rows of a file whose columns are known."""
    reader = reader_of(source)
    for batch in reader.read(source, names, settings, head=True):
        if batch.num_rows:
            learned = {name: ColumnInference.configured(settings, name) for name in names}
            _learn(learned, batch, settings)
            declared = reader.types(source)
            kinds = {name: found.kind for name, found in (declared or {}).items()}
            types = kinds or {name: learned[name].decided for name in names}
            return types, _first_rows(batch, names)
    raise _no_row(source)


def _look_at_rows(
    files: Sequence[SourceFile], settings: IngestionSettings, wanted: set[str]
) -> _Head:
    """The columns and first rows of files whose rows bring their own names."""
    learned: dict[str, ColumnInference] = {}
    first: RawBatch | None = None
    for source in files:
        with refusing_damage(source):
            for batch in reader_of(source).read(source, None, settings, head=True):
                if batch.num_rows:
                    _learn(learned, batch, settings)
                    first = first or batch
                    break
    if first is None:
        raise _no_row(files[0])
    check_width(files[0], len(learned), settings)
    if not wanted <= learned.keys():
        for batch in (b for f in files for b in reader_of(f).read(f, None, settings)):
            _learn(learned, batch, settings)
            if wanted <= learned.keys():
                break
    types = {name: inference.decided for name, inference in learned.items()}
    return types, _first_rows(first, list(types))


def _learn(
    learned: dict[str, ColumnInference], batch: RawBatch, settings: IngestionSettings
) -> None:
    import pyarrow as pa

    for name, values in batch.columns.items():
        inference = learned.setdefault(name, ColumnInference.configured(settings, name))
        if not batch.typed and pa.types.is_string(values.type):
            inference.add(values)
        elif fits(inference.kind, values):
            inference.add_typed(values)


def _no_row(source: SourceFile) -> DataError:
    return DataError(
        f"no row of {source.name} can be read",
        evidence=[source.path],
        hint="check `format`, and for CSV `delimiter` and `quote`",
        code="no-rows",
    )


def _first_rows(batch: RawBatch, names: Sequence[str]) -> tuple[dict[str, str | None], ...]:
    count = min(batch.num_rows, _FIRST_ROWS)
    heads = {name: batch.columns[name].slice(0, count) for name in names if name in batch.columns}
    shown = {name: [_shown(value) for value in head] for name, head in heads.items()}
    absent: list[str | None] = [None] * count
    return tuple({name: shown.get(name, absent)[row] for name in names} for row in range(count))


def _shown(value: pa.Scalar) -> str | None:
    try:
        found = value.as_py()
    except UnicodeDecodeError:
        return "(bytes that are no text)"
    return None if found is None else str(found)
