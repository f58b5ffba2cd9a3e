"""`millrace runs --compare`: what differs between runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import millrace
from core.errors import UserError
from metadata.run_folder import RunFolder
from metadata.store import open_store, sqlite_config
from tests.made_run import make_failed_run, make_run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two runs of other parameters and another bound, and one that failed."""
    for run_id, steps in (("run-1", 100), ("run-2", 200)):
        make_run(tmp_path, run_id, bound=0.8 if steps == 100 else 0.95)
        text = f"name: taxi\ntrainer: {{train_steps: {steps}, seed: 7}}\nkubeflow: {{n: {steps}}}\n"
        RunFolder(tmp_path).run(run_id).configuration.write_text(text)
    make_failed_run(tmp_path, "run-3")
    return tmp_path


def said(root: Path, *words: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(
        millrace, ["runs", *words, "--root", str(root)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_what_differs_is_marked_and_what_is_the_same_counted(root: Path) -> None:
    text = said(root, "--compare", "run-1", "run-2")
    marked = {line.split()[0] for line in text.splitlines() if line.rstrip().endswith("differs")}

    assert marked == {"status", "trainer.train_steps"}
    assert "2 more parameters are the same" in text
    assert "auc" in text


def test_programs_get_every_fact(root: Path) -> None:
    document = json.loads(said(root, "--compare", "run-1", "run-2", "run-3", "--json"))
    facts = {(fact["section"], fact["name"]): fact for fact in document["facts"]}

    assert document["runs"] == ["run-1", "run-2", "run-3"]
    assert facts["parameter", "trainer.train_steps"]["values"] == [100, 200, None]
    assert facts["data", "span"]["values"] == [3, 3, None]
    assert facts["metric", "auc"]["values"][:2] == pytest.approx([0.9, 0.9])
    assert not any(section == "parameter" and "kubeflow" in name for section, name in facts)


def test_the_commits_that_the_runs_noted_are_compared(tmp_path: Path) -> None:
    for run_id, commit in (("run-1", "0123abc"), ("run-2", "4567def")):
        make_run(tmp_path, run_id)
        store = open_store(sqlite_config(RunFolder(tmp_path).store))
        context = store.get_context_by_type_and_name("pipeline_run", run_id)
        context.custom_properties["commit"].string_value = commit
        context.custom_properties["libraries"].string_value = '{"tensorflow": "2.16.2"}'
        store.put_contexts([context])

    text = said(tmp_path, "--compare", "run-1", "run-2")

    [line] = [line for line in text.splitlines() if line.startswith("commit")]
    assert line.split() == ["commit", "0123abc", "4567def", "differs"]
    assert "2.16.2" in text


def test_one_run_is_nothing_to_compare(root: Path) -> None:
    for words in (("--compare",), ("--compare", "run-1"), ("--compare", "run-1", "run-1")):
        with pytest.raises(UserError, match="--compare needs two runs"):
            said(root, *words)
    with pytest.raises(UserError, match="There is no run run-9"):
        said(root, "--compare", "run-1", "run-9")
