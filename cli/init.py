"""``millrace init``: a table becomes a configuration, a schema and a test."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options import json_option
from cli.printing import console, print_json

if TYPE_CHECKING:
    from onboarding.initiation import Initiation
    from onboarding.model import Request


def _names(
    context: click.Context, parameter: click.Parameter, value: Any
) -> tuple[str, ...] | None:
    """Names between commas; a name that holds one stands in double quotes."""
    import csv

    if value is None:
        return None
    return tuple(name.strip() for name in next(csv.reader([value], skipinitialspace=True)))


@click.command()
@click.option(
    "--data",
    required=True,
    metavar="PATH",
    help="A file, a folder or a glob pattern: CSV, Parquet, JSON lines, Avro or TFRecord.",
)
@click.option(
    "--label",
    required=True,
    metavar="LABEL",
    help="What to predict: a column, or an expression such as 'tips > 0.2 * fare'.",
)
@click.option(
    "--name", metavar="NAME", help="The pipeline's name; default: made of the data's path."
)
@click.option(
    "--task",
    type=click.Choice(["binary", "multiclass", "regression"]),
    help="Default: what the label's values say.",
)
@click.option(
    "--key",
    metavar="COLUMN",
    help="Rows with the same value stay together in train or in eval, such as a customer's.",
)
@click.option("--time", metavar="COLUMN", help="Train on the older rows, judge on the newer.")
@click.option(
    "--columns",
    "column_names",
    metavar="A,B,C",
    callback=_names,
    help="The names of the columns of CSV files without a header line.",
)
@click.option("--keep", multiple=True, metavar="COLUMN", help="Make it a feature. Repeatable.")
@click.option("--drop", multiple=True, metavar="COLUMN", help="Make it none. Repeatable.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    metavar="FOLDER",
    help="The project folder; files go to configs/, schema/ and tests/ in it.",
)
@click.option("--force", is_flag=True, help="Replace files that exist.")
@json_option
def init(
    data: str,
    label: str,
    name: str | None,
    task: Any,
    key: str | None,
    time: str | None,
    column_names: tuple[str, ...] | None,
    keep: tuple[str, ...],
    drop: tuple[str, ...],
    output: Path,
    force: bool,
    as_json: bool,
) -> None:
    """Look at a table and write what is needed to train on it.

    Finds out what each column is, what the task is, how to split, what gives the label
    away, and what plain models reach. Writes a configuration in which every guess says
    why, a schema, and a test of both. Asks nothing, and replaces nothing without --force.

    \b
    Examples:
      millrace init --data trips.csv --label 'tips > 0.2 * fare'
      millrace init --data houses/ --label price --task regression --time sold_on
      millrace init --data adult.data --columns age,work,income --label income
      millrace init --data orders.parquet --label returned --key customer --drop comment

    Then `millrace run configs/NAME.yaml`.
    """
    from onboarding.file_names import pipeline_name
    from onboarding.initiation import initiate
    from onboarding.model import Request

    request = Request(
        data=data,
        label=label,
        name=pipeline_name(name, data),
        task=task,
        key=key,
        time=time,
        column_names=column_names,
        keep=keep,
        drop=drop,
    )
    done = initiate(request, output, force=force, command=_command(request, name, output))
    if as_json:
        print_json(done.document())
    else:
        _tell(done)


def _command(request: Request, name: str | None, output: Path) -> str:
    """The command as a person would type it again."""
    words = ["millrace", "init", "--data", request.data, "--label", request.label]
    given = {"--name": name, "--task": request.task}
    given |= {"--key": request.key, "--time": request.time}
    for option, value in given.items():
        words += [option, value] if value else []
    if request.column_names:
        words += ["--columns", ",".join(request.column_names)]
    for option, values in (("--keep", request.keep), ("--drop", request.drop)):
        for value in values:
            words += [option, value]
    return shlex.join(words if output == Path(".") else [*words, "--output", str(output)])


def _tell(done: Initiation) -> None:
    from rich.table import Table
    from rich.text import Text

    from cli.proposal_table import column_tables
    from core.files import shown_path
    from onboarding.words import summary_lines

    out = console()
    sample = done.proposal.sample
    files = f"{sample.files:,} files, " if sample.files > 1 else ""
    out.print(f"{sample.path}: {files}{sample.rows:,} rows, {len(done.proposal.columns):,} columns")
    for made in column_tables(done.proposal.columns, out.width):
        out.print()
        out.print(made)
    out.print()
    summary = Table.grid(padding=(0, 2, 0, 0))
    summary.add_column(style="dim", no_wrap=True)
    summary.add_column()
    for name, text in summary_lines(done.proposal, done.measured):
        summary.add_row(name, text)
    for remark in done.proposal.remarks:
        summary.add_row("look at", Text(remark, style="yellow"))
    out.print(summary)
    out.print()
    for path in done.files.all:
        out.print(f"wrote {shown_path(path.absolute())}")
    configuration = shown_path(done.files.configuration.absolute())
    out.print()
    out.print(f"next: millrace run {configuration}", soft_wrap=True)
    out.print(f"      millrace kubeflow compile {configuration}", soft_wrap=True)
