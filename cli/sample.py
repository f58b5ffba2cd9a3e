"""`millrace sample`: bundled data, made here."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def sample() -> None:
    """Make bundled data."""


@sample.command()
@click.option("--rows", default=15_000, show_default=True, help="How many trips.")
@click.option("--seed", default=0, show_default=True, help="The same seed, the same trips.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".millrace/sample/taxi"),
    show_default=True,
    help="The folder to write data.csv to.",
)
@click.option("--overwrite", is_flag=True, help="Replace a data.csv that is there.")
def taxi(rows: int, seed: int, output: Path, overwrite: bool) -> None:
    """Make Chicago taxi trips: the columns, types and gaps of the city's records.

    No trip is real. The label of configs/taxi.yaml, tips > 0.2 * fare, can be learnt
    from them about as well as from real ones.
    """
    from pipeline.sample.taxi import write_sample

    path = write_sample(output, rows, seed, overwrite=overwrite)
    click.echo(f"{rows:,} trips in {path} ({path.stat().st_size / 1e6:,.1f} MB)")
