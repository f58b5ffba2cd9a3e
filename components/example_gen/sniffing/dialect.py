"""What a CSV file's own bytes say about how it is to be read, with the reasons.

Nothing here decides a run: a run reads as its configuration says. This is for writing
such a configuration. Files are read up to a bound, by the code that a run reads them with.
"""

from __future__ import annotations

import codecs
import dataclasses
import itertools
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.example_gen.formats.csv_blocks import text_chunks
from components.example_gen.formats.csv_reader import read_csv
from components.example_gen.formats.csv_records import trim_fields
from components.example_gen.formats.detection import SourceFile, identify
from components.example_gen.settings import IngestionSettings, SourceFormat
from components.example_gen.sniffing.column_texts import ColumnTexts
from components.example_gen.sniffing.delimiter_detection import Layout, find_layout
from components.example_gen.sniffing.header_detection import find_header
from components.example_gen.sniffing.mark_detection import find_marks, without_marks
from components.example_gen.sniffing.null_markers import find_null_markers
from components.example_gen.sniffing.number_detection import find_number_format
from core.errors import DataError

_HEAD_BYTES = 256 * 1024
_BLOCK_BYTES = 4 * 1024**2
_MOST_BYTES = 32 * 1024**2
_MOST_FILES = 8
_MOST_OF = 0.95
_BLANKS = (" ", "\t")
_NAMES = {"\t": "a tab", " ": "a blank"}


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How CSV files are written.

    Attributes:
      delimiter: Between fields.
      quote: Around fields; None where quotes mean nothing.
      has_header: Whether the first line names the columns.
      thousands: Between groups of three digits; None where there is none.
      decimal: Before a number's fraction.
      null_markers: Texts that stand for a missing value, the most frequent first.
      number_marks: Texts around numbers that mean nothing, such as $ and %.
      trim: Whether blanks stand around fields, which belong to no value.
      why: A reason for each of these that was not taken by default, and remarks on
        `encoding` and `compression`; phrases without a full stop.
    """

    delimiter: str = ","
    quote: str | None = '"'
    has_header: bool = True
    thousands: str | None = None
    decimal: str = "."
    null_markers: tuple[str, ...] = ()
    number_marks: tuple[str, ...] = ()
    trim: bool = False
    why: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """What differs from the defaults of `IngestionSettings`, by its fields."""
        names = (
            *("delimiter", "quote", "trim"),
            *("thousands", "decimal", "number_marks", "null_markers"),
        )
        fields = IngestionSettings.model_fields
        found = {name: getattr(self, name) for name in names}
        return {name: value for name, value in found.items() if value != fields[name].default}


def detect_dialect(
    files: Iterable[SourceFile | str | Path], *, column_names: Sequence[str] | None = None
) -> Dialect:
    """Finds out how CSV files are written.

    Reads at most 256 KiB of each of the first eight files, and 32 MiB in all.

    Args:
      files: The files of one table; those that are no CSV are passed over.
      column_names: The columns' names, where somebody gave them because the files have no
        header. The first line is called a header then only if it clearly is one.

    Returns:
      The dialect; that of a comma-separated file with a header where nothing tells.

    Raises:
      DataError: If a file is empty, damaged, no UTF-8 text, or no table; or if only some of
        the files have a header.
      UserError: If a file cannot be opened, or the names do not fit the rows.
    """
    sources = [_source(file) for file in files]
    sources = [source for source in sources if source.format is SourceFormat.CSV][:_MOST_FILES]
    if not sources:
        return Dialect()
    heads = [_head(source) for source in sources]
    layout = find_layout(heads[0])
    trim_why = _why_trim(layout)
    if trim_why:
        heads = [trim_fields(head, layout.delimiter, '"') for head in heads]
        layout = find_layout(heads[0])
    has_header, header_why = _header_of_all(sources, heads, layout, column_names)
    names = column_names
    if names is None and not has_header:
        names = [f"column {place}" for place in range(1, layout.fields + 1)]
    settings = IngestionSettings(
        delimiter=layout.delimiter,
        quote=layout.quote,
        trim=bool(trim_why),
        column_names=None if names is None or has_header else tuple(names),
    )
    columns = _count(sources, settings)
    marks = find_marks(columns)
    plain = without_marks(columns, marks) if marks else columns
    number_format, number_why = find_number_format(plain, layout.delimiter)
    number_format = dataclasses.replace(number_format, marks=tuple(marks))
    markers = find_null_markers(columns, number_format)
    why = {**_layout_reasons(layout), "has_header": header_why, **number_why}
    why |= _file_reasons(sources[0])
    if trim_why:
        why["trim"] = trim_why
    if marks:
        why["number_marks"] = "; ".join(marks.values())
    if markers:
        why["null_markers"] = "; ".join(markers.values())
    return Dialect(
        delimiter=layout.delimiter,
        quote=layout.quote,
        has_header=has_header,
        thousands=number_format.thousands,
        decimal=number_format.decimal,
        null_markers=tuple(markers),
        number_marks=tuple(marks),
        trim=bool(trim_why),
        why=why,
    )


def _source(file: SourceFile | str | Path) -> SourceFile:
    if isinstance(file, SourceFile):
        return file
    return identify(os.fspath(file), SourceFormat.AUTO)


def _head(source: SourceFile) -> bytes:
    """The first whole lines."""
    head = next(text_chunks(source, _HEAD_BYTES))
    if len(head) >= _HEAD_BYTES - len(codecs.BOM_UTF8):
        head = head[: head.rfind(b"\n") + 1] or head
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        start = head.rfind(b"\n", 0, error.start) + 1
        line = head[start : head.find(b"\n", start)].decode("latin-1").strip()
        row = head.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{source.name} is not UTF-8",
            evidence=[
                f"{source.path}, row {row:,}: byte {error.start - start + 1} is "
                f"0x{head[error.start]:02x}",
                f"read as Latin-1, the row is: {line[:160]}",
            ],
            hint="save the file as UTF-8, for instance with: iconv -f LATIN1 -t UTF-8",
            code="not-utf-8",
        ) from error
    return head


def _header_of_all(
    sources: Sequence[SourceFile],
    heads: Sequence[bytes],
    first: Layout,
    column_names: Sequence[str] | None,
) -> tuple[bool, str]:
    has_header, why = find_header(first.rows, column_names)
    for source, head in zip(sources[1:], heads[1:], strict=True):
        other = find_header(find_layout(head).rows, column_names)
        if other[0] != has_header:
            with_header = sources[0] if has_header else source
            raise DataError(
                "some of the files have a header and some have none",
                evidence=[
                    f"{sources[0].path}, row 1: {why}",
                    f"{source.path}, row 1: {other[1]}",
                ],
                hint=f"{with_header.name} has one: give it to all files, or to none",
                code="different-headers",
            )
    return has_header, why


def _count(sources: Sequence[SourceFile], settings: IngestionSettings) -> dict[str, ColumnTexts]:
    columns: dict[str, ColumnTexts] = {}
    left = _MOST_BYTES
    for source in sources:
        for batch in read_csv(source, None, settings, block_bytes=_BLOCK_BYTES):
            for name, values in batch.columns.items():
                columns.setdefault(name, ColumnTexts()).add(values)
            left -= len(batch.block.data)
            if left <= 0:
                return columns
    return columns


def _why_trim(layout: Layout) -> str:
    """Why blanks around fields belong to no value; empty where they may."""
    if layout.delimiter in _BLANKS:
        return ""
    pairs = [pair for row in layout.rows for pair in itertools.pairwise(row)]
    blank = sum(left[-1:] in _BLANKS or right[:1] in _BLANKS for left, right in pairs)
    if len(layout.rows) < 2 or not pairs or blank < _MOST_OF * len(pairs):
        return ""
    return f"blanks stand beside {blank:,} of the first {len(pairs):,} delimiters"


def _layout_reasons(layout: Layout) -> dict[str, str]:
    why = {}
    if layout.delimiter != ",":
        rows = "all" if layout.regular else "most"
        mark = _NAMES.get(layout.delimiter, repr(layout.delimiter))
        why["delimiter"] = f"{mark} gives {layout.fields} fields in {rows} of the first rows"
    if layout.quote is None:
        why["quote"] = "double quotes stand within fields and enclose none"
    elif layout.quote != '"':
        why["quote"] = f"{layout.quote} encloses fields"
    return why


def _file_reasons(source: SourceFile) -> dict[str, str]:
    why = {"compression": "the files are gzip"} if source.gzipped else {}
    with source.open() as stream:
        if stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
            why["encoding"] = "UTF-8 with a byte order mark, which is read over"
    return why
