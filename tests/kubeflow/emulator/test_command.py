"""``millrace kubeflow emulate`` as a process: output, interrupts, a violent end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kubeflow.package.package import write_package
from metadata import run_file
from tests.kubeflow.emulator.made_package import RUN_ID, package, shell, task

# Says that it runs, keeps the fifo open as long as it or its child lives.
LIVES = shell("exec 3> alive; echo up >&3; sleep 60 & wait")


def start(folder: Path, made: object, *options: str) -> subprocess.Popen[str]:
    write_package(made, folder / "package.yaml")  # type: ignore[arg-type]
    words = ["package.yaml", "--root", "root", "--run-id", RUN_ID, "--yes", *options]
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "kubeflow", "emulate", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_json_events_for_machines(tmp_path: Path) -> None:
    process = start(tmp_path, package({"t": task(["true"])}), "--json")
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == [
        "run_started",
        "prepared",
        "node_started",
        "node_ended",
        "run_ended",
    ]
    assert events[-1]["status"] == "succeeded"


def test_a_wrong_parameter_is_an_error_without_traceback(tmp_path: Path) -> None:
    process = start(tmp_path, package({"t": task(["true"])}), "--set", "x=1")
    _, err = process.communicate()
    assert process.returncode == 2
    assert err.startswith("user error: the package has no parameter 'x'")
    assert "Traceback" not in err


@pytest.mark.timeout(60)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_all_children_end_with_the_emulator(tmp_path: Path, number: signal.Signals) -> None:
    os.mkfifo(tmp_path / "alive")
    made = package({"t": task(LIVES), "after": task(["true"], after=("t",))})
    process = start(tmp_path, made)
    with (tmp_path / "alive").open() as alive:
        assert alive.readline() == "up\n"
        process.send_signal(number)
        # The fifo ends when neither the task nor its child has it open.
        assert alive.read() == ""
    out, _ = process.communicate()
    if number == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
        return
    assert process.returncode == 130
    assert f"{RUN_ID} stopped" in out
    record = run_file.read(tmp_path / "root" / "runs" / RUN_ID)
    assert record.status == "stopped"
    assert [(node.state, node.result) for node in record.nodes] == [
        ("waiting", "stopped"),
        ("waiting", ""),
    ]
