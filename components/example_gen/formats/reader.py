"""What ExampleGen asks of a source: the one interface between files and examples.

Planning, inspection, splitting, rejects and writing know nothing of formats. A new source
is one module and two lines:

1. A module with a subclass of `Reader`. It gives batches that keep the promises of
   `RawBatch`; for sources whose values carry their own types, `typed_batches.py` has the
   batch, and `arrow_columns.py` the types and the null rule.
2. A member of `settings.SourceFormat`, and its reader in `_READERS` below.
3. For files only: an entry in `detection.py` with the suffixes and first bytes. What is not
   a file makes its own `SourceFile`, whose `path` names it in messages.

The promises that make every source give the same examples for the same table: a column
holds one value or none a row; the empty text and the configured null markers are missing
values; times are whole seconds since 1970 (UTC), truth values 1 and 0; a batch is bounded
in bytes as well as in rows; the same source read twice gives the same batches.
"""

from __future__ import annotations

import abc
import contextlib
import importlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.rejects import Reject
from components.example_gen.settings import IngestionSettings, SourceFormat
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from components.example_gen.formats.declared_type import DeclaredType

# Module and class, imported when the first such file is read.
_READERS = {
    SourceFormat.CSV: ("csv_reader", "CsvReader"),
    SourceFormat.PARQUET: ("parquet_reader", "ParquetReader"),
    SourceFormat.AVRO: ("avro_reader", "AvroReader"),
    SourceFormat.JSONL: ("json_reader", "JsonLinesReader"),
    SourceFormat.TFRECORD: ("tfrecord_reader", "TfRecordReader"),
}


class RawBatch(Protocol):
    """Rows as a reader gives them."""

    @property
    def columns(self) -> dict[str, pa.Array]:
        """string, int64, double or null arrays, null where missing."""

    @property
    def typed(self) -> bool:
        """Whether values carry their types; if not, texts such as 12 are numbers."""

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that the reader could not make out, not among the columns' rows."""

    @property
    def file(self) -> str:
        """The file's path."""

    @property
    def num_rows(self) -> int:
        """How many rows the columns hold."""

    def line(self, row: int) -> int:
        """Where a row (from 0) stands in the file, from 1."""

    def text(self, row: int) -> str:
        """A row (from 0) as text."""


class Reader(abc.ABC):
    """Reads the files of one format. It holds no state."""

    @abc.abstractmethod
    def columns(self, source: SourceFile, settings: IngestionSettings) -> tuple[str, ...] | None:
        """The columns that a file declares before its rows, in its order.

        None where it declares none and each row brings its own names; then a name that a
        row lacks is a missing value, and the columns are those of all rows together.

        Raises:
          DataError: If the file has no proper header or schema.
        """

    def types(self, source: SourceFile) -> dict[str, DeclaredType] | None:
        """The declared columns' types, where the file declares types; else None.

        Raises:
          DataError: If a column is of a type that has no place in a tf.Example.
        """
        del source
        return None

    def count_rows(self, source: SourceFile) -> int:
        """How many rows a file has that declares its columns' types.

        Raises:
          DataError: If the file is damaged.
        """
        raise NotImplementedError

    @abc.abstractmethod
    def read(
        self,
        source: SourceFile,
        names: Sequence[str] | None,
        settings: IngestionSettings,
        *,
        only: Sequence[str] | None = None,
        head: bool = False,
    ) -> Iterator[RawBatch]:
        """Reads one file in batches.

        Args:
          source: The file.
          names: The columns of the data: each batch has all of them, in this order. None
            where they are not known yet: each batch has the columns that it shows.
          settings: How the data is read.
          only: The columns to return; None for all.
          head: Whether only the first rows are wanted, so that batches are small.

        Raises:
          DataError: If the file cannot be read, or has columns that are not in `names`.
        """


def reader_of(source: SourceFile) -> Reader:
    """The reader of a file's format, and of the columns that lie in its folders' names."""
    module, name = _READERS[source.format]
    reader: Reader = getattr(importlib.import_module(f"{__package__}.{module}"), name)()
    if not source.partitions:
        return reader
    partitioned = importlib.import_module(f"{__package__}.partitioned_reader")
    added: Reader = partitioned.PartitionedReader(reader)
    return added


def check_same_columns(
    source: SourceFile, expected: Sequence[str] | None, found: Sequence[str]
) -> None:
    """Refuses a file whose columns are not those of the files before it.

    Raises:
      DataError: If a column is missing or unknown; their order does not matter.
    """
    if expected is None or set(expected) == set(found):
        return
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    evidence = [f"{source.path}, row 1"]
    evidence += [f"missing: {', '.join(missing)}"] if missing else []
    evidence += [f"not in the other files: {', '.join(unknown)}"] if unknown else []
    raise DataError(
        f"{source.name} has other columns than the files before it",
        evidence=evidence,
        hint="all files of one data set need the same columns",
        code="different-columns",
    )


def check_known_columns(
    source: SourceFile, names: Sequence[str] | None, found: Iterable[str], row: int
) -> None:
    """Refuses names in rows that bring their own, where other files declare the columns.

    Args:
      source: The file.
      names: The columns of the data; None where they are not known yet.
      found: The names in the rows.
      row: The number of the row that has them, or of the first of several.

    Raises:
      DataError: If a name is not among the columns.
    """
    if names is None:
        return
    known = set(names)
    unknown = [name for name in found if name not in known]
    if unknown:
        raise DataError(
            f"{source.name} has other columns than the files before it",
            evidence=[
                f"{source.path}, from row {row:,} on",
                f"not in the other files: {', '.join(unknown[:8])}",
            ],
            hint="all files of one data set need the same columns",
            code="different-columns",
        )


def no_rows(source: SourceFile, columns: Sequence[str] = ()) -> DataError:
    """The error that a file without rows is."""
    found = f": columns {', '.join(columns[:8])}" if columns else ""
    return DataError(
        f"{source.name} has columns but no rows" if columns else f"{source.name} has no rows",
        evidence=[f"{source.path}{found}"],
        hint="write the file again, or take it out of the folder",
        code="no-rows",
    )


@contextlib.contextmanager
def refusing_damage(source: SourceFile) -> Iterator[None]:
    """Turns what Arrow says about a file, in the block, into an error about the file.

    Readers refuse what they expect with its row; nothing else that Arrow finds is a defect
    of ours.

    Raises:
      DataError: In the place of Arrow's own error.
    """
    import pyarrow as pa

    try:
        yield
    except pa.ArrowException as error:
        raise damaged(source, error) from error


def damaged(source: SourceFile, what: object, row: int | None = None) -> DataError:
    """The error that a file is which breaks off or is not what it says.

    Args:
      source: The file.
      what: What was found.
      row: From which row on, where that is known.
    """
    place = "" if row is None else f", from row {row:,} on"
    text = (str(what).splitlines() or [type(what).__name__])[0]
    return DataError(
        f"{source.name} is truncated or damaged",
        evidence=[f"{source.path}{place}: {text}"],
        hint="copy or write the file again",
        code="truncated-file",
    )
