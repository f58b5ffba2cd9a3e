"""Raw columns as scikit-learn reads them, prepared in the usual plain way.

Numbers stay numbers, names become text, a moment becomes its seconds, hour, weekday and
month, and a long text its words. No bucket, cross or embedding is made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from preprocessing.features import (
    BooleanRole,
    CategoricalRole,
    CrossRole,
    FeatureRole,
    LatitudeLongitudeRole,
    TimestampRole,
    column_of,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclasses.dataclass(frozen=True)
class PlainColumns:
    """The features' columns, by how a plain model reads them.

    Attributes:
      amounts: Columns of numbers, with a missing value as NaN.
      named: Columns of names, as text; a missing one is "".
      texts: Columns of words, as text; a missing one is "".
    """

    amounts: tuple[str, ...]
    named: tuple[str, ...]
    texts: tuple[str, ...]


def table_of_examples(batches: Iterable[pa.RecordBatch], columns: Sequence[str]) -> pd.DataFrame:
    """Decoded examples as a table with one value, or none, per row and column.

    Args:
      batches: Record batches of list columns, as `core.columnar_examples` reads them.
      columns: The columns to take.

    Returns:
      A table in which numbers are float64 or int64 and missing ones NaN; texts are
      str, missing ones None.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = []
    for batch in batches:
        taken = {}
        for name in columns:
            place = batch.schema.get_field_index(name)
            if place < 0 or pa.types.is_null(batch.column(place).type):
                taken[name] = pd.Series([None] * batch.num_rows, dtype=object)
                continue
            lists = batch.column(place)
            filled = pc.if_else(pc.greater(pc.list_value_length(lists), 0), lists, None)
            first = pc.list_element(pc.drop_null(filled), 0)
            present = filled.is_valid().to_numpy(zero_copy_only=False)
            values = first.to_pandas()
            if pa.types.is_large_binary(first.type):
                values = values.map(lambda value: value.decode("utf-8", "replace"))
            values.index = present.nonzero()[0]
            taken[name] = values.reindex(range(batch.num_rows))
        parts.append(pd.DataFrame(taken))
    return pd.concat(parts, ignore_index=True)


def plain_columns(
    features: Mapping[str, FeatureRole], tables: Sequence[pd.DataFrame]
) -> tuple[PlainColumns, list[pd.DataFrame]]:
    """Makes plain columns of raw ones, alike in every table.

    Args:
      features: The feature map; it tells which columns to take, and which numbers are
        names (codes) rather than amounts.
      tables: The raw columns; the first table is the one to learn from.

    Returns:
      How the columns are to be read, and the tables that hold them.
    """
    import pandas as pd

    kinds: dict[str, str] = {}
    made: list[dict[str, Any]] = [{} for _ in tables]

    def add(name: str, kind: str, values: Sequence[Any]) -> None:
        kinds[name] = kind
        for table, column in zip(made, values, strict=True):
            table[name] = column

    for name, role in features.items():
        if isinstance(role, CrossRole):
            continue
        if isinstance(role, LatitudeLongitudeRole):
            for column in (role.latitude, role.longitude):
                add(column, "amount", [_numbers(table[column]) for table in tables])
            continue
        column = column_of(name, role)
        raw = [table[column] for table in tables]
        is_text = any(isinstance(value, str) for table in raw for value in table)
        if isinstance(role, TimestampRole):
            moments = [_moments(series, role, is_text) for series in raw]
            for part in moments[0]:
                add(f"{name} {part}", "amount", [moment[part] for moment in moments])
        elif role.role == "text":
            add(column, "text", [_as_text(series) for series in raw])
        elif isinstance(role, CategoricalRole | BooleanRole) or is_text:
            add(column, "name", [_as_text(series) for series in raw])
        else:
            add(column, "amount", [_numbers(series) for series in raw])
    frames = [
        pd.DataFrame(columns, index=table.index)
        for columns, table in zip(made, tables, strict=True)
    ]
    known = frames[0].notna().any()
    of_kind = {
        kind: tuple(name for name in kinds if kinds[name] == kind and known[name])
        for kind in ("amount", "name", "text")
    }
    return PlainColumns(of_kind["amount"], of_kind["name"], of_kind["text"]), frames


def _numbers(series: pd.Series) -> np.ndarray:
    import numpy as np
    import pandas as pd

    numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _as_text(series: pd.Series) -> list[str]:
    """Values as text; a whole number has no fraction, whatever the column's type."""

    def text(value: Any) -> str:
        if value is None or value != value:
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    return [text(value) for value in series]


def _moments(series: pd.Series, role: TimestampRole, is_text: bool) -> dict[str, np.ndarray]:
    import numpy as np
    import pandas as pd

    if is_text:
        moments = pd.to_datetime(
            series, format=getattr(role, "format", None), errors="coerce", utc=True
        )
    else:
        unit = {"min": "m", "d": "D"}.get(role.unit, role.unit)
        moments = pd.to_datetime(_numbers(series), unit=unit, errors="coerce", utc=True)
        moments = pd.Series(moments, index=series.index)
    local = moments + pd.Timedelta(hours=role.utc_offset_hours)
    known = local.notna().to_numpy()
    seconds = local.dt.tz_localize(None).to_numpy(dtype="datetime64[s]").astype(np.float64)
    parts = {
        "seconds": np.where(known, seconds, np.nan),
        "hour": local.dt.hour,
        "weekday": local.dt.weekday,
        "month": local.dt.month,
    }
    return {name: np.asarray(values, dtype=np.float64) for name, values in parts.items()}
