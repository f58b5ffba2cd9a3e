"""ExampleGen from a SQLite table against ExampleGen from the same rows in a CSV file.

Run with ``python -m benchmarks.databases --rows 1500000``. The rows are taxi trips,
repeated; both sides write all splits and the Arrow copy. Each side is a process of its
own, whose memory is the largest of its resident set.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.trips import find_trips

SIDES = ("csv", "database")


def main() -> None:
    """Prints rows a second and memory of both sides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_500_000)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps(_ingest(arguments.side, Path(arguments.folder))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, arguments.rows)
        for side in SIDES:
            print(f"{side:10}", _measured(side, folder, arguments.rows), flush=True)


def _measured(side: str, folder: Path, rows: int) -> str:
    command = [sys.executable, "-m", "benchmarks.databases", "--side", side]
    done = subprocess.run(
        [*command, "--folder", str(folder)], check=True, capture_output=True, text=True
    )
    figures = json.loads(done.stdout)
    return (
        f"{figures['seconds']:6.1f} s ({figures['cpu_seconds']:.1f} s CPU)"
        f"  {rows / figures['seconds']:9,.0f} rows/s"
        f"  {figures['megabytes']:6,.0f} MB"
        f"  copy {figures['copy_seconds']:.1f} s, {figures['copy_megabytes']:.0f} MB"
    )


def _write(folder: Path, rows: int) -> None:
    with find_trips(folder / "sample").open(newline="") as stream:
        head, *once = csv.reader(stream)
    repeats = range(-(-rows // len(once)))
    kinds = [_kind([row[i] for row in once]) for i in range(len(head))]
    columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(head, kinds, strict=True))
    connection = sqlite3.connect(folder / "trips.db")
    with connection, (folder / "trips.csv").open("w", newline="") as stream:
        connection.execute(f"CREATE TABLE trips (id INTEGER PRIMARY KEY, {columns})")
        insert = f"INSERT INTO trips VALUES ({', '.join('?' * (len(head) + 1))})"
        writer = csv.writer(stream)
        writer.writerow(["id", *head])
        for repeat in repeats:
            left = rows - repeat * len(once)
            numbered = [(repeat * len(once) + i, *row) for i, row in enumerate(once[:left])]
            writer.writerows(numbered)
            # SQLite turns texts into numbers by the columns' types.
            connection.executemany(insert, [[v if v != "" else None for v in r] for r in numbered])
    connection.close()


def _kind(values: Sequence[str]) -> str:
    for name, convert in (("INTEGER", int), ("REAL", float)):
        try:
            for value in filter(None, values):
                convert(value)
        except ValueError:
            continue
        return name
    return "TEXT"


def _ingest(side: str, folder: Path) -> dict[str, float]:
    from components.example_gen.database.settings import DatabaseSource
    from components.example_gen.database.snapshot import take_snapshot
    from components.example_gen.formats.detection import SourceFile
    from components.example_gen.settings import IngestionSettings
    from components.example_gen.sources import base_and_pattern, find_files
    from components.example_gen.writing.examples import write_examples
    from components.example_gen.writing.planning import make_plan

    settings = IngestionSettings()
    files: Sequence[SourceFile]
    start, cpu = time.perf_counter(), time.process_time()
    if side == "csv":
        files = find_files(*base_and_pattern(folder / "trips.csv"), settings)
    else:
        copy = folder / "copy"
        copy.mkdir()
        source = DatabaseSource(address=f"sqlite:///{folder}/trips.db", table="trips")
        files = take_snapshot(source, settings, copy)
    copied = time.perf_counter() - start
    weights = settings.split.splits
    plan = make_plan(files, settings, list(weights.values()), folder / "times")
    write_examples(plan, {"all": files}, weights, settings, str(folder / f"examples-{side}"))
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "copy_seconds": copied,
        "copy_megabytes": sum(file.size for file in files) / 1e6 if side != "csv" else 0.0,
    }


if __name__ == "__main__":
    main()
