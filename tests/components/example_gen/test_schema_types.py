"""Numbers are what the schema says they are, however a file writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf

from tests.components.example_gen.conftest import Ingest, Ingested
from tests.components.example_gen.same_table import FORMATS, Values

Write = Callable[..., Path]
ROWS = 60
NUMBERED: Values = {"row": list(range(ROWS))}
HOLES = [None if row % 12 == 5 else row % 12 + 1 for row in range(ROWS)]
TYPES = {"row": "integer", "month": "integer"}


def floats(values: list[Any]) -> list[float | None]:
    """As pandas has them once a value is missing."""
    return [None if value is None else float(value) for value in values]


def values_of(ingested: Ingested, name: str) -> list[Any]:
    """A column in the order of `row`."""
    found = {}
    for split in ingested.result.rows:
        for record in ingested.records(split):
            features = tf.train.Example.FromString(record).features.feature
            kind = features[name].WhichOneof("kind")
            value = list(getattr(features[name], kind).value) if kind else []
            found[features["row"].int64_list.value[0]] = value[0] if value else None
    return [found[row] for row in sorted(found)]


@pytest.mark.parametrize("form", FORMATS)
def test_whole_numbers_with_a_hole_stay_integers(form: str, ingest: Ingest, write: Write) -> None:
    folder = write(FORMATS[form]({**NUMBERED, "month": floats(HOLES)}), f"data.{form}")

    alone = ingest(folder)
    told = ingest(folder, schema_types=TYPES)

    assert alone.plan.types["month"] == "float"
    assert told.plan.types["month"] == "integer"
    assert values_of(told, "month") == HOLES
    assert all(isinstance(value, int) for value in values_of(told, "month") if value is not None)
    assert told.plan.rows == ROWS


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("odd", [7.5, -0.25, 1e19])
def test_one_number_that_is_no_integer_leaves_the_column_to_the_gate(
    form: str, odd: float, ingest: Ingest, write: Write
) -> None:
    months = [odd if row == 40 else month for row, month in enumerate(floats(HOLES))]
    folder = write(FORMATS[form]({**NUMBERED, "month": months}), f"data.{form}")

    told = ingest(folder, schema_types=TYPES)

    assert told.plan.types["month"] == "float"
    assert values_of(told, "month") == values_of(ingest(folder), "month")
    assert (told.plan.rows, told.plan.rejected) == (ROWS, 0)


@pytest.mark.parametrize("form", FORMATS)
def test_floats_that_are_all_whole_stay_floats(form: str, ingest: Ingest, write: Write) -> None:
    folder = write(FORMATS[form]({**NUMBERED, "month": HOLES}), f"data.{form}")

    told = ingest(folder, schema_types={"month": "float"})

    assert told.plan.types["month"] == "float"
    assert values_of(told, "month") == floats(HOLES)


@pytest.mark.parametrize("number", ["7", "07", "7.0"])
def test_digits_in_csv_are_text_where_the_schema_says_so(
    number: str, ingest: Ingest, write: Write
) -> None:
    lines = "".join(f"{row},{number}\n" for row in range(ROWS - 1))
    folder = write(f"row,month\n{lines}{ROWS - 1},seven\n")

    told = ingest(folder, schema_types={"month": "text"})

    assert set(values_of(told, "month")) == {number.encode(), b"seven"}
    assert told.plan.rejected == 0


@pytest.mark.parametrize("texts", ["1,234.0", "1,234", "1,234.00"])
def test_whole_numbers_in_the_configured_format_stay_integers(
    texts: str, ingest: Ingest, write: Write
) -> None:
    lines = "".join(f'{row},"{texts}"\n' for row in range(ROWS))
    folder = write(f"row,month\n{lines}{ROWS},\n")

    told = ingest(folder, schema_types=TYPES, thousands=",")

    assert values_of(told, "month") == [1234] * ROWS + [None]


@pytest.mark.parametrize("keys", ["schema_types", "columns"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_not_a_number_is_a_missing_integer(
    keys: str, form: str, ingest: Ingest, write: Write
) -> None:
    months = [float("nan") if month is None else float(month) for month in HOLES]
    if form == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({**NUMBERED, "month": pa.array(months)}), sink)
        folder = write(sink.getvalue().to_pybytes(), "data.parquet")
    else:
        folder = write(FORMATS[form]({**NUMBERED, "month": months}))

    told = ingest(folder, **{keys: TYPES})

    assert values_of(told, "month") == HOLES


def test_a_type_that_the_configuration_fixes_comes_before_the_schemas(
    ingest: Ingest, write: Write
) -> None:
    folder = write(FORMATS["csv"]({**NUMBERED, "month": HOLES}))
    fixed = ingest(folder, schema_types={"month": "float"}, columns={"month": "integer"})
    assert fixed.plan.types["month"] == "integer"


def test_columns_that_only_the_schema_knows_are_no_matter(ingest: Ingest, write: Write) -> None:
    folder = write(FORMATS["csv"]({**NUMBERED, "month": [None] * ROWS}))
    told = ingest(folder, schema_types={"month": "integer", "gone": "text"})
    assert told.plan.types == {"row": "integer", "month": None}


@pytest.mark.parametrize("form", ["csv", "parquet", "avro"])
def test_files_with_and_without_a_hole_are_one_table(
    form: str, ingest: Ingest, write: Write
) -> None:
    full: Values = {"row": list(range(ROWS, ROWS + 20)), "month": [7] * 20}
    write(FORMATS[form]({**NUMBERED, "month": floats(HOLES)}), f"1.{form}")
    folder = write(FORMATS[form](full), f"2.{form}")

    told = ingest(folder, schema_types=TYPES)

    assert values_of(told, "month") == [*HOLES, *full["month"]]
