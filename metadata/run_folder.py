"""Where a run keeps its files, and finding a run by what a person types."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from core.errors import InfrastructureError, UserError, nearest
from metadata import run_file
from metadata.removed_runs import removed_runs

LATEST = "latest"


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """The folder that holds the metadata store and all runs.

    Attributes:
      root: Usually ``.millrace``.
    """

    root: Path

    @property
    def store(self) -> Path:
        """The SQLite metadata store, where the configuration names no server."""
        return self.root / "metadata.sqlite"

    @property
    def runs(self) -> Path:
        """The folder with one folder per run."""
        return self.root / "runs"

    def run(self, run_id: str) -> RunFiles:
        """The files of one run."""
        return RunFiles(self.runs / run_id)

    def use_lock(self, pipeline: str) -> Path:
        """Held together by all runs of a pipeline, and alone by whoever cleans up after it."""
        return self.runs / f".{pipeline}.lock"

    def run_ids(self) -> list[str]:
        """Ids of all runs that have an account and were not removed, newest first.

        Ids begin with their start time by convention, but the order is taken from
        the accounts themselves; those that cannot be read come last.
        """
        if not self.runs.is_dir():
            return []
        started: list[tuple[str, str]] = []
        removed = removed_runs(self.runs)
        for folder in self.runs.iterdir():
            if folder.name in removed or not (folder / run_file.FILE_NAME).is_file():
                continue
            try:
                started.append((run_file.read(folder).started, folder.name))
            except InfrastructureError:
                started.append(("", folder.name))
        return [name for _, name in sorted(started, reverse=True)]

    def find(self, name: str) -> str:
        """The id of the run that `name` stands for.

        Args:
          name: A run id, the unique beginning of one, or ``latest``.

        Raises:
          UserError: If no run or more than one run is meant.
        """
        known = self.run_ids()
        removed = removed_runs(self.runs).get(name)
        if removed is not None:
            raise UserError(
                f"the run {name} was removed by cleaning",
                evidence=[f"on {removed}, with what only it needed"],
                hint="`millrace runs` lists those that are there",
                code="run-removed",
            )
        if not known:
            raise UserError(
                f"There are no runs in {self.root}",
                hint="start one with `millrace run`, or name another folder with --root",
                code="no-runs",
            )
        if name == LATEST:
            return known[0]
        if name in known:
            return name
        matches = [run_id for run_id in known if name and run_id.startswith(name)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UserError(
                f"{name} is the beginning of {len(matches)} runs",
                evidence=matches[:10],
                hint="type more of the id",
                code="ambiguous-run",
            )
        like = nearest(name, [*known, LATEST])
        raise UserError(
            f"There is no run {name} in {self.root}",
            evidence=[f"the newest is {known[0]}"],
            hint=f"did you mean {like}?" if like else "`millrace runs` lists them",
            code="unknown-run",
        )


@dataclasses.dataclass(frozen=True)
class RunFiles:
    """The files of one run.

    Attributes:
      folder: ``<root>/runs/<run_id>``.
    """

    folder: Path

    @property
    def account(self) -> Path:
        """The runner's account, `run_file.RunRecord`."""
        return self.folder / run_file.FILE_NAME

    @property
    def configuration(self) -> Path:
        """The resolved configuration."""
        return self.folder / "config.yaml"

    @property
    def pipeline(self) -> Path:
        """TFX's intermediate representation, a binary `Pipeline` proto."""
        return self.folder / "pipeline.pb"

    @property
    def events(self) -> Path:
        """One JSON event a line."""
        return self.folder / "events.jsonl"

    @property
    def reserve(self) -> Path:
        """Room that is held while the run goes on, for the account of its end."""
        return self.folder / "reserve"

    @property
    def logs(self) -> Path:
        """The folder with one log per node."""
        return self.folder / "logs"

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.folder / "report.html"

    def log(self, node_id: str) -> Path:
        """The log of one node."""
        return self.logs / f"{node_id}.log"
