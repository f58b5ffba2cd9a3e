"""A run says which version its model has, what it is called and whether it was withdrawn."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from click.testing import CliRunner

from cli.show import show
from metadata.run_folder import RunFolder
from metadata.store import open_store, sqlite_config
from registry.model_version import Withdrawal, version_from_artifact, write_version
from registry.registration import read_models
from report.render import write_report
from tests.made_run import HOSTILE, make_run


def _register(root: Path, withdrawn: str = "") -> None:
    """Does what happens after a push, and what a rollback does to a version."""
    store = open_store(sqlite_config(RunFolder(root).store))
    read_models(store)
    if withdrawn:
        [row] = store.get_artifacts_by_type("ModelVersion")
        mark = Withdrawal("2026-05-05T08:00:00+00:00", "ada", withdrawn)
        write_version(dataclasses.replace(version_from_artifact(row), withdrawn=mark), row)
        store.put_artifacts([row])


def _shown(root: Path, *options: str) -> str:
    result = CliRunner().invoke(show, ["--root", str(root), *options], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_pushed_run_names_version_and_alias(tmp_path: Path) -> None:
    made = make_run(tmp_path)
    _register(tmp_path)

    assert "Version             1.0.0, champion, the first version" in _shown(tmp_path)
    document = json.loads(_shown(tmp_path, "--json"))["registered"]
    assert (document["version"], document["aliases"]) == ("1.0.0", ["champion"])
    assert document["withdrawn"] is None
    page = write_report(made.root, made.run_id).read_text()
    assert "1.0.0, champion" in page


def test_a_withdrawn_version_says_when_by_whom_and_why(tmp_path: Path) -> None:
    made = make_run(tmp_path)
    _register(tmp_path, withdrawn=f"tips were late {HOSTILE}")

    assert "withdrawn 2026-05-05 08:00:00 UTC by ada: tips were late" in _shown(tmp_path)
    document = json.loads(_shown(tmp_path, "--json"))["registered"]
    assert document["withdrawn"]["who"] == "ada"
    page = write_report(made.root, made.run_id).read_text()
    assert "by ada: tips were late" in page
    assert HOSTILE not in page


def test_a_refused_model_is_the_candidate_without_a_version(tmp_path: Path) -> None:
    make_run(tmp_path, bound=0.95)
    _register(tmp_path)

    assert "candidate without a version" in _shown(tmp_path)
    document = json.loads(_shown(tmp_path, "--json"))["registered"]
    assert (document["version"], document["aliases"]) == ("", ["candidate"])


def test_a_store_without_registry_says_nothing_of_versions(tmp_path: Path) -> None:
    make_run(tmp_path)

    # A push that no registration has followed yet; showing it does not write.
    assert "Version  " not in _shown(tmp_path)
