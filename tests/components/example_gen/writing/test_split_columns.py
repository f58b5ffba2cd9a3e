"""Splitting by time columns of text, and columns that cannot split."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from components.example_gen.settings import IngestionSettings, SplitSettings
from components.example_gen.writing.split_columns import suggest_time_format
from core.errors import DataError

Write = Callable[..., Path]
_START = datetime.datetime(2023, 11, 20, 5, 7, tzinfo=datetime.timezone.utc)
_TIMES = [_START + datetime.timedelta(days=3 * i, hours=i) for i in range(30)]


def _table(pattern: str) -> str:
    return "when,n\n" + "".join(f"{t.strftime(pattern)},{i}\n" for i, t in enumerate(_TIMES))


def _by_time(**options: object) -> dict[str, object]:
    return {"method": "time", "time_column": "when", **options}


@pytest.mark.parametrize(
    "pattern", ["%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d %b %Y", "%Y-%m-%dT%H:%M:%S+0000"]
)
def test_texts_split_as_the_times_that_they_mean(ingest, write: Write, pattern: str) -> None:
    parsed = pattern.replace("+0000", "%z")

    by_format = ingest(write(_table(pattern)), split=_by_time(time_format=parsed))
    by_iso = ingest(write(_table("%Y-%m-%d %H:%M")), split=_by_time())

    assert by_format.result.rows == by_iso.result.rows == {"train": 20, "eval": 10}
    newest = [record for record in by_format.records("eval") if b"2024" in record]
    assert len(newest) == 10


def test_a_text_that_is_no_time_is_a_reject_that_names_the_pattern(ingest, write: Write) -> None:
    folder = write(_table("%d.%m.%Y") + "31.02.2024,30\n")
    split = _by_time(time_format="%d.%m.%Y")

    [reject] = ingest(folder, split=split, rejects={"max_share": 0.1}).rejects()

    assert reject["reason"] == "'31.02.2024' is not of `time_format` '%d.%m.%Y'"


def test_a_column_of_which_nothing_parses_is_refused_with_values_and_a_pattern(
    ingest, write: Write
) -> None:
    with pytest.raises(DataError) as caught:
        ingest(write(_table("%d.%m.%Y %H:%M")), split=_by_time())

    assert caught.value.headline == "cannot split by 'when': no value of it is an ISO 8601 time"
    assert "from row 2 on: '20.11.2023 05:07', '23.11.2023 06:07'" in caught.value.evidence[0]
    assert caught.value.hint == (
        "set `split.time_format` to '%d.%m.%Y %H:%M', if that is what they mean"
    )


def test_a_wrong_pattern_is_refused_with_values(ingest, write: Write) -> None:
    with pytest.raises(DataError) as caught:
        ingest(write(_table("week %U")), split=_by_time(time_format="%d.%m.%Y"))

    assert "no value of it is of `split.time_format` '%d.%m.%Y'" in caught.value.headline
    assert "'week 47'" in caught.value.evidence[0]
    assert "give the pattern" in caught.value.hint


def test_numbers_are_not_read_with_a_pattern(ingest, write: Write) -> None:
    folder = write(_table("%Y%m%d"))

    with pytest.raises(DataError) as caught:
        ingest(folder, split=_by_time(time_format="%Y%m%d"))

    assert caught.value.headline == (
        "cannot split by 'when': it holds numbers, and `split.time_format` is for texts"
    )
    fixed = ingest(folder, split=_by_time(time_format="%Y%m%d"), columns={"when": "text"})
    assert fixed.result.rows == ingest(folder, split=_by_time()).result.rows


def test_a_pattern_that_reads_every_value_is_suggested() -> None:
    assert suggest_time_format(["01/02/2024", "03/31/2024"]) == "%m/%d/%Y"
    assert suggest_time_format(["01/02/2024", "31/03/2024"]) == "%d/%m/%Y"
    assert suggest_time_format(["01/02/2024", "soon"]) is None


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"time_format": "%d"}, "`time_format` belongs to method time"),
        (_by_time(time_format="%Q"), "'%Q' is not a directive"),
    ],
    ids=["method-hash", "unknown-directive"],
)
def test_patterns_that_cannot_be_meant_are_refused_at_the_door(split, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        IngestionSettings(split=SplitSettings.model_validate(split))


def test_a_key_may_repeat_and_may_be_missing(ingest, write: Write) -> None:
    rows = "".join(f"{i % 9 if i % 7 else ''},{i}\n" for i in range(90))

    found = ingest(write(f"customer,n\n{rows}"), split={"key": "customer"})

    assert sum(found.result.rows.values()) == 90
