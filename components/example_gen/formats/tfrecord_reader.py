"""TFRecord files of tf.Examples as batches of typed columns.

A batch of examples of the usual form is decoded with array operations; tfx_bsl decodes
those of any other form. Where it refuses a batch, or an example has more than one value
for a feature, the batch is decoded one example at a time, so that the message names the
record and the feature.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from components.example_gen.formats.arrow_columns import plain
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.example_decoding import UnusualFormError, decode_examples
from components.example_gen.formats.reader import Reader, check_known_columns, damaged, no_rows
from components.example_gen.formats.rejects import Reject
from components.example_gen.formats.typed_batches import (
    BATCH_BYTES,
    Row,
    TypedBatch,
    batches_of_rows,
)
from components.example_gen.records.tfrecords import masked_checksums
from components.example_gen.settings import IngestionSettings

if TYPE_CHECKING:
    import pyarrow as pa

_HEAD_ROWS = 100
# Longer ones are damage; protobuf itself stops at 2 GiB.
_MOST_RECORD_BYTES = 256 * 1024**2
_LENGTH_BYTES, _CHECKSUM_BYTES = 8, 4
_HEAD_BYTES = _LENGTH_BYTES + _CHECKSUM_BYTES
_KNOWN_LENGTHS = 65_536
_SHOWN_BYTES = 200


class TfRecordReader(Reader):
    """TFRecord files of tf.Examples, plain or gzip.

    A feature that an example lacks, or that has no value, is a missing value. Texts are
    bytes, which need not be UTF-8. A row is a row of a table: an example with several
    values for a feature is none.
    """

    def columns(self, source: SourceFile, settings: IngestionSettings) -> None:
        """Unknown before the rows."""
        del source, settings

    def read(
        self,
        source: SourceFile,
        names: Sequence[str] | None,
        settings: IngestionSettings,
        *,
        only: Sequence[str] | None = None,
        head: bool = False,
    ) -> Iterator[TypedBatch]:
        """Batches of records."""
        wanted = only if only is not None else names
        size = min(settings.batch_rows, _HEAD_ROWS) if head else settings.batch_rows
        row = 1
        for records in _batches(source, size):
            yield from _decoded(source, records, row, names, wanted, settings)
            row += len(records)
        if row == 1:
            raise no_rows(source)


def _batches(source: SourceFile, most: int) -> Iterator[list[bytes]]:
    """The records of a file, checked against their checksums."""
    lengths: dict[bytes, int] = {}
    records, checksums, row, rest = list[bytes](), list[bytes](), 1, b""
    try:
        with source.open() as stream:
            while chunk := stream.read(BATCH_BYTES):
                data, place = rest + chunk, 0
                while (start := place + _HEAD_BYTES) <= len(data):
                    head = data[place:start]
                    if (length := lengths.get(head)) is None:
                        lengths = lengths if len(lengths) < _KNOWN_LENGTHS else {}
                        length = lengths[head] = _checked_length(head)
                    end = start + length
                    if end + _CHECKSUM_BYTES > len(data):
                        break
                    place = end + _CHECKSUM_BYTES
                    records.append(data[start:end])
                    checksums.append(data[end:place])
                    if len(records) >= most:
                        row += _check(records, checksums)
                        yield records
                        records, checksums = [], []
                rest = data[place:]
                if records:
                    row += _check(records, checksums)
                    yield records
                    records, checksums = [], []
            if rest:
                raise EOFError("the file ends within a record")
    except (EOFError, ValueError, zlib.error, OSError) as error:
        raise damaged(source, error, row + len(records)) from error


def _checked_length(head: bytes) -> int:
    import google_crc32c

    length = int.from_bytes(head[:_LENGTH_BYTES], "little")
    checksum = masked_checksums(np.array([google_crc32c.value(head[:_LENGTH_BYTES])]))
    if checksum.tobytes() != head[_LENGTH_BYTES:]:
        raise ValueError("the checksum of a record's length is wrong")
    if length > _MOST_RECORD_BYTES:
        raise ValueError(f"a record of {length:,} bytes")
    return length


def _check(records: list[bytes], checksums: list[bytes]) -> int:
    """Compares checksums; gives how many records there are."""
    import google_crc32c

    values = np.fromiter(map(google_crc32c.value, records), np.uint32, len(records))
    good = masked_checksums(values) == np.frombuffer(b"".join(checksums), "<u4")
    if not good.all():
        del records[int(good.argmin()) :]
        raise ValueError("the checksum of a record is wrong")
    return len(records)


def _decoded(
    source: SourceFile,
    records: list[bytes],
    first: int,
    names: Sequence[str] | None,
    wanted: Sequence[str] | None,
    settings: IngestionSettings,
) -> Iterator[TypedBatch]:
    import pyarrow as pa

    columns = _columns(records)
    if columns is None:
        rows, rejects = _one_by_one(source, records, first)
        for row in rows:
            check_known_columns(source, names, row.values, row.line)
        yield from batches_of_rows(source.path, rows, wanted, settings, tuple(rejects))
        return
    check_known_columns(source, names, columns, first)
    absent = pa.nulls(len(records))
    found = {
        name: plain(columns.get(name, absent), settings)
        for name in (wanted if wanted is not None else columns)
    }
    yield TypedBatch(found, source.path, range(first, first + len(records)))


def _columns(records: list[bytes]) -> dict[str, pa.Array] | None:
    """One value or none a record, by feature in the order of names; None where there are more."""
    with contextlib.suppress(UnusualFormError):
        return decode_examples(records)

    from tfx_bsl.coders import example_coder

    try:
        batch = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(records)
    except RuntimeError:
        return None
    found = dict(zip(batch.schema.names, batch.columns, strict=True))
    columns = {name: _scalars(found[name]) for name in sorted(found)}
    sure = {name: column for name, column in columns.items() if column is not None}
    return sure if len(sure) == len(columns) and "" not in sure else None


def _scalars(lists: pa.Array) -> pa.Array | None:
    """Lists of at most one value as values; None where one has more."""
    import pyarrow as pa

    if pa.types.is_null(lists.type):
        return lists
    offsets = np.frombuffer(lists.buffers()[1], np.int64)
    counts = np.diff(offsets[lists.offset : lists.offset + len(lists) + 1])
    values = lists.flatten()
    if counts.max(initial=0) > 1:
        return None
    if len(values) == len(lists):
        return values
    return values.take(pa.array(np.cumsum(counts) - 1, mask=counts == 0))


def _one_by_one(
    source: SourceFile, records: list[bytes], first: int
) -> tuple[list[Row], list[Reject]]:
    from tfx_bsl.coders import example_coder

    decoder = example_coder.ExamplesToRecordBatchDecoder()
    rows, rejects = [], []
    for place, record in enumerate(records, first):
        column, text = None, repr(record[:_SHOWN_BYTES])
        try:
            batch = decoder.DecodeBatch([record])
        except RuntimeError:
            reason, code = "the record is not a tf.Example", "unreadable-row"
        else:
            values = {n: batch.column(i)[0].as_py() or [] for i, n in enumerate(batch.schema.names)}
            text = str(dict(sorted(values.items())))
            column = next((name for name in sorted(values) if len(values[name]) > 1), None)
            if column is None and "" not in values:
                single = {name: next(iter(values[name]), None) for name in sorted(values)}
                rows.append(Row(place, single, text))
                continue
            reason, code = "a feature has an empty name", "unnamed-column"
            if column is not None:
                count = len(values[column])
                reason = f"the feature has {count:,} values; a column holds one value a row"
                code = "multiple-values"
        rejects.append(Reject(source.path, place, column, reason, text, code))
    return rows, rejects
