"""The two sides of the comparison: how each is started and where its results lie."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measurement import Measurement, measure
from benchmarks.stock.run import SECONDS_FILE

ENVIRONMENT = {
    "TF_USE_LEGACY_KERAS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}
OURS, STOCK = "millrace", "stock"

# CsvExampleGen knows no other way: both sides train and judge on the same rows.
AS_STOCK = ("data.split.method=hash_record", "data.split.columns=null")

# The stock components that bear another name than ours.
_STANDARD_NAMES = {"CsvExampleGen": "ExampleGen"}


class RunFailedError(RuntimeError):
    """A run of one side ended with an error; the text ends with its log's last lines."""


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of one side.

    Attributes:
      measurement: Of the whole command.
      node_seconds: Wall time by node.
      metrics: Evaluation metrics over all examples.
      repeated: The same command again with nothing changed; None where there is none, or
        where it did work (because somebody edited the code meanwhile).
    """

    measurement: Measurement
    node_seconds: Mapping[str, float]
    metrics: Mapping[str, float]
    repeated: Measurement | None = None


@dataclasses.dataclass(frozen=True)
class Job:
    """What both sides are asked to do.

    Attributes:
      configuration: The configuration file.
      data: The folder of the table.
      assignments: ``KEY=VALUE`` texts that change the configuration.
    """

    configuration: Path
    data: Path
    assignments: tuple[str, ...] = ()

    def words(self, root: Path) -> list[str]:
        """The arguments that both commands take."""
        changes = [word for text in (*AS_STOCK, *self.assignments) for word in ("--set", text)]
        return [str(self.configuration), "--data", str(self.data), "--root", str(root), *changes]


def run_ours(job: Job, root: Path) -> Run:
    """Runs `millrace run` in a fresh folder, then once more unchanged."""
    command = [sys.executable, "-m", "cli.main", "run", *job.words(root)]
    measurement = _measured(command, root.with_suffix(".log"))
    account = _only(root.glob("runs/*/run.json"))
    node_seconds = nodes_of_account(json.loads(account.read_text()))
    metrics = read_metrics(root / "artifacts")
    repeated = _measured(command, root.with_suffix(".again.log"))
    # A run that finds nothing changed leaves no account; one that worked is no such figure.
    unchanged = len(list(root.glob("runs/*/run.json"))) == 1
    return Run(measurement, node_seconds, metrics, repeated if unchanged else None)


def run_stock(job: Job, root: Path) -> Run:
    """Runs the stock twin in a fresh folder."""
    command = [sys.executable, "-m", "benchmarks.stock.run", *job.words(root)]
    measurement = _measured(command, root.with_suffix(".log"))
    seconds = json.loads((root / SECONDS_FILE).read_text())
    renamed = {_STANDARD_NAMES.get(node, node): value for node, value in seconds.items()}
    return Run(measurement, renamed, read_metrics(root / "artifacts"))


def nodes_of_account(account: Mapping) -> dict[str, float]:
    """Seconds by node from a run's `run.json`."""
    return {
        node["id"]: float(node["seconds"])
        for node in account["nodes"]
        if node.get("seconds") is not None
    }


def read_metrics(artifacts: Path) -> dict[str, float]:
    """The metrics over all examples that the Evaluator wrote below `artifacts`.

    Raises:
      RunFailedError: If there is not exactly one evaluation.
    """
    from components.evaluator.outcome.reading import read_evaluation

    overall = read_evaluation(_only(artifacts.glob("Evaluator/evaluation/*"))).overall
    return {} if overall is None else {name: m.value for name, m in overall.metrics.items()}


def _only(paths: object) -> Path:
    found: Sequence[Path] = sorted(paths)  # type: ignore[call-overload]
    if len(found) != 1:
        raise RunFailedError(f"one result was expected, not {[str(path) for path in found]}")
    return found[0]


def _measured(command: list[str], log: Path) -> Measurement:
    measurement = measure(command, log, ENVIRONMENT)
    if measurement.exit_code != 0:
        last = log.read_text(errors="replace").splitlines()[-15:]
        raise RunFailedError(
            "\n".join([f"exit code {measurement.exit_code}: {' '.join(command)}", *last])
        )
    return measurement
