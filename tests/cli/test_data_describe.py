"""``millrace data describe``: tables, spans, samples, runs and pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner
from rich.console import Console
from tensorflow_metadata.proto.v0 import statistics_pb2

from cli.data_describe import describe
from cli.statistics_tables import tables
from core.errors import UserError
from report.statistics import Statistics, compare
from tests.made_run import make_run

_TYPES = statistics_pb2.FeatureNameStatistics
_Feature: TypeAlias = statistics_pb2.FeatureNameStatistics


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A hundred rows in two spans: a number with gaps, a number with zeros, a text."""
    for span, rows in ((1, 40), (2, 100)):
        folder = tmp_path / f"span-{span}"
        folder.mkdir()
        lines = [f"{i if i % 4 else ''},{i % 2},{'red' if i % 10 else 'blue'}" for i in range(rows)]
        (folder / "data.csv").write_text("price,odd,colour\n" + "\n".join(lines) + "\n")
    return tmp_path


def _invoke(*arguments: str | Path) -> str:
    words = [str(argument) for argument in arguments]
    result = CliRunner().invoke(describe, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_file_has_a_line_for_each_column(table: Path) -> None:
    output = _invoke(table / "span-2" / "data.csv")
    assert "100 rows, 3 columns" in output
    lines = {line.split()[0]: line for line in output.splitlines() if line.strip()}
    assert "75" in lines["price"].split()
    assert "25.0 %" in lines["price"]
    assert "50.0 %" in lines["odd"]
    assert lines["colour"].rstrip().endswith("red 90.0 %, blue 10.0 %")


def test_the_newest_span_or_the_one_that_is_asked_for(table: Path) -> None:
    pattern = table / "span-{SPAN}" / "*.csv"
    assert "span 2, 100 rows" in _invoke(pattern)
    assert json.loads(_invoke(pattern, "--span", "1", "--json"))["rows"] == 40
    with pytest.raises(UserError, match="there is no span 3"):
        _invoke(pattern, "--span", "3")
    with pytest.raises(UserError, match="no place for a span"):
        _invoke(table / "span-2" / "data.csv", "--span", "1")


def test_of_a_large_table_some_rows_are_looked_at_and_that_is_said(table: Path) -> None:
    path = table / "span-2" / "data.csv"
    found = json.loads(_invoke(path, "--most-rows", "30", "--json"))
    assert found["rows"] == 100
    assert 15 < found["sampled_rows"] < 45
    assert found["splits"]["all"] == found["sampled_rows"]
    assert f"statistics of {found['sampled_rows']} of them" in _invoke(path, "--most-rows", "30")
    assert json.loads(_invoke(path, "--json"))["sampled_rows"] is None


def test_the_page_stands_alone_and_says_what_it_shows(table: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    _invoke(table / "span-2" / "data.csv", "--html", page)
    text = page.read_text()
    assert "100 rows" in text
    assert "<svg" in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "Distance" not in text


def test_what_is_no_path_configuration_or_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no file, configuration or run 'trips'"):
        _invoke("trips", "--root", tmp_path)
    with pytest.raises(UserError, match="a run has its own span"):
        _invoke("latest", "--span", "1")


def test_a_database_is_described_by_its_run() -> None:
    with pytest.raises(UserError, match="only files are read here") as caught:
        _invoke("postgresql://me:secret@host/trips")
    assert "secret" not in str(caught.value)


def _dataset(feature: _Feature, rows: int) -> statistics_pb2.DatasetFeatureStatistics:
    return statistics_pb2.DatasetFeatureStatistics(num_examples=rows, features=[feature])


def _made(splits: Sequence[str]) -> Statistics:
    number = _TYPES(type=_TYPES.INT)
    number.path.step.append("a_very_long_name_of_a_column_with_large_numbers")
    stats = number.num_stats
    stats.mean, stats.max, stats.std_dev = 17_031_345_278.0, 17_031_980_100.0, 331_209.0
    stats.common_stats.num_non_missing = stats.common_stats.tot_num_values = 10
    return compare({split: _dataset(number, 10) for split in splits})


@pytest.mark.parametrize("width", [60, 80, 120, 240])
def test_tables_fit_the_terminal_and_keep_the_names(width: int) -> None:
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    for made in tables(_made(["train", "eval"]), width):
        console.print(made)
    text = console.export_text()
    joined = "".join(line.split(" ")[0] for line in text.splitlines())
    assert "a_very_long_name_of_a_column_with_large_numbers" in joined
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    assert "train" in text
    assert "eval" in text
    assert "…" not in text


def test_a_run_is_described_split_by_split(tmp_path: Path) -> None:
    made = make_run(tmp_path)
    output = _invoke("latest", "--root", tmp_path)
    assert output.startswith(f"run {made.run_id}: ")
    heading = next(line for line in output.splitlines() if line.startswith("Number"))
    assert heading.split()[1] == "split"
    fares = [line for line in output.splitlines() if " train " in line or " eval " in line]
    assert fares
    assert "No values" in output
    assert list(json.loads(_invoke("latest", "--root", tmp_path, "--json"))["splits"]) == [
        "train",
        "eval",
    ]
