"""A run's report is one file that tells its story, whatever is missing."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.errors import InfrastructureError
from metadata import run_file
from metadata.run_folder import RunFolder
from report.render import page, write_report
from report.sections import data
from report.statistics import compare
from tests.made_run import make_failed_run, make_run, statistics

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Reads a page: sections' texts, ids, tags; refuses tags that do not close."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.sections: dict[str, str] = {}
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self._open: list[str] = []
        self._section = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"] or "")
        self.addresses += [values[name] or "" for name in ("src", "href") if name in values]
        if tag == "section":
            self._section = values.get("id") or ""
            self.sections[self._section] = ""
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if self._section:
            self.sections[self._section] += data


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The report of a run that pushed."""
    made = make_run(tmp_path_factory.mktemp("runs"))
    return Page(write_report(made.root, made.run_id))


def test_all_sections_are_there_with_their_facts(pushed: Page) -> None:
    facts = {
        "verdict": ["Pushed", "/models/7", "12.0 s", "0.9000"],
        "graph": ["ExampleGen", "latest_blessed", "Pusher result"],
        "metrics": ["3 of 3 bounds kept", "payment_type", "0.7000", "ROC curve", "Calibration"],
        "training": ["150 steps", "step 100", "learning_rate", "0.4500 on eval at the mark"],
        "data": ["train 600 examples", "fare", "Credit Card", "10.50", "No values to draw"],
        "anomalies": ["follow the schema"],
        "schema": ["required", "0 to ∞", "not in SERVING"],
        "lineage": [
            "span 3",
            "/data/taxi",
            "files:1",
            "2 rows rejected",
            "learning_rate = 0.001",
            "hidden_units = 8, 4",
            "code k3",
            "blessed",
        ],
        "configuration": ["d1", "c2", "k3", "pipeline: taxi", "metadata.sqlite"],
    }

    assert list(pushed.sections) == list(facts)
    for section, words in facts.items():
        for word in words:
            assert word in pushed.sections[section], (section, word)


def test_untrusted_text_stays_text(pushed: Page) -> None:
    assert "script" not in pushed.tags
    assert "img" not in pushed.tags
    assert "broken out" in pushed.sections["data"]
    assert "broken out" in pushed.sections["configuration"]


def test_nothing_is_addressed_outside(pushed: Page) -> None:
    outside = [a for a in pushed.addresses if not a.startswith(("#", "data:,", "logs/"))]

    assert outside == []


def test_ids_are_unique(pushed: Page) -> None:
    assert len(pushed.ids) == len(set(pushed.ids))


def test_a_refused_model_shows_the_bound_that_it_broke(tmp_path: Path) -> None:
    made = make_run(tmp_path, bound=0.95)

    found = Page(write_report(made.root, made.run_id)).sections

    assert "Not blessed" in found["verdict"]
    assert "1 of 3 bounds broken" in found["verdict"]
    assert "at least 0.95" in found["verdict"]
    assert "not pushed" in found["lineage"]


def test_a_failed_run_has_its_error_and_reasons_for_what_is_missing(tmp_path: Path) -> None:
    made = make_failed_run(tmp_path)

    found = Page(write_report(made.root, made.run_id)).sections

    assert "at ExampleValidator" in found["verdict"]
    assert "The examples do not follow the schema" in found["verdict"]
    assert "repair the data" in found["verdict"]
    assert "ExampleValidator.log" in found["verdict"]
    assert "metadata.sqlite cannot be opened" in found["metrics"]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("waiting", "Trainer did not start"),
        ("skipped", "Trainer was not part of this run"),
        ("failed", "Trainer failed"),
        ("running", "Trainer was running"),
        ("done", "Trainer left nothing of the kind"),
    ],
)
def test_a_missing_section_says_why(tmp_path: Path, state: run_file.NodeState, reason: str) -> None:
    made = make_run(tmp_path)
    account = run_file.read(RunFolder(tmp_path).run(made.run_id).folder)
    trainer = run_file.NodeRecord("Trainer", (), state)
    # Another id: the store has no artifacts of such a run.
    other = dataclasses.replace(account.with_node(trainer), run_id="other")
    run_file.write(RunFolder(tmp_path).run("other").folder, other)

    found = Page(write_report(tmp_path, "other")).sections

    assert reason in found["training"]


def test_files_that_are_gone_or_broken_take_only_their_section(tmp_path: Path) -> None:
    made = make_run(tmp_path)
    files = tmp_path / "artifacts" / made.run_id
    (files / "schema" / "schema.pbtxt").unlink()
    (files / "model_run" / "training.json").write_text("{")
    (files / "anomalies" / "Split-eval" / "SchemaDiff.pb").write_bytes(b"\xff" * 9)
    (files / "evaluation" / "metrics-00000-of-00001.tfrecord").write_bytes(b"\x09")

    found = Page(write_report(tmp_path, made.run_id)).sections

    assert "does not exist" in found["schema"]
    assert "cannot be read" in found["training"]
    assert "cannot be read" in found["anomalies"]
    assert "ends within a record" in found["metrics"]
    assert "Credit Card" in found["data"]


def test_a_run_without_account_has_no_report(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="No account"):
        write_report(tmp_path, "run-1")


def test_a_section_alone_makes_a_page(tmp_path: Path) -> None:
    (dataset,) = statistics(600).datasets
    path = tmp_path / "statistics.html"

    path.write_text(page("Statistics", top=data.fragment(compare({"train": dataset}))))

    assert "nav" not in Page(path).tags
    assert "article" in Page(path).tags


def test_a_wide_table_draws_only_where_splits_differ_most() -> None:
    (dataset,) = statistics(600).datasets
    drawn = data.fragment(compare({"train": dataset, "eval": dataset}), maximum=1)

    assert drawn.count("<article") == 1
    assert "3 features whose splits differ least" in drawn


def test_writing_a_report_imports_no_tensorflow(tmp_path: Path, repository: Path) -> None:
    made = make_run(tmp_path)
    probe = (
        "import json, pathlib, sys\n"
        "from report.render import write_report\n"
        "write_report(pathlib.Path(sys.argv[1]), sys.argv[2])\n"
        "heavy = {'tensorflow', 'tfx', 'apache_beam', 'pandas'}\n"
        "print(json.dumps(sorted(heavy & set(sys.modules))))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", probe, str(tmp_path), made.run_id],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert json.loads(done.stdout) == []
