"""The artifact's files: TFRecords, shards, the Arrow copy, and that nothing depends on luck."""

from __future__ import annotations

import glob
import gzip
import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.example_gen.records.tfrecords import (
    SplitWriter,
    data_bytes,
    frame_records,
    record_list,
)
from components.example_gen.settings import Compression
from components.example_gen.writing.examples import columnar_schema
from core.columnar_examples import read_columnar, read_examples
from core.errors import DataError

_SPLITS = ("train", "eval")


def _digest(uri: str) -> dict[str, str]:
    paths = [p for p in glob.glob(f"{uri}/**/*", recursive=True) if os.path.isfile(p)]
    return {
        os.path.relpath(path, uri): hashlib.sha256(Path(path).read_bytes()).hexdigest()
        for path in paths
    }


def _as_parquet(table: str, folder: Path) -> Path:
    from pyarrow import csv

    found = csv.read_csv(pa.BufferReader(table.encode()))
    (folder / "parquet").mkdir()
    pq.write_table(found, folder / "parquet" / "data.parquet")
    return folder / "parquet"


def test_the_same_files_give_the_same_bytes_again(ingest, write, table: str) -> None:
    folder = write(table)
    first = _digest(ingest(folder).uri)
    assert first == _digest(ingest(folder).uri)
    assert sorted(first) == [
        "Split-eval/data_tfrecord-00000-of-00001.gz",
        "Split-train/data_tfrecord-00000-of-00001.gz",
        "columnar/Split-eval.arrow",
        "columnar/Split-train.arrow",
    ]


def test_examples_do_not_depend_on_where_batches_end(ingest, write, table: str) -> None:
    folder = write(table)
    whole, small = ingest(folder), ingest(folder, batch_rows=7)
    for split in _SPLITS:
        assert whole.records(split) == small.records(split)


def test_csv_gzip_and_parquet_give_the_same_examples(ingest, write, table: str, tmp_path) -> None:
    plain = ingest(write(table))
    (tmp_path / "gzip").mkdir()
    (tmp_path / "gzip" / "data.csv.gz").write_bytes(gzip.compress(table.encode()))
    zipped = ingest(tmp_path / "gzip")
    parquet = ingest(_as_parquet(table, tmp_path))
    for split in _SPLITS:
        assert plain.records(split) == zipped.records(split) == parquet.records(split)


def test_one_file_or_several_give_the_same_examples(ingest, write, table: str, tmp_path) -> None:
    one = ingest(write(table))
    header, *rows = table.splitlines(keepends=True)
    (tmp_path / "parts").mkdir()
    for part, start in enumerate(range(0, 100, 25)):
        text = header + "".join(rows[start : start + 25])
        (tmp_path / "parts" / f"{part}.csv").write_text(text)
    several = ingest(tmp_path / "parts")
    for split in _SPLITS:
        assert one.records(split) == several.records(split)


def test_parquet_types_become_what_examples_hold(ingest, tmp_path: Path) -> None:
    import datetime

    rows = 30
    table = pa.table(
        {
            "flag": [True] * rows,
            "day": [datetime.date(1970, 1, 2)] * rows,
            "at": [datetime.datetime(1970, 1, 1, 0, 1)] * rows,  # noqa: DTZ001 - as Parquet has it
            "small": pa.array([7] * rows, pa.uint8()),
            "kind": pa.array(["a"] * (rows - 1) + [""]).dictionary_encode(),
            "raw": [b"\xff"] * rows,
            "none": pa.nulls(rows),
        }
    )
    pq.write_table(table, tmp_path / "data.parquet")
    done = ingest(tmp_path / "data.parquet")
    read = [row for split in _SPLITS for row in next(read_columnar(done.uri, split)).to_pylist()]
    assert next(row for row in read if row["kind"]) == {
        "flag": [1],
        "day": [86400],
        "at": [60],
        "small": [7],
        "kind": [b"a"],
        "raw": [b"\xff"],
        "none": None,
    }


def test_the_arrow_copy_is_what_decoding_the_records_gives(ingest, write, table: str) -> None:
    done = ingest(write(table))
    for split in _SPLITS:
        [copied] = read_columnar(done.uri, split)
        os.remove(f"{done.uri}/columnar/Split-{split}.arrow")
        [decoded] = read_examples(done.uri, split)
        assert copied.equals(decoded)
        assert copied.num_rows == done.result.rows[split]


def test_tensorflow_reads_the_records_and_finds_their_checksums_right(
    ingest, write, table: str
) -> None:
    import tensorflow as tf

    for compression, kind in ((Compression.GZIP, "GZIP"), (Compression.NONE, "")):
        done = ingest(write(table), compression=compression)
        paths = sorted(glob.glob(f"{done.uri}/Split-train/*"))
        dataset = tf.data.TFRecordDataset(paths, compression_type=kind)
        assert list(dataset.as_numpy_iterator()) == done.records("train")


def test_a_large_split_is_spread_over_numbered_files(tmp_path: Path) -> None:
    records = pa.array([b"x" * 50] * 4, pa.large_binary())
    framed = data_bytes(frame_records(records, record_list(records)))
    schema = columnar_schema({"a": None})
    batch = pa.RecordBatch.from_arrays([pa.nulls(4)], schema=schema)
    with SplitWriter(str(tmp_path), "train", schema, Compression.GZIP, shard_bytes=300) as writer:
        for _ in range(4):
            writer.write(framed, batch)
    assert writer.rows == 16
    names = sorted(os.listdir(tmp_path / "Split-train"))
    assert names == [f"data_tfrecord-0000{i}-of-00002.gz" for i in range(2)]


def test_a_writer_that_fails_tells_the_one_who_writes(tmp_path: Path) -> None:
    schema = columnar_schema({"a": None})
    other = pa.RecordBatch.from_arrays([pa.array([1])], ["b"])

    def write_wrong_columns() -> None:
        with SplitWriter(str(tmp_path), "train", schema, Compression.GZIP) as writer:
            for _ in range(10):
                writer.write(memoryview(b"x"), other)

    with pytest.raises(pa.ArrowInvalid):
        write_wrong_columns()
    assert not (tmp_path / "columnar" / "Split-train.arrow").exists()


def test_data_that_changes_between_the_passes_is_refused(write, table: str, tmp_path) -> None:
    from components.example_gen.settings import IngestionSettings
    from components.example_gen.sources import find_files
    from components.example_gen.writing.examples import write_examples
    from components.example_gen.writing.planning import make_plan

    settings = IngestionSettings()
    files = find_files(str(write(table)), "*", settings)
    plan = make_plan(files, settings, [2, 1], tmp_path / "scratch")
    write(table + "100,1.0,late\n")
    with pytest.raises(DataError, match="the data changed"):
        write_examples(plan, {"all": files}, settings.split.splits, settings, str(tmp_path / "o"))
