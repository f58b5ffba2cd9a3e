"""A run's own configuration says where its metadata is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from core import errors
from metadata.connection import server_kind, sqlite_config
from metadata.run_folder import RunFolder
from metadata.run_store import run_store, run_store_name

MYSQL = {"kind": "mysql", "host": "db", "port": 3306, "database": "m", "user": "u"}


def _folder(root: Path, text: str) -> RunFolder:
    folder = RunFolder(root)
    path = folder.run("run-1").configuration
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return folder


def test_a_run_on_a_server_is_read_from_that_server(tmp_path: Path) -> None:
    folder = _folder(tmp_path, yaml.safe_dump({"name": "taxi", "metadata": MYSQL}))
    assert server_kind(run_store(folder, "run-1")) == "mysql"
    assert run_store_name(folder, "run-1") == "mysql://u@db:3306/m"


@pytest.mark.parametrize("text", ["name: taxi\n", "metadata: {kind: sqlite}\n"])
def test_a_run_that_names_no_server_used_the_file(tmp_path: Path, text: str) -> None:
    folder = _folder(tmp_path, text)
    assert run_store(folder, "run-1") == sqlite_config(tmp_path / "metadata.sqlite")


def test_a_run_without_a_configuration_used_the_file(tmp_path: Path) -> None:
    assert run_store_name(RunFolder(tmp_path), "run-1") == str(tmp_path / "metadata.sqlite")


@pytest.mark.parametrize(
    "text", ["a: [", "metadata: {kind: oracle}", "metadata: {kind: mysql}", "metadata: yes"]
)
def test_a_broken_configuration_is_named(tmp_path: Path, text: str) -> None:
    folder = _folder(tmp_path, text)
    with pytest.raises(errors.InfrastructureError, match="run-1 does not say") as broken:
        run_store(folder, "run-1")
    assert "config.yaml" in broken.value.evidence[0]
    assert run_store_name(folder, "run-1").startswith("unknown")
