"""``millrace data describe``: what a table, or the data of a run, are like."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options import json_option, root_option
from cli.printing import console, print_json
from core.errors import UserError

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import statistics_pb2

    from components.example_gen.settings import IngestionSettings

# Above this, statistics of a random part say the same and take less time and memory.
_MOST_ROWS = 1_000_000
_PATTERN = re.compile(r"[/\\*?\[{.]")
# What a table that is not split yet is called where a split's name stands.
_WHOLE = "all"


@dataclasses.dataclass(frozen=True)
class Described:
    """Statistics and what they are of.

    Attributes:
      source: The path, or the run.
      splits: TFDV's statistics by split.
      rows: How many rows there are in all, looked at or not.
      span: The span in words, empty where there is none.
    """

    source: str
    splits: Mapping[str, statistics_pb2.DatasetFeatureStatistics]
    rows: int
    span: str = ""

    @property
    def sampled(self) -> int | None:
        """How many rows were looked at, None where all were."""
        looked_at = sum(int(split.num_examples) for split in self.splits.values())
        return looked_at if looked_at < self.rows else None

    @property
    def words(self) -> str:
        """How many rows were looked at, in words."""
        text = f"{self.rows:,} rows"
        if self.sampled is not None:
            text += f", statistics of {self.sampled:,} of them, chosen at random"
        return f"{self.span}, {text}" if self.span else text


@click.command()
@click.argument("source", metavar="PATH|CONFIG|RUN")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a page with a histogram of every feature; it needs no network.",
)
@click.option("--span", type=click.IntRange(min=0), help="The span to describe, not the newest.")
@click.option(
    "--most-rows",
    type=click.IntRange(min=1),
    default=_MOST_ROWS,
    show_default=True,
    help="Of a larger table, look at so many rows, chosen at random.",
)
@click.option(
    "--config",
    "configuration",
    type=click.Path(path_type=Path),
    metavar="CONFIG",
    help="A configuration that says how PATH is read.",
)
@root_option
@json_option
def describe(
    source: str,
    html: Path | None,
    span: int | None,
    most_rows: int,
    configuration: Path | None,
    root: Path,
    as_json: bool,
) -> None:
    """Print statistics of data, a line for each column.

    PATH is a file, a folder or a pattern, in which {SPAN} and {VERSION} may stand: the
    newest span is described, or the one that --span names. CONFIG is a configuration
    whose data are meant; RUN the id of a run (or `latest`) whose examples are meant, each
    split for itself.

    \b
    present  rows that have a value
    zeros    share of the values that are 0
    unique   number of different texts

    \b
    Examples:
      millrace data describe trips.csv
      millrace data describe configs/taxi.yaml --html data.html
      millrace data describe 'trips/span-{SPAN}/*.csv' --span 7
      millrace data describe latest --json
    """
    from report.statistics import compare

    found = _described(source, span, most_rows, configuration, root)
    statistics = compare(found.splits)
    if html is not None:
        _write_page(html, found, statistics)
    if as_json:
        print_json(_document(found, statistics, html))
        return
    from cli.statistics_tables import tables

    out = console()
    out.print(f"{found.source}: {found.words}, {len(statistics.features)} columns")
    for made in tables(statistics, out.width):
        out.print()
        out.print(made)
    if html is not None:
        out.print()
        out.print(f"page: {html}")


def _described(
    source: str, span: int | None, most_rows: int, configuration: Path | None, root: Path
) -> Described:
    if Path(source).suffix in (".yaml", ".yml"):
        if configuration is not None:
            raise UserError(
                "a configuration says itself how its data are read",
                hint="leave --config out",
                code="two-configurations",
            )
        return _of_configuration(Path(source), span, most_rows, root)
    if Path(source).exists() or _PATTERN.search(source):
        settings = None if configuration is None else _settings(configuration)
        return _of_table(source, settings, span, most_rows)
    if span is not None or configuration is not None:
        raise UserError(
            f"there is no file {source!r}, and a run has its own span and configuration",
            hint="name a path, or leave --span and --config out",
            code="no-data",
        )
    return _of_run(source, root)


def _of_table(
    path: str, settings: IngestionSettings | None, span: int | None, most_rows: int
) -> Described:
    from components.example_gen.bigquery import is_bigquery
    from components.example_gen.database_address import is_database
    from pipeline.curation.table_statistics import sampled_statistics

    if is_database(path) or is_bigquery(path):
        # The address is not repeated: it may hold a password.
        raise UserError(
            "the data are in a database, and only files are read here",
            hint="run as far as the data gate, `millrace run CONFIG --to DataGate`, and"
            " describe that run: `millrace data describe latest`",
            code="database-not-described",
        )
    found = sampled_statistics(path, settings, span=span, most_rows=most_rows)
    words = "" if found.span is None else found.span.describe()
    return Described(path, {_WHOLE: found.statistics}, found.rows, words)


def _of_configuration(path: Path, span: int | None, most_rows: int, root: Path) -> Described:
    from pipeline.configuration.loading import load
    from pipeline.definition import Locations
    from pipeline.start import project_folder, with_sample

    configuration = load(path).configuration
    if configuration.data.path is None:
        configuration = with_sample(configuration, root)
    data = configuration.data
    assert data.path is not None
    place = Locations(root=root, project=project_folder(path)).in_project(data.path)
    return _of_table(place, data.ingestion, data.span if span is None else span, most_rows)


def _settings(configuration: Path) -> IngestionSettings:
    from pipeline.configuration.loading import load

    return load(configuration).configuration.data.ingestion


def _of_run(name: str, root: Path) -> Described:
    from metadata.run_folder import RunFolder
    from pipeline.curation.observations import read_run_statistics

    try:
        run_id = RunFolder(root).find(name)
    except UserError as error:
        raise UserError(
            f"there is no file, configuration or run {name!r}",
            evidence=[error.headline],
            hint=error.hint,
            code="no-data",
        ) from None
    splits = read_run_statistics(root, run_id)
    ordered = {split: splits[split] for split in sorted(splits, key=lambda s: (s != "train", s))}
    return Described(f"run {run_id}", ordered, sum(int(s.num_examples) for s in splits.values()))


def _write_page(path: Path, found: Described, statistics: Any) -> None:
    from core.files import write_text
    from report.render import page
    from report.sections import data

    text = page(
        Path(found.source).name or found.source,
        subheading=found.words,
        top=data.fragment(statistics),
        footer=f"{found.source}: {found.words}. This file needs no network.",
    )
    try:
        write_text(path, text)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror}",
            hint="name another file",
            code="unwritable-file",
        ) from error


def _document(found: Described, statistics: Any, html: Path | None) -> dict[str, Any]:
    return {
        "source": found.source,
        "span": found.span or None,
        "rows": found.rows,
        "sampled_rows": found.sampled,
        "html": None if html is None else str(html),
        "splits": dict(statistics.rows),
        "features": list(statistics.features),
    }
