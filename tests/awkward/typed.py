"""Parquet files of rarer types, and files whose values no table can hold."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import pickle
from pathlib import Path
from typing import Any

from tests.awkward.formats import HEADER, usual
from tests.awkward.people import people
from tests.awkward.record import AwkwardTable, write_csv


def parquet_units(folder: Path) -> AwkwardTable:
    """Two files: times of a day and durations in other units, decimals, coded and large texts."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    place = folder / "parts"
    place.mkdir()
    kinds = ((pa.time32("ms"), 1_000, "ms"), (pa.time64("us"), 1_000_000, "us"))
    for part, (time, second, unit) in enumerate(kinds):
        rows = people()[part::2]
        seconds = [one.number * 977 % 86_400 for one in rows]
        income = [decimal.Decimal(f"{one.income:.2f}") for one in rows]
        table = pa.table(
            {
                "age": pa.array([one.age for one in rows], (pa.uint8(), pa.uint64())[part]),
                "income": pa.array(income, (pa.decimal128(12, 2), pa.decimal256(40, 2))[part]),
                "woken": pa.array([found * second for found in seconds], time),
                "called": pa.array([one.visits * second for one in rows], pa.duration(unit)),
                "city": pa.array([one.city for one in rows], pa.large_string()),
                "plan": pa.array([one.plan for one in rows]).dictionary_encode(),
                "churned": pa.array([one.churned for one in rows]),
            }
        )
        pq.write_table(table, place / f"{part}.parquet")
    return AwkwardTable(
        "parquet_units",
        place,
        "churned",
        "binary",
        columns={
            "age": "numeric feature",
            "income": "numeric feature",
            "woken": "numeric feature",
            "called": "numeric feature",
            "city": "categorical feature",
            "plan": "categorical feature",
            "churned": "label",
        },
    )


def _parquet(path: Path, column: Any, metadata: Any = None) -> Path:
    """Customers with one column `x` more."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    path.parent.mkdir(exist_ok=True)
    rows = people(400)
    arrays = [pa.array([one.age for one in rows]), column, pa.array([o.churned for o in rows])]
    names = ("age", "x", "churned")
    fields = [pa.field(name, array.type) for name, array in zip(names, arrays, strict=True)]
    fields[1] = fields[1].with_metadata(metadata)
    pq.write_table(pa.table(arrays, schema=pa.schema(fields)), path)
    return path


def _refused(path: Path, *says: str) -> AwkwardTable:
    return AwkwardTable(path.parent.name, path, "churned", None, refused=says)


def pickled_parquet(folder: Path) -> AwkwardTable:
    """A column of an extension type that Arrow would unpickle."""
    import pyarrow as pa
    import pyarrow_hotfix

    pyarrow_hotfix.install()
    metadata = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(datetime.date(2024, 2, 29)),
    }
    path = _parquet(folder / "rows.parquet", pa.array(range(400)), metadata)
    return _refused(path, "'x'", "pickled")


def mixed_meanings(folder: Path) -> AwkwardTable:
    """Times in one file, numbers in the other."""
    import pyarrow as pa

    place = folder / "parts"
    _parquet(place / "a.parquet", pa.array(range(400), pa.timestamp("us")))
    _parquet(place / "b.parquet", pa.array(range(400)))
    table = _refused(place, "'x'", "times in a.parquet and numbers in b.parquet", "timestamp")
    return dataclasses.replace(table, name=folder.name)


def huge_numbers(folder: Path) -> AwkwardTable:
    """Whole numbers beyond what 64 bits with a sign hold."""
    import pyarrow as pa

    numbers = pa.array([2**63 + number for number in range(400)], pa.uint64())
    return _refused(_parquet(folder / "rows.parquet", numbers), "row 1", "'x'", "64 bits")


def broken_text(folder: Path) -> AwkwardTable:
    """A Parquet text that is no UTF-8."""
    import pyarrow as pa

    texts = pa.array([b"K\xc3\xb6ln"] * 399 + [b"K\xf6ln"]).cast(pa.string(), safe=False)
    return _refused(_parquet(folder / "rows.parquet", texts), "row 400", "'x'", "utf-8")


def zero_byte(folder: Path) -> AwkwardTable:
    """A zero byte in one field of a CSV file."""
    rows = [usual(one) for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    path.write_bytes(path.read_bytes().replace(str(rows[9][2]).encode(), b"K\0ln", 1))
    return _refused(path, "zero byte", "'city'")


def deep_json(folder: Path) -> AwkwardTable:
    """Lists within lists, thirty thousand deep, in every line."""
    path = folder / "rows.jsonl"
    deep = "[" * 30_000 + "]" * 30_000
    path.write_text("".join(f'{{"churned": {n % 2}, "x": {deep}}}\n' for n in range(9)))
    return _refused(path, "row 1", "values within values|list")


TYPED = (parquet_units,)
UNHOLDABLE = (pickled_parquet, mixed_meanings, huge_numbers, broken_text, zero_byte, deep_json)
