"""Columns of any name go from every format through statistics and schema to the gate."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.example_gen.inspection import inspect_source
from core.errors import DataError
from tests.components.data_gate.conftest import Chain
from tests.components.example_gen.same_table import FORMATS

Write = Callable[..., Path]
NAMES = (
    "two words",
    " padded ",
    "a.b.c",
    "a/b",
    "a\\b",
    "select",
    "group by",
    "'quoted'",
    'say "x"',
    "comma, semicolon;",
    "Größe (m²)",
    "天气",
    "😀",
    "100%",
    "$price#1",
    "{x}[0]",
    "-1",
    "2024",
    "line\nend",
    "tab\there",
    "Label",
    "label",
    "x" * 500,
)


@pytest.fixture(scope="module")
def made() -> dict[str, list[Any]]:
    """Numbers and texts in turn."""
    kinds: list[Callable[[int], Any]] = [lambda i: i, lambda i: f"v{i % 3}", lambda i: i / 4]
    return {name: [kinds[at % 3](i) for i in range(60)] for at, name in enumerate(NAMES)}


# Avro has rules of its own for names, which its writers keep.
@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl", "tfrecord"])
def test_every_format_gives_the_columns_their_names(
    ingest, write: Write, made: dict[str, list[Any]], suffix: str
) -> None:
    folder = write(FORMATS[suffix](made), f"data.{suffix}")

    seen = inspect_source(folder)
    found = ingest(folder, split={"key": "two words"})

    assert {column.name for column in seen.columns} == set(NAMES)
    assert set(found.plan.types) == set(NAMES)
    assert sum(found.result.rows.values()) == 60


def test_statistics_schema_and_gate_know_them(
    tmp_path: Path, write: Write, made: dict[str, list[Any]]
) -> None:
    from google.protobuf import text_format

    from pipeline.curation.table_statistics import table_statistics
    from schema.inference import infer_schema

    table = {**made, "is paid?": [i * 7 % 10 // 5 for i in range(60)]}
    statistics = table_statistics(write(FORMATS["csv"](table)))
    schema = infer_schema([statistics], not_served=["is paid?"])
    assert {feature.name for feature in schema.feature} == set(table)

    kinds = dict.fromkeys(("two words", "a/b", "天气"), "numeric")
    model = {"kinds": {**kinds, "a.b.c": "categorical"}, "label": 'column("is paid?")'}
    chain = Chain(tmp_path, text_format.MessageToString(schema), model=model)
    accepted = chain.accept(pa.table(table))

    assert accepted.report["accepted"]
    assert not accepted.report["allowed"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_a_name_that_stands_twice_is_refused(ingest, write: Write, suffix: str) -> None:
    twice = pa.table([pa.array([1]), pa.array([2])], ["a b", "a b"])
    sink = pa.BufferOutputStream()
    pq.write_table(twice, sink)
    content = {
        "csv": b"a b,a b\n1,2\n",
        "parquet": sink.getvalue().to_pybytes(),
        "jsonl": b'{"a b": 1, "a b": 2}\n',
    }

    with pytest.raises(DataError, match="'a b' stands twice"):
        ingest(write(content[suffix], f"data.{suffix}"))


def test_truth_values_are_numbers_and_dates_seconds(ingest, write: Write) -> None:
    days = [datetime.date(2024, 5, 1 + i % 30) for i in range(60)]
    table = {"yes": [True, False, None] * 20, "n": [1, None, 2.5] * 20}
    lines = write(FORMATS["jsonl"]({**table, "id": list(range(60))}), "data.jsonl")
    from_lines = ingest(lines).plan.types
    (lines / "data.jsonl").unlink()

    typed = ingest(write(FORMATS["parquet"]({**table, "day": days}), "data.parquet")).plan.types

    kinds = {name: kind.value for name, kind in typed.items() if kind is not None}
    assert kinds == {"yes": "integer", "day": "integer", "n": "float"}
    assert {name: from_lines[name] for name in table} == {name: typed[name] for name in table}
