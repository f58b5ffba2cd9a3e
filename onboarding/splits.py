"""The sampled rows in the splits that a run would put them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from onboarding.model import SampledTable

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from components.example_gen.records.encoding import Column
    from components.example_gen.settings import IngestionSettings


def split_sample(sample: SampledTable, settings: IngestionSettings) -> dict[str, pa.Table]:
    """Splits the sampled rows as ExampleGen splits them.

    By hash each row goes where it goes in a run. By time the cuts are those of the
    sample; by number of the row, the rows are numbered as they stand in the sample.

    Args:
      sample: The table.
      settings: How a run reads and splits it.

    Returns:
      The rows of each split, in the order of the splits.
    """
    table = _with_types(sample.table, settings)
    places = _places(table, settings)
    return {name: table.filter(places == place) for place, name in enumerate(settings.split.splits)}


def _with_types(table: pa.Table, settings: IngestionSettings) -> pa.Table:
    """The table with the types that the configuration fixes."""
    import pyarrow as pa

    from components.example_gen.settings import ColumnType

    arrow_types = {
        ColumnType.INTEGER: pa.int64(),
        ColumnType.FLOAT: pa.float32(),
        ColumnType.TEXT: pa.string(),
    }
    for name, kind in settings.columns.items():
        place = table.schema.get_field_index(name)
        if place >= 0 and table.column(place).type != arrow_types[kind]:
            try:
                fixed = table.column(place).cast(arrow_types[kind], safe=False)
            except pa.ArrowInvalid:
                continue
            table = table.set_column(place, name, fixed)
    return table


def _places(table: pa.Table, settings: IngestionSettings) -> np.ndarray:
    import numpy as np

    from components.example_gen.records.encoding import encode_examples
    from components.example_gen.settings import SplitMethod
    from components.example_gen.splitting import hash_splits, key_splits, row_splits, value_splits
    from components.example_gen.writing.split_columns import hashed_columns

    weights = list(settings.split.splits.values())
    if len(weights) == 1:
        return np.zeros(table.num_rows, np.int64)
    columns = _columns(table)
    if settings.split.method is SplitMethod.TIME:
        return _places_in_time(columns, weights, settings)
    if settings.split.method is SplitMethod.ROW:
        return row_splits("sample", np.arange(table.num_rows), weights)
    if settings.split.key is not None:
        return key_splits(columns[settings.split.key], weights)
    if settings.split.method is SplitMethod.HASH_RECORD:
        return hash_splits(encode_examples(columns).to_pylist(), weights)
    hashed = {name: columns[name] for name in hashed_columns(settings.split, columns)}
    return value_splits(hashed, weights)


def _columns(table: pa.Table) -> Mapping[str, Column]:
    import pyarrow as pa

    from components.example_gen.records.encoding import Column

    made = {}
    for name, chunked in zip(table.column_names, table.columns, strict=True):
        values = chunked.combine_chunks()
        # A column of one chunk stays chunked in some versions of Arrow.
        values = values.chunk(0) if isinstance(values, pa.ChunkedArray) else values
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            encoded = values.dictionary_encode()
            made[name] = Column(encoded.dictionary.cast(pa.large_binary()), encoded.indices)
        else:
            made[name] = Column(values)
    return made


def _places_in_time(
    columns: Mapping[str, Column], weights: list[int], settings: IngestionSettings
) -> np.ndarray:
    import numpy as np

    from components.example_gen.splitting import time_splits

    times, missing = _times(columns, settings)
    known = np.sort(times[~missing])
    bounds = np.cumsum(weights)
    ranks = [min(len(known) - 1, round(len(known) * int(b) / int(bounds[-1]))) for b in bounds[:-1]]
    places = time_splits(times, [known[rank].item() for rank in ranks])
    # Rows without a time are set aside in a run.
    places[missing] = -1
    return places


def _times(
    columns: Mapping[str, Column], settings: IngestionSettings
) -> tuple[np.ndarray, np.ndarray]:
    from components.example_gen.splitting import time_values

    assert settings.split.time_column is not None
    return time_values(columns[settings.split.time_column], settings.split.time_format)
