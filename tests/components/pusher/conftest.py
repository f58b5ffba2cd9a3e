"""A model's folder, as the Trainer leaves it, and whoever watches where it is pushed."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest


def make_model(folder: Path, weights: str = "weights") -> Path:
    """A folder like a SavedModel's, large enough that copying it takes a while."""
    (folder / "variables").mkdir(parents=True)
    (folder / "assets").mkdir()
    for name in ("variables/variables.index", "assets/vocabulary", "fingerprint.pb"):
        (folder / name).write_text(weights)
    (folder / "variables" / "variables.data-00000-of-00001").write_text(weights * 100_000)
    (folder / "saved_model.pb").write_text(weights)
    return folder


FILES = {
    "saved_model.pb",
    "fingerprint.pb",
    "variables/variables.index",
    "variables/variables.data-00000-of-00001",
    "assets/vocabulary",
}


def model_files(folder: Path) -> set[str]:
    """The files of a model's folder, without the record of its push."""
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    return found - {"assets.extra/millrace.json"}


@dataclasses.dataclass
class Reader:
    """Looks at a serving folder all the time, as a server does.

    Attributes:
      directory: The folder.
      seen: The newest version at each change.
      broken: What was seen and was not a whole model.
      looks: How often it has looked.
    """

    directory: Path
    seen: list[int] = dataclasses.field(default_factory=list)
    broken: list[str] = dataclasses.field(default_factory=list)
    looks: int = 0

    def __enter__(self) -> Reader:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        last = False
        while not last:
            last = self._ended.is_set()
            self._look()
            self._ended.wait(0.0005)

    def _look(self) -> None:
        self.looks += 1
        if not self.directory.is_dir():
            return
        numbers = sorted(int(p.name) for p in self.directory.iterdir() if p.name.isdigit())
        if not numbers:
            if self.seen:
                self.broken.append("no version")
            return
        newest = self.directory / str(numbers[-1])
        missing = FILES - model_files(newest)
        if missing:
            self.broken.append(f"{newest.name} lacks {sorted(missing)}")
        text = (newest / "saved_model.pb").read_text()
        weights = (newest / "variables" / "variables.data-00000-of-00001").read_text()
        if weights != text * 100_000:
            self.broken.append(f"{newest.name} is not of one piece")
        if not self.seen or self.seen[-1] != numbers[-1]:
            self.seen.append(numbers[-1])


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of a model."""
    return make_model(tmp_path / "model")
