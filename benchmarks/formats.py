"""Ingestion of one table in every format: rows a second, processor time, memory.

    python -m benchmarks.formats [--rows 1500000] [--scratch DIR]

The table is the real taxi trips (made ones where there are none), repeated. Each format is
planned and written as an Examples artifact by a process of its own.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.trips import find_trips, repeat_rows

_FORMATS = ("csv", "parquet", "jsonl", "avro", "tfrecord")
_WEIGHTS = {"train": 2, "eval": 1}
_MIB = 2**20


def main() -> None:
    """Writes the table in every format, reads each, and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_500_000)
    parser.add_argument("--scratch", type=Path, help="Where tables are made; kept if given.")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        sys.stdout.write(json.dumps(_ingest(arguments.measure)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        scratch = arguments.scratch or Path(temporary)
        tables = _make_tables(arguments.rows, scratch)
        lines = [
            "| format | file | wall | rows/s | processor | peak memory |",
            "|---|---|---|---|---|---|",
        ]
        for name, folder in tables.items():
            command = [sys.executable, "-m", "benchmarks.formats", "--measure", str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            lines.append(
                f"| {name} | {found['file_bytes'] / _MIB:.0f} MiB | {found['wall']:.1f} s "
                f"| {arguments.rows / found['wall']:,.0f} | {found['processor']:.1f} s "
                f"| {found['peak_bytes'] / _MIB:.0f} MiB |"
            )
        sys.stdout.write("\n".join(lines) + "\n")


def _make_tables(rows: int, scratch: Path) -> dict[str, Path]:
    """One folder for each format, with the same table."""
    folders = {name: scratch / "formats" / str(rows) / name for name in _FORMATS}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    trips = find_trips(scratch)
    repeat_rows(trips, rows, folders["csv"] / "data.csv")
    if not any(folders["tfrecord"].iterdir()):
        _write_typed(trips, rows, folders)
        _write_tfrecords(folders)
    return folders


def _write_typed(trips: Path, rows: int, folders: dict[str, Path]) -> None:
    import fastavro
    import pyarrow as pa
    import pyarrow.csv as arrow_csv
    import pyarrow.parquet as pq

    table = arrow_csv.read_csv(trips)
    whole = pa.concat_tables([table] * -(-rows // table.num_rows)).slice(0, rows)
    pq.write_table(whole, folders["parquet"] / "data.parquet")
    kinds = {field.name: _python_type(field.type) for field in table.schema}
    with trips.open() as lines:
        typed = [
            {name: kinds[name](text) if text else None for name, text in row.items()}
            for row in csv.DictReader(lines)
        ]

    def repeated() -> Iterator[dict[str, Any]]:
        return itertools.islice(itertools.cycle(typed), rows)

    with (folders["jsonl"] / "data.jsonl").open("w") as out:
        out.writelines(json.dumps(row) + "\n" for row in repeated())
    names = {int: "long", float: "double", str: "string"}
    fields = [{"name": n, "type": ["null", names[kind]]} for n, kind in kinds.items()]
    schema = {"type": "record", "name": "Trip", "fields": fields}
    with (folders["avro"] / "data.avro").open("wb") as stream:
        fastavro.writer(stream, schema, repeated(), codec="deflate", sync_interval=64_000)


def _python_type(kind: Any) -> type:
    from pyarrow import types

    if types.is_integer(kind):
        return int
    return float if types.is_floating(kind) else str


def _write_tfrecords(folders: dict[str, Path]) -> None:
    """The CSV table's own examples, gzip."""
    with tempfile.TemporaryDirectory(dir=folders["tfrecord"].parent) as uri:
        _write(folders["csv"], Path(uri))
        for path in sorted(Path(uri).glob("Split-*/*")):
            path.rename(folders["tfrecord"] / f"{path.parent.name}-{path.name}")


def _ingest(folder: Path) -> dict[str, float]:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder.parent) as uri:
        _write(folder, Path(uri))
    wall = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall": wall,
        "processor": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "file_bytes": sum(path.stat().st_size for path in folder.iterdir()),
    }


def _write(folder: Path, uri: Path) -> None:
    from components.example_gen.settings import IngestionSettings
    from components.example_gen.sources import base_and_pattern, find_files
    from components.example_gen.writing.examples import write_examples
    from components.example_gen.writing.planning import make_plan

    settings = IngestionSettings()
    files = find_files(*base_and_pattern(folder, settings), settings)
    plan = make_plan(files, settings, list(_WEIGHTS.values()), uri / "times")
    write_examples(plan, {"all": files}, _WEIGHTS, settings, str(uri))


if __name__ == "__main__":
    main()
