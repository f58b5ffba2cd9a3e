"""Batches stay small whatever the rows look like."""

from __future__ import annotations

import pyarrow as pa

from components.example_gen.batches import TypedRows
from components.example_gen.records.encoding import Column


def _sizes(columns: dict[str, Column], batch_rows: int) -> list[int]:
    return [len(part) for part in TypedRows(columns, None, ()).parts(batch_rows)]


def test_narrow_rows_come_in_the_configured_number() -> None:
    assert _sizes({"a": Column(pa.array(range(25), pa.int64()))}, 10) == [10, 10, 5]


def test_rows_of_many_columns_come_in_smaller_parts() -> None:
    column = Column(pa.array([1] * 100, pa.int64()))
    wide = {f"{place:0100d}": column for place in range(10_000)}
    assert max(_sizes(wide, 1000)) == 54  # 64 MiB / (10,000 * (100 + 24) bytes)


def test_long_texts_come_in_smaller_parts_even_where_they_repeat() -> None:
    text = pa.array([b"x" * 10 * 1024**2], pa.large_binary())
    repeated = Column(text, pa.array([0] * 20, pa.int32()))
    assert repeated.text_bytes() == 200 * 1024**2
    assert max(_sizes({"a": repeated}, 1000)) == 6


def test_parts_are_the_rows_in_their_order() -> None:
    texts = Column(pa.array([b"x", b"y"], pa.large_binary()), pa.array([0, 1, None, 1], pa.int32()))
    parts = TypedRows({"a": texts}, None, ()).parts(3)
    rows = [value for part in parts for value in part.columns["a"].rows().to_pylist()]
    assert rows == [b"x", b"y", None, b"y"]
