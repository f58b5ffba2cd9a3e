"""The table of process starts: medians, ratios and what was imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.entrypoint import STOCK, Start, markdown, start
from benchmarks.measurement import Measurement


def started(cpu: float, *libraries: str) -> Start:
    return Start(Measurement(cpu + 1, cpu, 50 * 2**20, 0), libraries)


def test_the_table_has_medians_and_ratios() -> None:
    table = markdown(
        {
            STOCK: [started(9, "tensorflow"), started(10, "tensorflow"), started(30, "tensorflow")],
            "Pusher": [started(0.5)],
        }
    )

    assert table.splitlines()[2:] == [
        "| stock | 10.00 |  | 11.00 | 50 | tensorflow |",
        "| Pusher | 0.50 | 20.0 | 1.50 | 50 | none of the large ones |",
    ]


def test_a_start_that_fails_shows_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="--node is missing"):
        start(["ours"], tmp_path / "log")
