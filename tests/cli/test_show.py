"""`millrace show` tells one run's story for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cli.printing import plain
from cli.show import show
from core.errors import UserError
from metadata import store
from metadata.run_folder import RunFolder
from report.render import write_report
from tests.e2e.servers import free_port
from tests.made_run import (
    HOSTILE,
    make_failed_run,
    make_run,
    quarantine_span,
    write_evaluation,
    write_gates,
)
from tests.metadata.store_server import StoreServer


def shown(root: Path, *options: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(show, ["--root", str(root), *options], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_pushed_run_shows_bounds_lineage_and_paths(tmp_path: Path) -> None:
    made = make_run(tmp_path)
    report = write_report(made.root, made.run_id)

    output = shown(tmp_path, "latest")

    for words in (
        "Pushed to /models/7",
        "Transform result",
        "at least 0.8     0.9000  kept",
        "span 3, version 1, train 600 rows, eval 300 rows",
        "learning_rate = 0.001",
        str(report),
    ):
        assert words in output


@pytest.mark.parametrize(("refused_in", "did"), [("run-1", "refused"), ("other", "skipped")])
def test_a_run_names_the_data_that_it_refused_or_skipped(
    tmp_path: Path, refused_in: str, did: str
) -> None:
    made = make_run(tmp_path)
    entry = quarantine_span(made, refused_in)

    assert f"{did} data        span 8, now quarantined as {entry.id}: fare" in shown(tmp_path)
    [document] = json.loads(shown(tmp_path, "--json"))["set_aside"]
    assert (document["id"], document["in_this_run"], document["span"]) == (entry.id, did, 8)
    page = write_report(made.root, made.run_id).read_text()
    assert f"<td>{did}</td>" in page
    assert "Quarantined data" in page
    assert HOSTILE not in page


def test_a_run_without_quarantined_data_says_nothing_of_them(tmp_path: Path) -> None:
    made = make_run(tmp_path)

    assert "quarantined as" not in shown(tmp_path)
    assert "Quarantined" not in write_report(made.root, made.run_id).read_text()


def test_a_refused_run_shows_the_broken_bound_first(tmp_path: Path) -> None:
    make_run(tmp_path, bound=0.95)

    lines = shown(tmp_path, "run").splitlines()

    assert lines[0].startswith("Not blessed 1 of 3 bounds broken")
    header = next(i for i, line in enumerate(lines) if line.startswith("Metric"))
    assert lines[header + 1].rstrip().endswith("broken")


def test_a_refused_run_says_why_with_baseline_candidate_interval_and_verdict(
    tmp_path: Path,
) -> None:
    made = make_run(tmp_path, bound=0.95)
    [folder] = (tmp_path / "artifacts" / made.run_id).glob("evaluation")
    write_evaluation(folder, bound=0.95, baseline=0.92, interval=(0.88, 0.92))
    write_gates(folder)

    output = shown(tmp_path)
    lines = [line.split() for line in output.splitlines()]

    assert ["Metric", "Slice", "Threshold", "Baseline", "Candidate", "Interval", "Verdict"] in lines
    first = "auc all examples at least 0.95 0.9200 0.9000 0.8800 … 0.9200 broken"
    gap = "by payment_type: Cash 0.7, Card 0.9 at most 0.1 \N{EN DASH} 0.2000"
    gap += " 0.0500 … 0.3500 undecided"
    assert first.split() in lines
    assert ["gap", "of", "accuracy", *gap.split()] in lines
    assert "the 95 % confidence interval includes the bound" in output
    assert "not compared with the model that serves: its label differs" in output
    assert "--set evaluation.allow_no_comparison=true" in output
    row = "comparison with the model that serves must be made not made broken"
    assert row.split() in lines
    assert output.startswith("Not blessed not compared with the model that serves; 1 of")
    document = json.loads(shown(tmp_path, "--json"))["evaluation"]
    assert document["bounds"][0]["interval"] == [0.88, 0.92]
    assert document["fairness"][0]["verdict"] == "undecided"
    page = write_report(made.root, made.run_id).read_text()
    assert "Why the model was not blessed" in page
    assert "≈ undecided" in page
    assert "Worst: <b>payment_type Cash</b>" in page
    assert HOSTILE not in page
    assert document["residuals"]["worst"][0]["bucket"] == "Cash"
    assert "worst segments      payment_type Cash (\N{MINUS SIGN}0.2500, 200 examples)" in output
    assert "0.8800 … 0.9200" in page


def _on_a_server(root: Path, port: int) -> None:
    """Says of the made run that its metadata is with a gRPC service."""
    section = {"kind": "grpc", "host": "127.0.0.1", "port": port}
    path = RunFolder(root).run("run-1").configuration
    path.write_text(yaml.safe_dump({"name": "taxi", "metadata": section}))


def test_a_run_whose_metadata_is_on_a_server_is_read_from_there(tmp_path: Path) -> None:
    make_run(tmp_path)
    elsewhere = RunFolder(tmp_path).store.rename(tmp_path / "elsewhere.sqlite")
    server = StoreServer(elsewhere, free_port())
    _on_a_server(tmp_path, server.port)
    server.start()
    try:
        output = shown(tmp_path, "latest")
    finally:
        server.stop()

    assert output.startswith("Pushed to /models/7")
    assert "span 3, version 1" in output
    assert f"grpc://127.0.0.1:{server.port}" in output


def test_a_run_is_shown_as_far_as_it_is_known_while_its_server_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.time, "sleep", lambda seconds: None)
    make_run(tmp_path)
    _on_a_server(tmp_path, free_port())

    output = shown(tmp_path, "latest")

    assert "Finished well; what it made cannot be read" in output
    assert "No metrics: the metadata store grpc://127.0.0.1" in output
    assert "No lineage: the metadata store grpc://127.0.0.1" in output


def test_a_failed_run_shows_its_error_and_what_is_missing(tmp_path: Path) -> None:
    make_failed_run(tmp_path)

    output = shown(tmp_path)

    assert "Failed at ExampleValidator" in output
    assert "hint: repair the data" in output
    assert "No metrics: " in output


def test_json_has_everything(tmp_path: Path) -> None:
    make_run(tmp_path, bound=0.95)

    found = json.loads(shown(tmp_path, "--json"))

    assert found["verdict"]["word"] == "Not blessed"
    assert found["rows"] == {"train": 600, "eval": 300}
    broken = [bound for bound in found["evaluation"]["bounds"] if not bound["passed"]]
    assert [(b["metric"], b["bound"], b["value"]) for b in broken] == [
        ("auc", "at least 0.95", 0.9)
    ]
    (dataset,) = found["lineage"]["datasets"]
    assert (dataset["span"], dataset["fingerprint"]) == (3, "files:1")
    made = {artifact["id"] for artifact in found["lineage"]["artifacts"]}
    used = {i["artifact"] for step in found["lineage"]["steps"] for i in step["inputs"]}
    assert used <= made


def test_json_of_a_failed_run_says_why_parts_are_missing(tmp_path: Path) -> None:
    make_failed_run(tmp_path)

    found = json.loads(shown(tmp_path, "--json"))

    assert found["error"]["headline"] == "The examples do not follow the schema"
    assert "missing" in found["evaluation"]
    assert "missing" in found["lineage"]


def test_an_unknown_run_is_a_user_error_with_the_nearest(tmp_path: Path) -> None:
    make_failed_run(tmp_path, "2026-05-04-taxi")

    with pytest.raises(UserError) as caught:
        shown(tmp_path, "2026-05-05-taxi")

    assert "2026-05-04-taxi" in caught.value.hint


def test_numbers_that_json_lacks_become_null() -> None:
    assert plain({"a": float("nan"), "b": (float("inf"), 1.0)}) == {"a": None, "b": [None, 1.0]}


@pytest.mark.parametrize(
    ("rows", "words", "remark"),
    [
        (
            {"used": 162, "total": 300, "unknown_to_baseline": 0},
            "train 540 of 600 (90.0 %), eval 162 of 300 (54.0 %)",
            "138 rows without a label left out of the evaluation",
        ),
        (
            {"used": 290, "total": 300, "unknown_to_baseline": 10},
            "train 540 of 600 (90.0 %), eval 290 of 300 (96.7 %)",
            "10 rows of classes that the blessed model does not know left out of the comparison",
        ),
        (
            {"used": 300, "total": 300, "unknown_to_baseline": 0},
            "train 540 of 600 (90.0 %), eval 300 of 300",
            "",
        ),
    ],
)
def test_a_run_says_how_many_rows_it_used_of_how_many(
    tmp_path: Path, rows: dict[str, int], words: str, remark: str
) -> None:
    made = make_run(tmp_path)
    folder = tmp_path / "artifacts" / made.run_id / "evaluation"
    (folder / "gates.json").write_text(json.dumps({"rows": rows}))

    output = shown(tmp_path)

    assert f"rows used           {words}\n" in output
    assert remark in output
    assert ("left out" in output) == bool(remark)
    used = json.loads(shown(tmp_path, "--json"))["rows_used"]
    assert used["eval"]["used"] == rows["used"]
    assert used["train"] == {"split": "train", "used": 540, "total": 600, "sampled": False}
    page = write_report(made.root, made.run_id).read_text()
    assert words.replace(", ", " · ") in page


GUESSING = {
    "metric": "auc",
    "value": 0.53,
    "guess": 0.5,
    "interval": [0.48, 0.58],
    "examples": 300,
    "better": False,
}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, "on 300 rows chance alone can explain the difference"),
        ({"interval": [0.4, 0.49]}, "on 300 rows it is worse than guessing"),
        ({"interval": None}, "300 rows are too few to tell it from guessing"),
        ({"problem": "it has no label"}, "could not be compared with guessing: it has no label"),
    ],
)
def test_a_model_that_is_no_better_than_guessing_has_a_row_that_says_so(
    tmp_path: Path, changed: dict[str, object], why: str
) -> None:
    made = make_run(tmp_path, bound=0.95)
    folder = tmp_path / "artifacts" / made.run_id / "evaluation"
    (folder / "gates.json").write_text(json.dumps({"guessing": {**GUESSING, **changed}}))

    output = shown(tmp_path)

    assert output.startswith("Not blessed 2 of 4 bounds broken")
    assert "better than guessing, 0.5" in " ".join(output.split())
    assert (
        f"not clearly better than guessing on auc: {why} (evaluation.better_than_guessing)"
        in output
    )
    [row] = [
        check
        for check in json.loads(shown(tmp_path, "--json"))["decision"]
        if check["bound"].startswith("better than guessing")
    ]
    assert (row["verdict"], row["message"], row["passed"]) == ("broken", why, False)
    assert "better than guessing, 0.5" in write_report(made.root, made.run_id).read_text()
