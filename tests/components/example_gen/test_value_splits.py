"""A split by hash asks the named columns alone: the label has no say in it."""

from __future__ import annotations

import collections
import io
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from components.example_gen.records.encoding import Column
from components.example_gen.splitting import cell, hash_splits, value_splits
from core.errors import UserError
from tests.components.example_gen.same_table import FORMATS

Write = Callable[..., Path]
DRAW = random.Random(31)
HOURS = [DRAW.randrange(24) for _ in range(400)]
ZONES = [DRAW.choice(["north", "south", "", "west"]) for _ in HOURS]
BUSY = [DRAW.randrange(2) for _ in HOURS]
BY_PLACE = {"columns": ("hour", "zone")}

_VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "int64": st.none() | st.integers(-(2**63), 2**63 - 1),
    "float32": st.none() | st.floats(width=32),
    "large_binary": st.none() | st.binary(max_size=9),
}


def table(busy: list[int] = BUSY, order: tuple[str, ...] = ("hour", "zone", "busy")) -> str:
    """The rows as CSV."""
    columns = {"hour": HOURS, "zone": ZONES, "busy": busy}
    rows = zip(*(columns[name] for name in order), strict=True)
    return "\n".join([",".join(order), *(",".join(map(str, row)) for row in rows)]) + "\n"


def rows_of(done: Any, split: str) -> list[tuple[Any, ...]]:
    """Hour and zone of each row of a split."""
    from core.columnar_examples import read_columnar

    return [
        (row["hour"][0], (row["zone"] or [None])[0])
        for batch in read_columnar(done.uri, split)
        for row in batch.to_pylist()
    ]


