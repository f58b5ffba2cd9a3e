"""Serialized examples beside their columns, from the Arrow copy or decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.evaluator import rows as evaluation_rows
from core.columnar_examples import ColumnarWriter, columnar_path


@pytest.fixture
def copied(tmp_path: Path, examples: Any) -> Any:
    """The examples with an Arrow copy, whose batches are of other sizes."""
    import shutil

    from tfx.types import standard_artifacts

    artifact = standard_artifacts.Examples()
    artifact.uri = str(tmp_path / "copied")
    shutil.copytree(examples.uri, artifact.uri)
    return artifact


def _write_copy(artifact: Any, *, reverse: bool = False) -> None:
    import pyarrow as pa

    [rows] = evaluation_rows.read_rows([artifact], ["eval"], ["payment", "hour", "tags"])
    table = pa.Table.from_batches([rows.columns])
    if reverse:
        table = table.take(list(range(table.num_rows))[::-1])
    with ColumnarWriter(artifact.uri, "eval", table.schema) as writer:
        for batch in table.to_batches(max_chunksize=70):
            writer.write(batch)


def _columns(artifact: Any, wanted: list[str]) -> list[dict[str, Any]]:
    return [
        row
        for rows in evaluation_rows.read_rows([artifact], ["eval"], wanted)
        for row in rows.columns.to_pylist()
    ]


def test_the_copy_gives_what_decoding_gives(copied: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_rows, "BATCH_ROWS", 64)
    decoded = _columns(copied, ["hour", "payment"])
    monkeypatch.setattr(evaluation_rows, "BATCH_ROWS", 10_000)
    _write_copy(copied)
    monkeypatch.setattr(evaluation_rows, "BATCH_ROWS", 64)

    assert columnar_path(copied.uri, "eval").is_file()
    assert _columns(copied, ["hour", "payment"]) == decoded
    assert len(decoded) == 400


def test_a_copy_in_another_order_is_not_used(copied: Any) -> None:
    decoded = _columns(copied, ["tags", "payment"])
    _write_copy(copied, reverse=True)

    assert _columns(copied, ["tags", "payment"]) == decoded


def test_without_wanted_columns_only_records_are_read(examples: Any) -> None:
    [rows] = evaluation_rows.read_rows([examples], ["eval"], [])

    assert rows.serialized.shape == (400,)
    assert rows.columns.num_columns == 0


def test_records_that_are_not_compressed_are_read_as_well(copied: Any) -> None:
    import gzip

    compressed = _columns(copied, ["hour", "payment"])
    for path in (Path(copied.uri) / "Split-eval").glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()

    assert _columns(copied, ["hour", "payment"]) == compressed
