"""The data gate's own report as a section of a run's."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from components.data_gate.findings import Finding
from components.data_gate.judgement import Judgement
from components.data_gate.report import report_of
from report.gate_report import REPORT_FILE, read_gate_report
from report.render import sections
from report.story import gather
from tests.made_run import HOSTILE, make_run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A blessing with a warning whose words come from the data."""
    found = Finding(
        "eval", HOSTILE, "drift", "warn", "unlike", values=(HOSTILE,), count=3, examples=9
    )
    report = report_of(Judgement((found,), (HOSTILE,), {}), {"baseline": None})
    (tmp_path / REPORT_FILE).write_text(json.dumps(report))
    return tmp_path


def test_a_run_with_a_gate_has_its_questions_as_a_section(folder: Path, tmp_path: Path) -> None:
    made = make_run(tmp_path / "runs")
    story = gather(made.root, made.run_id)
    assert "gate" not in [section.id for section in sections(story)]

    found = {
        section.id: section
        for section in sections(dataclasses.replace(story, gate=read_gate_report(folder)))
    }

    html = str(found["gate"].body)
    assert "The data are accepted" in html
    assert "Are all expected features present?" in html
    assert "3 of 9" in html
    assert HOSTILE not in html
    assert "<script" not in html


@pytest.mark.parametrize("text", ["[]", "{}", '{"accepted": true, "questions": 3}', "no json"])
def test_what_is_no_report_is_refused(folder: Path, text: str) -> None:
    (folder / REPORT_FILE).write_text(text)

    with pytest.raises(ValueError):
        read_gate_report(folder)
