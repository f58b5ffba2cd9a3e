"""One run that many tests look at."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.e2e.command import SMALL, TAXI, Finished, millrace


@dataclasses.dataclass(frozen=True)
class Workplace:
    """A folder with one finished run in it.

    Attributes:
      folder: The working folder; runs are in its ``.millrace``.
      first: The run's process.
    """

    folder: Path
    first: Finished

    @property
    def root(self) -> Path:
        """The folder of the store and of all runs."""
        return self.folder / ".millrace"


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """Runs the bundled taxi pipeline once, small."""
    folder = tmp_path_factory.mktemp("workplace")
    finished = millrace(folder, "run", TAXI, *SMALL, "--json")
    assert finished.code == 0, finished.output + finished.errors
    return Workplace(folder, finished)
