"""The report in a real browser: it draws, runs nothing, and fetches nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from report.render import write_report
from tests.made_run import MadeRun, make_failed_run, make_run
from tests.report import chromium

pytestmark = pytest.mark.skipif(chromium.EXECUTABLE is None, reason=chromium.MISSING)

SECTIONS = "[...document.querySelectorAll('section')].map(section => section.id)"
EMPTY_DRAWINGS = (
    "[...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width < 50"
    " || s.getBoundingClientRect().height < 50).length"
)
WIDER_THAN_WINDOW = "document.documentElement.scrollWidth > window.innerWidth"


def test_what_a_page_fetches_and_says_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<img src='http://millrace.invalid/x.png'><script>console.log('hi')</script>")

    seen = chromium.visit(path.as_uri(), tmp_path / "profile")

    assert "http://millrace.invalid/x.png" in seen.requests
    assert any("hi" in line for line in seen.console)


@pytest.mark.parametrize("make", [make_run, make_failed_run])
def test_a_report_draws_and_fetches_nothing(
    tmp_path: Path, make: Callable[[Path], MadeRun]
) -> None:
    made = make(tmp_path)
    report = write_report(made.root, made.run_id)

    seen = chromium.visit(
        report.as_uri(),
        tmp_path / "profile",
        SECTIONS,
        EMPTY_DRAWINGS,
        WIDER_THAN_WINDOW,
        "document.title",
        "document.querySelectorAll('section:not(.absent) svg.graph').length",
    )

    sections, empty, too_wide, title, graphs = seen.answers
    assert [url for url in seen.requests if not url.startswith("data:")] == [report.as_uri()]
    assert seen.console == []
    assert sections == [
        "verdict",
        "graph",
        "metrics",
        "training",
        "data",
        "anomalies",
        "schema",
        "lineage",
        "configuration",
    ]
    assert graphs >= 1
    assert empty == 0
    assert not too_wide
    # A script in the data would have changed it.
    assert title == f"taxi · {made.run_id}"
