"""From a raw table to a pushed model: `python -m benchmarks.own_table [--data FILE --label L]`.

Runs `millrace init` and `millrace run`, nothing else, in an empty folder and prints the
seconds of each step. Without --data a table of 30 thousand rows is made: numbers,
categories, a date, gaps, an identifier.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benchmarks.sides import ENVIRONMENT, RunFailedError

_ROWS = 30_000
_LABEL = "weight"


def write_table(path: Path, rows: int = _ROWS, seed: int = 0) -> None:
    """Makes a table of parcels: the weight follows from size, kind and season.

    Args:
      path: The CSV file.
      rows: How many rows.
      seed: Seed.
    """
    chance = random.Random(seed)
    shops = [f"shop {number}" for number in range(40)]
    with path.open("w", encoding="utf-8") as stream:
        stream.write("parcel,length,width,kind,shop,fragile,sent,weight\n")
        for row in range(rows):
            length, width = chance.uniform(5, 120), chance.uniform(5, 80)
            kind = chance.choice(["book", "cloth", "tool", "food"])
            month = chance.randrange(1, 13)
            heavy = {"book": 2.0, "cloth": 0.5, "tool": 3.0, "food": 1.0}[kind]
            weight = heavy * length * width / 1000 + (month > 10) + chance.gauss(0, 0.7)
            length_text = "" if chance.random() < 0.03 else f"{length:.1f}"
            stream.write(
                f"P{row:08d},{length_text},{width:.1f},{kind},{chance.choice(shops)},"
                f"{chance.choice(['yes', 'no'])},2024-{month:02d}-{chance.randrange(1, 29):02d},"
                f"{weight:.3f}\n"
            )


def millrace(folder: Path, *words: str) -> tuple[str, float]:
    """Runs a command in a folder.

    Returns:
      What it printed, and the seconds that it took.

    Raises:
      RunFailedError: If it fails.
    """
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *words, "--json"],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RunFailedError(f"{done.stdout[-2_000:]}\n{done.stderr[-2_000:]}")
    return done.stdout, time.monotonic() - begin


def _nodes(events: list[dict[str, Any]]) -> dict[str, float]:
    return {
        event["node"]: float(event["seconds"]) for event in events if event["event"] == "node_ended"
    }


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True))
@click.option("--label", default=_LABEL, show_default=True)
def main(data: Path | None, label: str) -> None:
    """Print the seconds from a raw table to a pushed model."""
    with tempfile.TemporaryDirectory(prefix="own-table") as name:
        folder = Path(name)
        table = data.resolve() if data is not None else folder / "parcels.csv"
        if data is None:
            write_table(table)
        try:
            told, init_seconds = millrace(folder, "init", "--data", str(table), "--label", label)
            proposal = json.loads(told)
            lines, run_seconds = millrace(folder, "run", proposal["files"][0])
        except RunFailedError as error:
            sys.exit(str(error))
    events = [json.loads(line) for line in lines.splitlines()]
    print(f"{proposal['data']['rows']:,} rows, {len(proposal['columns'])} columns")
    print("| step | seconds |\n|---|---|")
    print(f"| init | {init_seconds:.1f} |")
    for node, seconds in _nodes(events).items():
        print(f"| {node} | {seconds:.1f} |")
    print(f"| run, all of it | {run_seconds:.1f} |")
    print(f"| **init to pushed** | **{init_seconds + run_seconds:.1f}** |")


if __name__ == "__main__":
    main()
