"""Rows that are set aside: counted, kept with their reasons, and only so many of them."""

from __future__ import annotations

import pytest

from core.errors import DataError


def _broken(table: str) -> bytes:
    text = table.replace("50,25.0,name 50", "50").replace("\n60,", "\nsixty,")
    return text.replace("name 71", "café").encode("latin-1")


def test_rejects_are_written_with_file_row_column_and_reason(ingest, write, table: str) -> None:
    folder = write(_broken(table))
    done = ingest(folder, rejects={"max_share": 0.05})
    file = str(folder / "data.csv")
    assert [(r["file"], r["row"], r["column"], r["code"]) for r in done.rejects()] == [
        (file, 52, "price", "ragged-row"),
        (file, 73, "name", "not-utf-8"),
        (file, 62, "id", "type-change"),
    ]
    assert done.rejects()[2]["text"] == "sixty,30.0,name 60"
    assert done.result.rejected == done.plan.rejected == 3
    assert sum(done.result.rows.values()) == 97


def test_the_other_rows_are_the_same_as_without_the_bad_ones(ingest, write, table: str) -> None:
    with_rejects = ingest(write(_broken(table)), rejects={"max_share": 0.05})
    lines = table.splitlines(keepends=True)
    good = "".join(line for number, line in enumerate(lines, 1) if number not in (52, 62, 73))
    without = ingest(write(good))
    for split in ("train", "eval"):
        assert with_rejects.records(split) == without.records(split)
    assert without.rejects() == []


def test_more_rejects_than_allowed_stop_before_anything_is_written(
    ingest, write, table: str, tmp_path
) -> None:
    with pytest.raises(DataError) as caught:
        ingest(write(_broken(table)), rejects={"max_share": 0.02})
    assert caught.value.headline == (
        "3 of 100 rows cannot be read, more than `data.rejects.max_share` 0.02 allows"
    )
    assert "row 52, column 'price': 1 field" in caught.value.evidence[0]
    assert not (tmp_path / "examples-0").exists()


def test_rows_without_a_time_are_rejects_too(ingest, write, table: str) -> None:
    text = table.replace("\n50,", "\n,")
    done = ingest(
        write(text), rejects={"max_share": 0.05}, split={"method": "time", "time_column": "id"}
    )
    assert [r["reason"] for r in done.rejects()] == ["no time to split by"]
    assert done.result.rows == {"train": 66, "eval": 33}


def test_a_row_with_two_faults_is_one_reject(ingest, write, table: str) -> None:
    text = table.replace("\n60,30.0", "\nsixty,thirty")
    assert ingest(write(text), rejects={"max_share": 0.05}).result.rejected == 1
