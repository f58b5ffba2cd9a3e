"""Runs Millrace and the stock twin in turns on the same table and prints the figures.

python -m benchmarks.compare --rows 15000,150000,1500000
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks.sides import OURS, STOCK, Job, Run, RunFailedError, run_ours, run_stock
from benchmarks.table import Comparison, markdown
from benchmarks.trips import REPOSITORY, find_trips, repeat_rows
from core import files

SIDES: dict[str, Callable[[Job, Path], Run]] = {STOCK: run_stock, OURS: run_ours}


def parse_rows(text: str) -> tuple[int, ...]:
    """Reads ``15000,150_000``.

    Raises:
      click.BadParameter: If one of them is no positive number.
    """
    try:
        rows = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a list like 15000,150000") from None
    if min(rows) < 1:
        raise click.BadParameter("a table has at least one row")
    return rows


def turns(repeat: int, sides: tuple[str, ...]) -> list[str]:
    """The order of the runs: each side once per repetition, who begins changing each time."""
    order: list[str] = []
    for repetition in range(repeat):
        order += sides if repetition % 2 == 0 else tuple(reversed(sides))
    return order


def compare(
    job: Job, rows: int, *, repeat: int, sides: tuple[str, ...], scratch: Path, keep: bool
) -> Comparison:
    """Runs every side on one table, each time in a folder of its own."""
    runs: dict[str, list[Run]] = {side: [] for side in sides}
    for number, side in enumerate(turns(repeat, sides)):
        root = scratch / f"{rows}-{number}-{side}"
        click.echo(f"{rows:,} rows: {side} ...", err=True)
        run = SIDES[side](job, root)
        click.echo(
            f"{rows:,} rows: {side} took {run.measurement.wall_seconds:.1f} s, "
            f"{run.measurement.cpu_seconds:.1f} s of processor time",
            err=True,
        )
        runs[side].append(run)
        if not keep:
            shutil.rmtree(root)
    return Comparison(rows, runs)


def as_document(comparisons: list[Comparison]) -> dict:
    """All figures of all runs, as JSON has them."""
    return {
        "machine": machine(),
        "comparisons": [
            {
                "rows": comparison.rows,
                "runs": {
                    side: [dataclasses.asdict(run) for run in runs]
                    for side, runs in comparison.runs.items()
                },
            }
            for comparison in comparisons
        ],
    }


def machine() -> str:
    """The machine in a line."""
    import psutil

    cores, memory = len(os.sched_getaffinity(0)), psutil.virtual_memory().total / 2**30
    return f"{cores} cores, {memory:.0f} GiB, Python {platform.python_version()}"


@click.command()
@click.option("--rows", default="15000,150000,1500000", show_default=True, help="Table sizes.")
@click.option("--repeat", default=1, show_default=True, help="Runs of each side; medians count.")
@click.option(
    "--config",
    default=REPOSITORY / "configs" / "taxi.yaml",
    type=click.Path(path_type=Path, exists=True),
    help="What both sides do.",
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="For both sides.")
@click.option("--only", type=click.Choice(list(SIDES)), help="Run one side alone.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the Markdown here too.")
@click.option(
    "--json", "json_output", type=click.Path(path_type=Path), help="Write all figures here as JSON."
)
@click.option(
    "--scratch",
    type=click.Path(path_type=Path),
    help="Folder for tables and runs; a temporary one that is removed, by default.",
)
def main(
    rows: str,
    repeat: int,
    config: Path,
    assignments: tuple[str, ...],
    only: str | None,
    output: Path | None,
    json_output: Path | None,
    scratch: Path | None,
) -> None:
    """Compare Millrace with stock TFX."""
    sizes = parse_rows(rows)
    folder = scratch or Path(tempfile.mkdtemp(prefix="millrace-bench-"))
    sides = (only,) if only else tuple(SIDES)
    comparisons = []
    try:
        trips = find_trips(folder)
        for size in sizes:
            table = repeat_rows(trips, size, folder / "tables" / str(size) / "data.csv")
            job = Job(config.absolute(), table.parent.absolute(), assignments)
            comparisons.append(
                compare(
                    job,
                    size,
                    repeat=repeat,
                    sides=sides,
                    scratch=folder.absolute(),
                    keep=scratch is not None,
                )
            )
            # A long comparison that is stopped leaves the figures it has.
            text = f"{machine()}\n\n{markdown(comparisons)}"
            if output:
                files.write_text(output, text)
            if json_output:
                files.write_text(json_output, json.dumps(as_document(comparisons), indent=2))
    except RunFailedError as error:
        raise click.ClickException(str(error)) from error
    finally:
        if scratch is None:
            shutil.rmtree(folder, ignore_errors=True)
    click.echo(text)


if __name__ == "__main__":
    main()
