"""The comparison without its runs: sizes, turns, tables, figures."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import compare
from benchmarks.measurement import Measurement
from benchmarks.sides import OURS, STOCK, Job, Run, RunFailedError
from benchmarks.table import Comparison, markdown
from benchmarks.trips import find_trips, repeat_rows


def run(wall: float, **more: object) -> Run:
    fields = {"node_seconds": {}, "metrics": {}, **more}
    return Run(Measurement(wall, wall / 2, 2**30, 0), **fields)  # type: ignore[arg-type]


def test_sizes_are_read_and_nonsense_is_refused() -> None:
    assert compare.parse_rows("15000,150_000") == (15_000, 150_000)
    for text in ("many", "10,", "0", "5,-1"):
        with pytest.raises(click.BadParameter):
            compare.parse_rows(text)


def test_sides_take_turns_and_who_begins_changes() -> None:
    assert compare.turns(3, ("a", "b")) == ["a", "b", "b", "a", "a", "b"]
    assert compare.turns(2, ("a",)) == ["a", "a"]


@given(rows=st.integers(1, 50), ends_in_newline=st.booleans())
def test_rows_are_repeated_in_order_under_one_header(rows: int, ends_in_newline: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.csv"
        source.write_text("a,b\n1,x\n2,y\n3,z" + "\n" * ends_in_newline)

        lines = (
            repeat_rows(source, rows, Path(folder) / "out" / "data.csv").read_text().splitlines()
        )

    assert lines[0] == "a,b"
    assert lines[1:] == [("1,x", "2,y", "3,z")[i % 3] for i in range(rows)]


def test_without_real_trips_made_ones_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_SHARED_DATA", str(tmp_path / "nowhere"))

    made = find_trips(tmp_path)

    assert made.is_relative_to(tmp_path)
    assert find_trips(tmp_path) == made, "made once"


def test_medians_and_ratios_are_shown() -> None:
    text = markdown(
        [
            Comparison(
                15_000,
                {
                    STOCK: [run(80, node_seconds={"Transform": 20.0})],
                    OURS: [
                        run(wall, node_seconds={"Transform": 4.0}, repeated=run(2.0).measurement)
                        for wall in (90, 40, 30)
                    ],
                },
            )
        ]
    )

    assert "### 15,000 rows" in text
    assert "| whole run, wall | 80.0 s | 40.0 s | 2.0 |" in text
    assert "| whole run, processor | 40.0 s | 20.0 s | 2.0 |" in text
    assert "| Transform | 20.0 s | 4.00 s | 5.0 |" in text
    assert "| again, nothing changed |  | 2.00 s |  |" in text
    assert "Trainer" not in text, "a node that neither side has"


def test_metrics_of_both_sides_stand_beside_each_other() -> None:
    runs = {
        STOCK: [run(1, metrics={"auc": 0.9412, "example_count": 5000.0})],
        OURS: [run(1, metrics={"auc": 0.9402, "example_count": 5000.0})],
    }

    text = markdown([Comparison(10, runs)])

    assert "| auc | 0.9412 | 0.9402 | -0.001 |" in text
    assert "| example_count | 5,000 | 5,000 | +0 |" in text


def fake_sides(monkeypatch: pytest.MonkeyPatch, **sides: object) -> list[Path]:
    """Replaces the two runners; returns the folders that they were given."""
    roots: list[Path] = []

    def runner(result: object) -> object:
        def start(job: Job, root: Path) -> object:
            assert len((job.data / "data.csv").read_text().splitlines()) == 4
            root.mkdir(parents=True)
            roots.append(root)
            if isinstance(result, Exception):
                raise result
            return result

        return start

    monkeypatch.setattr(compare, "SIDES", {name: runner(result) for name, result in sides.items()})
    return roots


def test_figures_are_printed_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = fake_sides(monkeypatch, stock=run(8), millrace=run(2))

    result = CliRunner().invoke(
        compare.main,
        ["--rows", "3", "--repeat", "2", "--output", str(tmp_path / "figures.md"),
         "--json", str(tmp_path / "figures.json")],
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert "| whole run, wall | 8.00 s | 2.00 s | 4.0 |" in result.output
    assert (tmp_path / "figures.md").read_text() in result.output
    document = json.loads((tmp_path / "figures.json").read_text())
    assert len(document["comparisons"][0]["runs"]["millrace"]) == 2
    assert len(set(roots)) == 4, "every run has a folder of its own"
    assert not any(root.exists() for root in roots), "and leaves nothing behind"


def test_a_run_that_fails_ends_the_comparison_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_sides(monkeypatch, stock=RunFailedError("exit code 1: stock\nlast words"))

    result = CliRunner().invoke(compare.main, ["--rows", "3"])

    assert result.exit_code == 1
    assert "last words" in result.output
