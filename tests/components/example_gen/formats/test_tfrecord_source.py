"""TFRecord files of tf.Examples as a source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.example_gen.inspection import inspect_source
from components.example_gen.settings import ColumnType, SourceFormat
from core.errors import DataError
from tests.components.example_gen.made_examples import example, floats, texts, whole
from tests.components.example_gen.same_table import as_csv, as_tfrecord, frame, zipped

Write = Callable[..., Path]
_TABLE = {"id": list(range(200)), "name": [f"n{i}" if i % 5 else None for i in range(200)]}


def _examples(count: int = 60, **more: bytes) -> list[bytes]:
    return [example(id=whole(number), name=texts(b"x"), **more) for number in range(count)]


def _refused(ingest: Callable, folder: Path, **settings: Any) -> Any:
    with pytest.raises(DataError) as caught:
        ingest(folder, **settings)
    return caught.value


def test_features_in_any_order_and_absent_ones_are_one_table(ingest, write: Write) -> None:
    records = [
        example(id=whole(number), name=texts(b"x"))
        if number % 2
        else example(name=texts(), id=whole(number))
        for number in range(50)
    ] + [example(id=whole(number)) for number in range(50, 100)]
    found = ingest(write(frame(records), "a.tfrecord"))
    table = {
        "id": list(range(100)),
        "name": ["x" if i % 2 and i < 50 else None for i in range(100)],
    }
    same = ingest(write(as_csv(table), "b.csv").joinpath("b.csv"))
    assert found.plan.types == same.plan.types
    assert found.records("train") == same.records("train")
    assert found.records("eval") == same.records("eval")


def test_whole_numbers_and_floats_in_one_feature_are_floats(ingest, write: Write) -> None:
    records = [example(id=whole(n), a=whole(n) if n % 9 else floats(n)) for n in range(60)]
    found = ingest(write(frame(records), "a.tfrecord"))
    assert found.plan.types == {"a": ColumnType.FLOAT, "id": ColumnType.INTEGER}


def test_bytes_need_not_be_text(ingest, write: Write) -> None:
    records = [example(id=whole(n), image=texts(b"\xff\xd8" + bytes([n]))) for n in range(60)]
    folder = write(frame(records), "a.tfrecord")
    found = ingest(folder)
    assert found.plan.types["image"] is ColumnType.TEXT
    assert sorted(found.records("train") + found.records("eval")) == sorted(records)
    assert inspect_source(folder).first_rows[0] == {"id": "0", "image": "(bytes that are no text)"}


@pytest.mark.parametrize(
    ("record", "column", "reason", "code"),
    [
        (example(id=whole(1, 2)), "id", "the feature has 2 values; a", "multiple-values"),
        (example(name=texts(b"a", b"b", b"c")), "name", "the feature has 3", "multiple-values"),
        (example(id=texts(b"one")), "id", "'one' is text among numbers", "type-change"),
        (example(name=whole(7)), "name", "7 is a number among texts", "type-change"),
        (b"garbage", None, "the record is not a tf.Example", "unreadable-row"),
        (example(**{"": whole(7)}), None, "a feature has an empty name", "unnamed-column"),
    ],
)
def test_a_bad_record_is_named_and_can_be_set_aside(
    ingest, write: Write, record: bytes, column: str | None, reason: str, code: str
) -> None:
    folder = write(frame([*_examples(), record, *_examples()]), "a.tfrecord")
    error = _refused(ingest, folder)
    assert error.headline.startswith(f"row 61 of a.tfrecord cannot be read: {reason}")
    place = f"{folder / 'a.tfrecord'}, row 61"
    assert error.evidence[0] == (place if column is None else f"{place}, column {column!r}")
    found = ingest(folder, rejects={"max_share": 0.01})
    assert [(r["row"], r["column"], r["code"]) for r in found.rejects()] == [(61, column, code)]
    assert sum(found.result.rows.values()) == 120


@pytest.mark.parametrize("pack", [bytes, zipped])
@pytest.mark.parametrize("keep", [-1, -30, 700])
def test_a_file_that_breaks_off(ingest, write: Write, pack: Any, keep: int) -> None:
    name = "a.tfrecord" if pack is bytes else "a.tfrecord.gz"
    error = _refused(ingest, write(pack(as_tfrecord(_TABLE))[:keep], name))
    assert error.headline == f"{name} is truncated or damaged"


@pytest.mark.parametrize(
    ("place", "what"), [(0, "a record's length"), (9, "a record's length"), (20, "of a record is")]
)
def test_a_changed_byte_is_found_by_its_checksum(
    ingest, write: Write, place: int, what: str
) -> None:
    records = _examples()
    content = bytearray(frame(records))
    content[40 * (len(records[0]) + 16) + place] ^= 0x10
    error = _refused(ingest, write(bytes(content), "a.tfrecord"))
    assert error.headline == "a.tfrecord is truncated or damaged"
    assert "from row 41 on: the checksum " in error.evidence[0]
    assert what in error.evidence[0]


def test_examples_that_were_written_are_read_into_the_same_splits(
    ingest, write: Write, table: str
) -> None:
    first = ingest(write(table).joinpath("data.csv"))
    again = ingest(Path(first.uri) / "Split-*" / "*")
    for split in ("train", "eval"):
        assert again.records(split) == first.records(split)


def test_the_quick_look_reads_the_first_records(write: Write) -> None:
    found = inspect_source(write(zipped(as_tfrecord(_TABLE)), "part-00000-of-00001"))
    assert (found.files[0].format, found.files[0].gzipped) == (SourceFormat.TFRECORD, True)
    assert [(column.name, column.type) for column in found.columns] == [
        ("id", ColumnType.INTEGER),
        ("name", ColumnType.TEXT),
    ]
    assert found.first_rows[:2] == ({"id": "0", "name": None}, {"id": "1", "name": "n1"})