def test_rows_of_equal_values_stay_together_whatever_their_label(ingest, write: Write) -> None:
    done = ingest(write(table()), split=BY_PLACE)

    assert not set(rows_of(done, "train")) & set(rows_of(done, "eval"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_label_moves_no_row(ingest, write: Write, seed: int) -> None:
    before = ingest(write(table()), split=BY_PLACE)
    draw = random.Random(seed)
    after = ingest(write(table([draw.randrange(2) for _ in HOURS])), split=BY_PLACE)

    assert rows_of(before, "eval") == rows_of(after, "eval")


def test_all_but_the_label_may_be_said_by_the_label(ingest, write: Write) -> None:
    folder = write(table())

    found = ingest(folder, split={"without": ("busy",)})

    assert rows_of(found, "eval") == rows_of(ingest(folder, split=BY_PLACE), "eval")


@pytest.mark.parametrize("method", ["hash", "row"])
@pytest.mark.parametrize("suffix", ["jsonl", "avro", "parquet", "tfrecord"])
def test_every_format_is_split_alike(
    ingest, write: Write, tmp_path: Path, suffix: str, method: str
) -> None:
    split = BY_PLACE if method == "hash" else {"method": "row"}
    content = {"hour": HOURS, "zone": [zone or None for zone in ZONES], "busy": BUSY}
    (tmp_path / "other").mkdir()
    path = tmp_path / "other" / f"data.{suffix}"
    if suffix == "parquet":
        from pyarrow import parquet as pq

        pq.write_table(pa.table(content), path)
    else:
        path.write_bytes(FORMATS[suffix](content))

    found = ingest(path.parent, split=split)

    assert rows_of(found, "eval") == rows_of(ingest(write(table()), split=split), "eval")


@pytest.mark.parametrize("split", [BY_PLACE, {"method": "row"}], ids=["hash", "row"])
def test_neither_batches_nor_the_order_of_columns_matter(ingest, write: Write, split) -> None:
    whole = ingest(write(table()), split=split)
    small = ingest(write(table(order=("busy", "zone", "hour"))), split=split, batch_rows=7)

    assert rows_of(whole, "eval") == rows_of(small, "eval")


def test_a_number_is_the_same_however_it_is_typed(ingest, write: Write) -> None:
    folder = write(table())

    fixed = ingest(folder, split=BY_PLACE, columns={"hour": "float"})

    assert rows_of(fixed, "eval") == rows_of(ingest(folder, split=BY_PLACE), "eval")


def test_several_named_columns_that_the_data_lack_are_passed_over(ingest, write: Write) -> None:
    folder = write(table())

    some = ingest(folder, split={"columns": ("hour", "zone", "gone")})
    assert rows_of(some, "eval") == rows_of(ingest(folder, split=BY_PLACE), "eval")
    with pytest.raises(UserError, match="no column is left to split by"):
        ingest(folder, split={"columns": ("gone",)})


@hypothesis.settings(deadline=None)
@hypothesis.given(
    st.data(),
    st.integers(1, 12),
    st.lists(st.sampled_from(sorted(_VALUES)), min_size=1, max_size=4),
)
def test_a_row_is_hashed_cell_by_cell(data: st.DataObject, rows: int, kinds: list[str]) -> None:
    values = [data.draw(st.lists(_VALUES[kind], min_size=rows, max_size=rows)) for kind in kinds]
    columns = {
        f"c{place}": Column(pa.array(drawn, getattr(pa, kind)()))
        for place, (kind, drawn) in enumerate(zip(kinds, values, strict=True))
    }

    expected = [b"".join(map(cell, row)) for row in zip(*values, strict=True)]

    weights = [5, 3, 2]
    assert value_splits(columns, weights).tolist() == hash_splits(expected, weights).tolist()


def test_values_that_are_one_are_hashed_as_one() -> None:
    assert cell(7) == cell(7.0)
    assert cell(0.0) == cell(-0.0)
    assert cell(float("nan")) == cell(-float("nan"))
    assert len({cell(None), cell(0), cell(b""), cell(b"0"), cell(float("nan"))}) == 5


def test_a_row_is_split_by_its_number_in_its_file(ingest, tmp_path: Path) -> None:
    """What comes behind, beside or is set aside moves no row; where the folder lies neither."""
    lines = [f"{n},{n % 3}" for n in range(300)]

    def eval_rows(folder: str, files: dict[str, list[str]]) -> set[int]:
        for name, content in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(["hour,zone", *content]) + "\n")
        pattern = (
            tmp_path / folder / "**" if any("/" in name for name in files) else tmp_path / folder
        )
        done = ingest(Path(f"{pattern}/*.csv"), split={"method": "row"}, rejects={"max_share": 0.1})
        return {hour for hour, _ in rows_of(done, "eval")}

    first = eval_rows("a", {"x.csv": lines})
    assert 60 < len(first) < 140
    assert eval_rows("b", {"x.csv": [*lines, "300,1"]}) & set(range(300)) == first
    assert eval_rows("c", {"x.csv": lines, "y.csv": ["900,1"]}) & set(range(300)) == first
    broken = [*lines[:100], "bad,1", *lines[101:]]
    assert eval_rows("d", {"x.csv": broken}) == first - {100}
    assert eval_rows("e", {"2024/x.csv": lines}) != first


def test_small_files_of_one_name_are_not_all_in_one_split(ingest, tmp_path: Path) -> None:
    for day in range(60):
        (tmp_path / f"day-{day}").mkdir()
        (tmp_path / f"day-{day}" / "part.csv").write_text(f"hour,zone\n{day},x\n")

    done = ingest(tmp_path / "day-*" / "part.csv", split={"method": "row"})

    assert 8 <= done.result.rows["eval"] <= 32


def test_the_shares_are_the_weights(ingest, write: Write) -> None:
    rows = "".join(f"{n % 6},{n % 5}\n" for n in range(6_000))

    done = ingest(
        write("hour,zone\n" + rows), split={"method": "row", "splits": {"train": 4, "eval": 1}}
    )

    assert abs(done.result.rows["eval"] - 1_200) < 4 * np.sqrt(6_000 * 0.2 * 0.8)
    seen = collections.Counter(rows_of(done, "eval"))
    assert len(seen) == 30


def test_tables_of_bytes_that_are_no_text_are_split(ingest, tmp_path: Path) -> None:
    from pyarrow import parquet as pq

    content = pa.table(
        {"zone": [bytes([n % 251, 255]) for n in range(90)], "hour": list(range(90))}
    )
    sink = io.BytesIO()
    pq.write_table(content, sink)
    (tmp_path / "data.parquet").write_bytes(sink.getvalue())

    done = ingest(tmp_path / "data.parquet", split={"columns": ("zone",)})

    assert sum(done.result.rows.values()) == 90
