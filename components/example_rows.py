"""Examples as tables of plain columns, for components that filter or enrich rows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.example_gen.records.encoding import Column, encode_examples
from components.example_gen.records.tfrecords import (
    SplitWriter,
    data_bytes,
    frame_records,
    record_list,
)
from components.example_gen.settings import Compression
from components.example_gen.writing.examples import columnar_batch
from core import errors, progress
from core.columnar_examples import read_examples

if TYPE_CHECKING:
    from tfx.types import Artifact

ROWS_PROPERTY = "rows_{split}"


def rewrite_examples(
    examples: Artifact, output: Artifact, change: Callable[[pa.Table], pa.Table]
) -> dict[str, int]:
    """Makes examples out of examples, some thousand rows at a time, split by split.

    Args:
      examples: The Examples artifact to read; one value a row and column, as ExampleGen
        makes them of a table.
      output: The Examples artifact to write; a folder on this machine.
      change: Gets rows as an Arrow table with a column per feature (``int64``, ``float32``,
        ``large_string``; null where the row has no value) and returns those to write:
        fewer rows, or more columns, or other values. The columns must be the same for all
        tables that it returns.

    Returns:
      How many rows each split has.

    Raises:
      errors.DataError: If a split has no rows left.
      errors.UserError: If `change` returns no table, or columns that examples cannot hold.
    """
    from tfx.components.util import examples_utils
    from tfx.proto import example_gen_pb2
    from tfx.types import artifact_utils

    if "://" in output.uri:
        raise errors.UserError(
            f"examples cannot be rewritten in {output.uri}",
            hint="use a folder or a mounted volume as root, or a component of your own with Beam",
            code="rewriting-needs-local-root",
        )
    splits = artifact_utils.decode_split_names(examples.split_names)
    rows = {split: _rewrite_split(examples.uri, output.uri, split, change) for split in splits}
    output.split_names = examples.split_names
    examples_utils.set_payload_format(output, example_gen_pb2.FORMAT_TF_EXAMPLE)
    examples_utils.set_file_format(output, "tfrecords_gzip")
    for split, count in rows.items():
        output.set_int_custom_property(ROWS_PROPERTY.format(split=split), count)
    return rows


def _rewrite_split(
    source: str, target: str, split: str, change: Callable[[pa.Table], pa.Table]
) -> int:
    schema: pa.Schema | None = None
    with contextlib.ExitStack() as stack:
        writer: SplitWriter | None = None
        for batch in read_examples(source, split):
            columns = _columns(change(plain_table(batch)))
            lists = columnar_batch(columns)
            if writer is None:
                schema = lists.schema
                writer = SplitWriter(target, split, schema, Compression.GZIP)
                stack.enter_context(writer)
            elif lists.schema != schema:
                assert schema is not None
                raise _other_columns(schema, lists.schema)
            if lists.num_rows:
                records = encode_examples(columns)
                framed = frame_records(records, record_list(records))
                writer.write(data_bytes(framed), lists)
                progress.report(f"{split} {writer.rows:,} rows")
    if writer is None or not writer.rows:
        raise errors.DataError(
            f"no row of the split {split!r} is left",
            hint="look at what the component leaves out",
            code="empty-split",
        )
    return writer.rows


def plain_table(batch: pa.RecordBatch) -> pa.Table:
    """A batch of list columns as a table of plain ones.

    Args:
      batch: Columns of lists with one value or none, as `read_examples` gives them.

    Returns:
      ``int64``, ``float32`` and ``large_string`` columns (``large_binary`` where a text is
      not UTF-8), null where the list is empty or missing.

    Raises:
      errors.DataError: If a row has several values in a column.
    """
    columns = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        columns[name] = column if pa.types.is_null(column.type) else _first_values(name, column)
    return pa.table(columns)


def _first_values(name: str, column: pa.Array) -> pa.Array:
    lengths = np.asarray(pc.fill_null(pc.list_value_length(column), 0))
    if lengths.max(initial=0) > 1:
        raise errors.DataError(
            f"the feature {name!r} has several values in a row",
            evidence=["rows of a table hold one value or none"],
            code="several-values",
        )
    missing = lengths == 0
    places = np.cumsum(lengths) - 1
    values = column.flatten().take(pa.array(np.where(missing, 0, places), mask=missing))
    if pa.types.is_large_binary(values.type):
        with contextlib.suppress(pa.ArrowInvalid):
            return values.cast(pa.large_string())
    return values


def _columns(table: Any) -> dict[str, Column]:
    if not isinstance(table, pa.Table):
        raise errors.UserError(
            f"rows came back as {type(table).__name__}, not as a pyarrow.Table",
            hint="return the table itself, such as rows.filter(mask)",
            code="rewritten-rows",
        )
    return {
        name: Column(_storable(name, table.column(name).combine_chunks()))
        for name in table.column_names
    }


def _storable(name: str, values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The values as examples hold them: int64, float32 or bytes."""
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.chunks else pa.array([], values.type)
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _storable(name, values.dictionary_decode())
    if pa.types.is_null(kind):
        return values
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return values.cast(pa.int64())
    if pa.types.is_floating(kind):
        return values.cast(pa.float32())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return values.cast(pa.large_string()).cast(pa.large_binary())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return values.cast(pa.large_binary())
    raise errors.UserError(
        f"the column {name!r} came back as {kind}, which examples cannot hold",
        hint="make numbers, texts or truth values of it",
        code="rewritten-rows",
    )


def _other_columns(first: pa.Schema, later: pa.Schema) -> errors.UserError:
    names = {*first.names, *later.names}
    different = sorted(
        name
        for name in names
        if name not in first.names
        or name not in later.names
        or first.field(name).type != later.field(name).type
    )
    return errors.UserError(
        f"later rows came back with other columns: {', '.join(different)}",
        evidence=["all tables that are returned must have the same columns of the same types"],
        code="rewritten-rows",
    )
