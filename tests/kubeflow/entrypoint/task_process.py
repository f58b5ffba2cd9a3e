"""Running tasks as an orchestrator does: a process each."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from kubeflow.graph.node_outputs import node_outputs
from metadata.records import Execution, read_run
from metadata.store import open_store, sqlite_config
from pipeline.configuration.loading import load
from pipeline.configuration.model import PipelineConfiguration

REPOSITORY = Path(__file__).parents[3]


@dataclasses.dataclass(frozen=True)
class Ended:
    """A task that ended.

    Attributes:
      code: Its exit code.
      output: What it wrote to standard output.
      errors: What it wrote to standard error.
      reason: What it left in the termination log; empty where nothing.
    """

    code: int
    output: str
    errors: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Cluster:
    """What the tasks of a pipeline share.

    Attributes:
      root: The root of all artifacts.
      data: The data.
      changes: Assignments that change the taxi configuration.
    """

    root: Path
    data: Path
    changes: tuple[str, ...] = ()

    def configuration(self) -> PipelineConfiguration:
        """The configuration that the tasks are given."""
        assignments = [f"data.path={self.data}", *self.changes]
        return load(REPOSITORY / "configs" / "taxi.yaml", assignments=assignments).configuration

    def command(self, node: str, run_id: str, drawn: Path | None = None) -> list[str]:
        """The words of a task, as a package has them."""
        values = self.configuration().model_dump(mode="json", exclude={"kubeflow"})
        words = [
            *(sys.executable, "-m", "kubeflow.entrypoint"),
            *("--node", node, "--run-id", run_id, "--root", str(self.root)),
            *("--compiled-by", metadata.version("millrace")),
            *("--configuration", json.dumps(values)),
            *("--set", "data.span", ""),
        ]
        if drawn is not None:
            words += ["--executor-output", str(drawn / "executor_output.json")]
            for output in node_outputs(node, "binary"):
                words += ["--output", output.name, output.type, str(drawn / output.name)]
        return words

    def start(self, node: str, run_id: str, drawn: Path | None = None) -> subprocess.Popen[str]:
        """Starts a task."""
        return subprocess.Popen(
            self.command(node, run_id, drawn),
            cwd=REPOSITORY,
            env={**os.environ, "MILLRACE_TERMINATION_LOG": str(self._reason(node, run_id))},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, node: str, run_id: str, drawn: Path | None = None) -> Ended:
        """Runs a task to its end."""
        process = self.start(node, run_id, drawn)
        output, errors = process.communicate()
        reason = self._reason(node, run_id)
        return Ended(
            process.returncode, output, errors, reason.read_text() if reason.exists() else ""
        )

    def executions(self, run_id: str, node: str) -> list[Execution]:
        """What the metadata store knows of a node of a run."""
        store = open_store(sqlite_config(self.root / "metadata.sqlite"))
        return [found for found in read_run(store, run_id).executions if found.node == node]

    def folders(self, node: str) -> list[str]:
        """The folders of outputs that a node has, below its own."""
        own = self.root / "artifacts" / node
        found = [path for path in own.glob("*/*") if not path.parent.name.startswith(".")]
        return sorted(str(path.relative_to(own)) for path in found)

    def _reason(self, node: str, run_id: str) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        return self.root.parent / f"{run_id}-{node}.reason"


def properties_of(execution: Execution) -> dict[str, Any]:
    """The properties that an executor was given, without those of the one run."""
    return {k: v for k, v in execution.properties.items() if not k.startswith("__")}
