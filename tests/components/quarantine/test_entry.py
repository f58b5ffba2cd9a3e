"""What an entry is called, and whether its files are still those that were refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.example_gen.spans.source_state import source_state


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "span 8"),
        ({"version": 0}, "span 8, version 0"),
        ({"span": 0, "patterns": {"s": "trips.csv"}}, "/data/trips/trips.csv"),
        ({"span": 0, "patterns": {"a": "a/*", "b": "b/*"}}, "/data/trips/a/*, /data/trips/b/*"),
        ({"span": 0, "input_base": "", "patterns": {"s": "SELECT 1"}}, "SELECT 1"),
        ({"span": 0, "input_base": "gs://b/t/", "patterns": {"s": "*"}}, "gs://b/t/*"),
    ],
)
def test_data_have_a_name_for_people(make_entry: Any, data: dict[str, Any], words: str) -> None:
    assert make_entry(**data).data.words == words


def test_the_id_depends_on_neither_the_order_of_splits_nor_a_slash(make_entry: Any) -> None:
    one = make_entry(patterns={"a": "1", "b": "2"}, input_base="/data")
    other = make_entry(patterns={"b": "2", "a": "1"}, input_base="/data/")
    assert one.id == other.id


def test_files_elsewhere_and_queries_are_not_looked_at(make_entry: Any, tmp_path: Path) -> None:
    assert source_state(make_entry(input_base="gs://bucket/trips").data) == "unknown"
    assert source_state(make_entry(input_base=str(tmp_path / "not-mounted")).data) == "unknown"
    assert source_state(make_entry(fingerprint="rows:12").data) == "unknown"
