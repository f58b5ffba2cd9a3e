"""A run whose process was killed says that it was interrupted, and not for ever that it runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import millrace
from metadata import run_file
from metadata.run_folder import RunFolder

_CARRY_OUT = """
import pathlib, sys
from core import locks
from metadata import run_file
folder = pathlib.Path(sys.argv[1])
nodes = tuple(run_file.NodeRecord(*words.split(":")[:1], (), words.split(":")[1])
              for words in sys.argv[2:])
with locks.held(folder / run_file.LOCK_NAME):
    run_file.write(folder, run_file.RunRecord(
        folder.name, "taxi", "running", run_file.utc_now(), nodes=nodes))
    print("running", flush=True)
    sys.stdin.read()
"""
STAGES = [(), ("ExampleGen:running",), ("ExampleGen:done", "Transform:running", "Trainer:waiting")]


@contextmanager
def going_on(folder: Path, nodes: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """A process that carries out a run, and its first words are said."""
    words = [sys.executable, "-c", _CARRY_OUT, str(folder), *nodes]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        yield process
        process.kill()


def kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def command(*words: str) -> str:
    ended = CliRunner().invoke(millrace, words)
    assert ended.exit_code == 0, ended.output
    return ended.output


@pytest.mark.parametrize("nodes", STAGES)
def test_a_run_whose_process_is_killed_is_interrupted(
    tmp_path: Path, nodes: tuple[str, ...]
) -> None:
    folder = RunFolder(tmp_path).run("taxi-1").folder
    with going_on(folder, nodes) as process:
        assert run_file.read(folder).status == "running"
        kill(process)

    found = run_file.read(folder)

    assert found.status == "interrupted"
    assert all(node.state != "running" for node in found.nodes)
    assert [node.id for node in found.nodes] == [words.partition(":")[0] for words in nodes]


@pytest.mark.parametrize("status", ["succeeded", "failed", "stopped"])
def test_a_run_that_ended_stays_what_it_was(tmp_path: Path, status: run_file.RunStatus) -> None:
    record = run_file.RunRecord("r", "taxi", status, run_file.utc_now(), run_file.utc_now())
    run_file.write(tmp_path, record)

    assert run_file.read(tmp_path) == record


def test_runs_and_show_name_the_command_that_finishes_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path).run("taxi-1").folder
    root = ("--root", str(tmp_path))
    with going_on(folder, STAGES[-1]) as process:
        assert "running" in command("runs", *root)
        assert command("show", "taxi-1", *root).startswith("Running")
        kill(process)

    for said in (command("runs", *root), command("show", "taxi-1", *root)):
        assert "interrupted" in said.lower()
        assert "millrace resume taxi-1" in said
    [listed] = json.loads(command("runs", *root, "--json"))
    assert listed["status"] == "interrupted"
    shown = json.loads(command("show", "taxi-1", *root, "--json"))
    assert (shown["status"], shown["verdict"]["word"]) == ("interrupted", "Interrupted")
    assert shown["evaluation"]["missing"]
