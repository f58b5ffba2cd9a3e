"""Calling ``millrace`` as a person does: a process, its events, its exit code."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core import import_path

REPOSITORY = Path(__file__).parents[2]
TAXI = str(REPOSITORY / "configs" / "taxi.yaml")
# Small enough for a test, large enough that a model learns something.
SMALL = (
    "--set=data.sample_rows=3000",
    "--set=trainer.train_steps=150",
    "--set=evaluation.metrics.auc.at_least=0.6",
    "--set=evaluation.metrics.accuracy.at_least=0.5",
)


@dataclasses.dataclass(frozen=True)
class Finished:
    """A process that ended."""

    code: int
    output: str
    errors: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of ``--json``."""
        return [json.loads(line) for line in self.output.splitlines()]

    def states(self) -> dict[str, str]:
        """The state in which each node ended."""
        return {
            event["node"]: event["state"] for event in self.events if event["event"] == "node_ended"
        }

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return str(next(e["run_id"] for e in self.events if "run_id" in e))


def _start(arguments: tuple[str, ...], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        # As the installed program: nothing is looked for in the folder.
        import_path.module_command("cli.main", *arguments),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclasses.dataclass(frozen=True)
class Started:
    """A process that runs."""

    process: subprocess.Popen[str]

    def finish(self) -> Finished:
        """Waits for its end."""
        output, errors = self.process.communicate()
        return Finished(self.process.returncode, output, errors)


def started(folder: Path, *arguments: str) -> Started:
    """Starts a command in a folder."""
    return Started(_start(arguments, folder))


def millrace(folder: Path, *arguments: str) -> Finished:
    """Runs a command to its end in a folder."""
    return started(folder, *arguments).finish()


def millrace_with_signal(
    folder: Path,
    *arguments: str,
    number: signal.Signals,
    when: Callable[[dict[str, Any]], bool],
) -> Finished:
    """Runs a command with ``--json`` and sends it a signal after a certain event."""
    process = _start((*arguments, "--json"), folder)
    assert process.stdout is not None
    seen: list[str] = []
    for line in process.stdout:
        seen.append(line)
        if when(json.loads(line)):
            process.send_signal(number)
            break
    rest, errors = process.communicate()
    return Finished(process.returncode, "".join(seen) + rest, errors)


def node_starts(node: str) -> Callable[[dict[str, Any]], bool]:
    """Whether an event says that a node has started."""
    return lambda event: event["event"] == "node_started" and event["node"] == node


def processes_of(folder: Path) -> Iterator[int]:
    """Processes that work in a folder (the fork server and its children included)."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if Path(os.readlink(entry / "cwd")) == folder.resolve():
                yield int(entry.name)
        except OSError:
            continue
