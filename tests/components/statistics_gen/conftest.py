"""A small Examples artifact with everything that statistics can stumble over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

ROWS = {"train": 3_000, "eval": 1_200}


def _lists(values: list[Any], kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.large_list(kind))


def make_batch(rows: int, seed: int, *, with_rare: bool) -> pa.RecordBatch:
    """Rows with missing values, several values, ties and a column that may be empty."""
    draw = np.random.default_rng(seed)
    names = [b"a", b"bb", b"ccc", "é".encode(), b"\xff\xfe"]
    return pa.RecordBatch.from_pydict(
        {
            "fare": _lists(
                [None if draw.random() < 0.1 else [draw.gamma(2.0, 8.0)] for _ in range(rows)],
                pa.float32(),
            ),
            "hour": _lists([[int(draw.integers(0, 24))] for _ in range(rows)], pa.int64()),
            "company": _lists(
                [
                    None if draw.random() < 0.2 else [names[draw.integers(0, len(names))]]
                    for _ in range(rows)
                ],
                pa.large_binary(),
            ),
            "stops": _lists(
                [draw.integers(0, 9, draw.integers(0, 4)).tolist() for _ in range(rows)],
                pa.int64(),
            ),
            "rare": _lists([[7] if with_rare else None for _ in range(rows)], pa.int64()),
        }
    )


@pytest.fixture(scope="session")
def write_examples() -> Callable[..., None]:
    """Gives a function that writes an Examples artifact's files."""

    def write(uri: Path, *, arrow_copy: bool) -> None:
        import tensorflow as tf
        from tfx_bsl.coders import example_coder

        from core.columnar_examples import ColumnarWriter

        for seed, (split, rows) in enumerate(ROWS.items()):
            batch = make_batch(rows, seed, with_rare=split == "train")
            folder = uri / f"Split-{split}"
            folder.mkdir(parents=True)
            with tf.io.TFRecordWriter(
                str(folder / "data_tfrecord-00000-of-00001.gz"), "GZIP"
            ) as records:
                for example in example_coder.RecordBatchToExamplesEncoder().encode(batch):
                    records.write(example)
            if arrow_copy:
                with ColumnarWriter(str(uri), split, batch.schema) as copy:
                    for start in range(0, rows, 700):
                        copy.write(batch.slice(start, 700))

    return write
