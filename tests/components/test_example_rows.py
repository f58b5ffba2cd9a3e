"""Examples are rewritten as tables, and are then what ExampleGen would have made of the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from components.example_gen.records.encoding import Column, encode_examples
from components.example_gen.records.tfrecords import (
    SplitWriter,
    data_bytes,
    frame_records,
    record_list,
)
from components.example_gen.settings import Compression
from components.example_gen.writing.examples import columnar_batch
from components.example_rows import plain_table, rewrite_examples
from core import errors
from core.columnar_examples import columnar_path, read_examples

ROWS = {
    "fare": pa.array([1.5, None, 30.0], pa.float32()),
    "trips": pa.array([1, 2, None], pa.int64()),
    "company": pa.array([b"A", None, "Bärbel".encode()], pa.large_binary()),
    "empty": pa.nulls(3),
}


@pytest.fixture
def examples(tmp_path: Path) -> Any:
    """Three rows in each of two splits."""
    from tfx.types.standard_artifacts import Examples

    artifact = Examples()
    artifact.uri = str(tmp_path / "examples")
    artifact.split_names = '["train", "eval"]'
    columns = {name: Column(values) for name, values in ROWS.items()}
    for split in ("train", "eval"):
        batch = columnar_batch(columns)
        with SplitWriter(artifact.uri, split, batch.schema, Compression.GZIP) as writer:
            records = encode_examples(columns)
            writer.write(data_bytes(frame_records(records, record_list(records))), batch)
    return artifact


@pytest.fixture
def output(tmp_path: Path) -> Any:
    from tfx.types.standard_artifacts import Examples

    artifact = Examples()
    artifact.uri = str(tmp_path / "output")
    return artifact


def table(artifact: Any, split: str = "train") -> pa.Table:
    return pa.concat_tables(plain_table(batch) for batch in read_examples(artifact.uri, split))


def test_rows_come_as_plain_columns_null_where_there_is_no_value(examples: Any) -> None:
    assert table(examples).to_pydict() == {
        "company": ["A", None, "Bärbel"],
        "empty": [None, None, None],
        "fare": [1.5, None, 30.0],
        "trips": [1, 2, None],
    }


def test_unchanged_rows_give_the_same_files(examples: Any, output: Any) -> None:
    assert rewrite_examples(examples, output, lambda rows: rows) == {"train": 3, "eval": 3}
    assert _contents(output) == _contents(examples)


def _contents(artifact: Any) -> dict[str, bytes]:
    root = Path(artifact.uri)
    found = [path for path in root.rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def test_the_records_are_those_of_the_arrow_copy(examples: Any, output: Any) -> None:
    rewrite_examples(examples, output, lambda rows: rows.filter(pc.is_valid(rows["fare"])))
    copied = table(output)
    columnar_path(output.uri, "train").unlink()
    decoded = table(output)
    assert decoded.select(["fare", "trips", "company"]).equals(
        copied.select(["fare", "trips", "company"])
    )
    assert copied.num_rows == 2
    assert output.get_int_custom_property("rows_train") == 2
    assert output.split_names == examples.split_names


def test_columns_may_be_added_and_are_kept_as_examples_keep_them(
    examples: Any, output: Any
) -> None:
    def enrich(rows: pa.Table) -> pa.Table:
        rows = rows.append_column("dear", pc.greater(rows["fare"], 10.0))
        return rows.append_column("shop", pa.array(["x"] * len(rows)).dictionary_encode())

    rewrite_examples(examples, output, enrich)
    found = table(output)
    assert found["dear"].to_pylist() == [0, None, 1]
    assert found["shop"].to_pylist() == ["x", "x", "x"]


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (lambda rows: rows.slice(0, 0), errors.DataError, "no row of the split 'train' is left"),
        (lambda rows: None, errors.UserError, "came back as NoneType"),
        (
            lambda rows: rows.append_column("many", pa.array([[1]] * len(rows))),
            errors.UserError,
            "'many' came back as list",
        ),
    ],
    ids=["no rows", "nothing", "lists"],
)
def test_what_cannot_be_written_is_refused(
    examples: Any, output: Any, change: Any, kind: type[errors.MillraceError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        rewrite_examples(examples, output, change)


def test_a_bucket_is_refused_before_anything_is_read(examples: Any, output: Any) -> None:
    output.uri = "gs://bucket/output"
    with pytest.raises(errors.UserError, match="cannot be rewritten in gs://bucket"):
        rewrite_examples(examples, output, lambda rows: rows)


def test_several_values_in_a_row_are_refused() -> None:
    batch = pa.record_batch([pa.array([[1, 2]], pa.large_list(pa.int64()))], ["tags"])
    with pytest.raises(errors.DataError, match="'tags' has several values"):
        plain_table(batch)
