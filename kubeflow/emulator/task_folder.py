"""Where a run and its tasks keep their files."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class TaskFolder:
    """The files of one task.

    Attributes:
      path: ``<root>/runs/<run id>/<task>``.
    """

    path: Path

    @property
    def executor_input(self) -> Path:
        """What the task was given."""
        return self.path / "executor_input.json"

    @property
    def executor_output(self) -> Path:
        """What it left, as the tasks after it see it."""
        return self.path / "executor_output.json"

    @property
    def log(self) -> Path:
        """What all its attempts wrote to standard output and error."""
        return self.path / "log"

    @property
    def termination(self) -> Path:
        """What it says of its own failure."""
        return self.path / "termination-log"

    @property
    def output_file(self) -> Path:
        """Where the program writes its ``ExecutorOutput``.

        Its folder is not made: the launcher of many releases does not make it either.
        """
        return self.path / "kfp_outputs" / "output_metadata.json"

    def artifact(self, name: str) -> Path:
        """Where an output artifact belongs."""
        return self.path / "outputs" / name

    def parameter(self, name: str) -> Path:
        """Where an output parameter belongs; the launcher has ``/tmp/kfp/outputs``."""
        return self.path / "parameters" / name

    def attempt(self, number: int) -> Path:
        """Where the outputs of an attempt go that failed, counted from 1."""
        return self.path / "attempts" / str(number)

    def set_aside(self, number: int) -> None:
        """Moves the outputs of a failed attempt away: each attempt is a new container.

        Args:
          number: The attempt, counted from 1.
        """
        target = self.attempt(number)
        target.mkdir(parents=True, exist_ok=True)
        for produced in (
            self.path / "outputs",
            self.path / "parameters",
            self.output_file.parent,
            self.termination,
        ):
            if produced.exists():
                shutil.move(str(produced), str(target / produced.name))
