"""A model's trial in the words of a node, in `show`, in the report and on Kubeflow's page."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.show import show
from components.serving_validator.artifacts import REPORT_FILE
from components.serving_validator.outcome import read_serving
from components.serving_validator.report import report_of, to_json
from components.serving_validator.trial import Check, bounded
from components.serving_validator.validation import Verdict
from kubeflow.entrypoint.pages.pages import node_page
from metadata.records import read_run
from metadata.run_folder import RunFolder
from pipeline.nodes.results import Description, describe_outputs
from report.render import render_report
from report.sections.verdict import verdict
from report.story import Story, gather
from tests.made_run import HOSTILE, Recorder, make_run

FAST = bounded("latency_p50", "half in time", 1.25, at_most=500.0, unit="ms", words="99 rows")
RATE = bounded("throughput", "rows per second", 143_041.4, at_least=100.0, unit="rows/s")
ODD = Check("unexpected_inputs", "unexpected inputs are survived", "failed", 1.0, 0.0, "inputs",
            "1 of 2 kinds of input are not survived", (f"infinity: {HOSTILE}",))  # fmt: skip
BEHIND = Check("memory_growth", "no growth", "not reached", words="the process had ended before")


def _write(folder: Path, *checks: Check) -> None:
    folder.mkdir(parents=True)
    inputs = [Check("infinity", "infinity", "failed", words=HOSTILE), Check("x", "x", "passed")]
    verdict = Verdict(checks, inputs, 1.0, 200)
    (folder / REPORT_FILE).write_text(to_json(report_of(verdict, {"model": "/m"})))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a run whose model did not stand an unexpected input."""
    made = make_run(tmp_path / "runs")
    folder = tmp_path / "blessing"
    _write(folder, FAST, RATE, ODD, BEHIND)
    recorder = Recorder(RunFolder(made.root).store, "run-1")
    said = recorder.artifact(
        "InfraBlessing", folder, blessed=0, failed_checks="unexpected_inputs,memory_growth"
    )
    recorder.execute("ServingValidator", outputs={"blessing": said})
    return made.root


def _not_blessed(root: Path) -> Story:
    story = gather(root, "run-1")
    account = dataclasses.replace(story.account, status="not_blessed")
    return dataclasses.replace(story, account=account)


def test_figures_and_bounds_are_read_with_their_units_and_directions(tmp_path: Path) -> None:
    _write(tmp_path / "blessing", FAST, RATE, BEHIND)
    found = read_serving(tmp_path / "blessing")
    assert [(check.bound, check.figure) for check in found.checks] == [
        ("at most 500 ms", "1.25 ms"),
        ("at least 100 rows/s", "143,041 rows/s"),
        ("", ""),
    ]
    assert not found.blessed
    assert found.failed == ()


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"blessed": 1}, Description("safe to serve", blessed=True)),
        (
            {"blessed": 1, "latency_p50_ms": 0.854},
            Description("safe to serve, 0.85 ms a row", True),
        ),
        (
            {"blessed": 0, "failed_checks": "finite,memory"},
            Description("not safe to serve: finite, memory", blessed=False),
        ),
    ],
)
def test_the_node_says_in_a_few_words_whether_the_model_is_safe(
    tmp_path: Path, properties: dict[str, Any], expected: Description
) -> None:
    recorder = Recorder(tmp_path / "metadata.sqlite", "run-1")
    made = recorder.artifact("InfraBlessing", "gs://bucket/blessing/1", **properties)
    recorder.execute("ServingValidator", outputs={"blessing": made})
    [execution] = recorder.store.get_executions()
    assert describe_outputs(recorder.store, "ServingValidator", execution.id) == expected


def test_the_headline_says_what_makes_the_model_unsafe(root: Path) -> None:
    assert verdict(_not_blessed(root)).sentence.startswith(
        "not safe to serve: unexpected inputs are survived"
    )


def test_the_report_has_every_check_and_every_unexpected_input(root: Path) -> None:
    html = render_report(_not_blessed(root))
    assert "not safe to serve" in html
    assert "at least 100 rows/s" in html
    assert "Unexpected inputs (2)" in html
    assert HOSTILE not in html


def test_a_run_without_the_node_has_no_such_section(tmp_path: Path) -> None:
    made = make_run(tmp_path / "runs")
    assert "Safe to serve" not in render_report(gather(made.root, "run-1"))


def test_show_prints_every_check(root: Path) -> None:
    result = CliRunner().invoke(show, ["run-1", "--root", str(root)], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    assert "1 of 2 kinds of input are not survived" in result.output
    assert "not reached" in result.output


def test_show_gives_the_figures_as_numbers_to_programs(root: Path) -> None:
    result = CliRunner().invoke(show, ["run-1", "--root", str(root), "--json"])
    serving = json.loads(result.output)["serving"]
    assert serving["blessed"] is False
    assert {check["name"]: check["value"] for check in serving["checks"]}["latency_p50"] == 1.25


def test_kubeflow_gets_a_page_of_the_trial(root: Path) -> None:
    recorder = Recorder(RunFolder(root).store, "run-1")
    execution = read_run(recorder.store, "run-1").execution("ServingValidator")
    assert execution is not None
    html = node_page(execution)
    assert "not safe to serve" in html
    assert HOSTILE not in html
