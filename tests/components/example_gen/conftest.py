"""Made tables, and the two passes over them without TFX."""

from __future__ import annotations

import dataclasses
import glob
import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.example_gen.settings import IngestionSettings
from components.example_gen.sources import base_and_pattern, find_files
from components.example_gen.writing.examples import IngestionResult, write_examples
from components.example_gen.writing.planning import IngestionPlan, make_plan


@dataclasses.dataclass(frozen=True)
class Ingested:
    """What one ingestion left behind."""

    uri: str
    plan: IngestionPlan
    result: IngestionResult

    def records(self, split: str) -> list[bytes]:
        """The serialized examples of a split, in the order of its files."""
        found: list[bytes] = []
        for path in sorted(glob.glob(f"{self.uri}/Split-{split}/*")):
            with gzip.open(path) if path.endswith(".gz") else Path(path).open("rb") as stream:
                while head := stream.read(12):
                    (length,) = struct.unpack("<Q", head[:8])
                    found.append(stream.read(length))
                    stream.read(4)
        return found

    def rejects(self) -> list[dict[str, Any]]:
        """The records of the rejects file, none where there is no file."""
        path = Path(self.uri) / "rejects" / "rejects.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


Ingest = Callable[..., Ingested]


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    """Ingests a path with some settings into a new folder."""
    runs = iter(range(1000))

    def run(path: Path, **settings: Any) -> Ingested:
        chosen = IngestionSettings.model_validate(settings)
        uri = tmp_path / f"examples-{next(runs)}"
        files = find_files(*base_and_pattern(path, chosen), chosen)
        weights = chosen.split.splits
        plan = make_plan(files, chosen, list(weights.values()), tmp_path / "scratch")
        result = write_examples(plan, {"all": files}, weights, chosen, str(uri))
        return Ingested(str(uri), plan, result)

    return run


@pytest.fixture
def table() -> str:
    """A hundred rows: a whole number, a float, a text with gaps."""
    rows = [f"{i},{i * 0.5},{f'name {i}' if i % 7 else ''}" for i in range(100)]
    return "id,price,name\n" + "\n".join(rows) + "\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes one file into the folder `data` and returns the folder."""

    def run(content: str | bytes, name: str = "data.csv") -> Path:
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
        return folder

    return run
